import pytest

from schemas.event import Event
from schemas.notification import NotificationDelivered
from services.kernel.reaction import Order
from services.reporting.commands import Command, NoteCase, NoteDelivery, NoteLetter, NoteWithdrawal
from services.reporting.policy import react
from tests.situations import (
    COMPLETE,
    FILED,
    FILED_WITHOUT_IDENTITY,
    ISSUED,
    LETTER_DELIVERED,
    LETTER_NUMBER,
    RECEIPT_NOTICE,
    RECEIVED,
    WITHDRAWN,
    stream_of,
)
from tests.specification import policy, recorded

hearing = policy(react)


@pytest.mark.parametrize(
    ("service", "event", "name", "command"),
    [
        ("intake", FILED, "note_the_case_when_a_complaint_is_filed", NoteCase(no_identity=False)),
        ("intake", FILED_WITHOUT_IDENTITY, "note_the_case_when_a_complaint_is_filed", NoteCase(no_identity=True)),
        (
            "routing",
            ISSUED,
            "note_the_letter_when_a_recommendation_is_issued",
            NoteLetter(letter_number=LETTER_NUMBER),
        ),
        (
            "notification",
            LETTER_DELIVERED,
            "note_the_delivery_when_a_letter_is_delivered",
            NoteDelivery(received=False),
        ),
        ("notification", RECEIVED, "note_the_delivery_when_a_letter_is_received", NoteDelivery(received=True)),
        ("intake", WITHDRAWN, "note_the_withdrawal_when_a_complaint_is_withdrawn", NoteWithdrawal()),
    ],
)
def test_what_step_13_must_know_is_noted(service: str, event: Event, name: str, command: Command) -> None:
    hearing(recorded(event, stream_of(service))).then(
        Order(policy=name, stream=stream_of("reporting"), command=command)
    )


def test_a_delivered_receipt_is_not_a_delivered_letter() -> None:
    receipt = NotificationDelivered(notification=RECEIPT_NOTICE, kind="receipt", attempt=1)
    hearing(recorded(receipt, stream_of("notification"))).then_nothing()
    hearing(recorded(COMPLETE, stream_of("intake"))).then_nothing()
