from schemas.intake import ReceiptIssued
from services.kernel.reaction import Order
from services.notification.commands import NoteContact, RequestNotification
from services.notification.policy import react
from tests.situations import (
    CODE_HASH,
    COMPLETE,
    FILED,
    FILED_WITHOUT_IDENTITY,
    ISSUED,
    LETTER_NOTICE,
    LETTER_TO_SEND,
    NUMBER,
    RECEIPT,
    RECEIPT_INCOMPLETE,
    RECEIPT_NOTICE,
    RECEIPT_TO_SEND,
    sealed,
    stream_of,
)
from tests.specification import policy, recorded

hearing = policy(react)


def test_a_filed_complaint_says_how_its_complainant_is_reached() -> None:
    note = NoteContact(
        complainant=sealed("complainant"),
        no_identity=False,
        contacts=("email", "telephone"),
        tracking_hash=CODE_HASH,
    )
    hearing(recorded(FILED, stream_of("intake"))).then(
        Order(policy="note_the_contact_when_a_complaint_is_filed", stream=stream_of("notification"), command=note)
    )
    nobody = NoteContact(complainant=None, no_identity=True, contacts=(), tracking_hash=CODE_HASH)
    hearing(recorded(FILED_WITHOUT_IDENTITY, stream_of("intake"))).then(
        Order(policy="note_the_contact_when_a_complaint_is_filed", stream=stream_of("notification"), command=nobody)
    )


def test_a_receipt_is_told() -> None:
    tell = RequestNotification(
        notification=RECEIPT_NOTICE,
        kind="receipt",
        template="receipt",
        template_version=1,
        variables=RECEIPT_TO_SEND.variables,
    )
    hearing(recorded(RECEIPT, stream_of("intake"))).then(
        Order(policy="tell_the_complainant_when_a_receipt_is_issued", stream=stream_of("notification"), command=tell)
    )


def test_a_receipt_given_again_is_another_notification() -> None:
    again = ReceiptIssued(number=NUMBER, edition=2, complete=True)
    first, second = (react(recorded(event, stream_of("intake")))[0].command for event in (RECEIPT_INCOMPLETE, again))
    assert (first.notification, second.notification) == (RECEIPT_NOTICE, f"{RECEIPT_NOTICE}-2")
    assert first.variables == {"number": NUMBER, "complete": "no", "missing": "evidence"}


def test_a_letter_is_sent_with_its_text_unopened() -> None:
    send = RequestNotification(
        notification=LETTER_NOTICE,
        kind="recommendation",
        template="recommendation",
        template_version=1,
        variables=LETTER_TO_SEND.variables,
        body=ISSUED.body,
    )
    hearing(recorded(ISSUED, stream_of("routing"))).then(
        Order(policy="send_the_letter_when_a_recommendation_is_issued", stream=stream_of("notification"), command=send)
    )


def test_other_facts_oblige_notification_to_nothing() -> None:
    hearing(recorded(COMPLETE, stream_of("intake"))).then_nothing()
