from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from schemas.notification import (
    ContactNoted,
    NotificationAttempted,
    NotificationDelivered,
    NotificationEvent,
    NotificationFailed,
    NotificationRequested,
    RecommendationReceived,
)
from services.kernel.refusal import NotFound
from services.notification.commands import (
    AcknowledgeReceipt,
    AttemptDelivery,
    Command,
    NoteContact,
    ReportDelivered,
    ReportFailed,
    RequestNotification,
)
from services.notification.domain import refusals as no
from services.notification.domain.correspondence import notification
from services.notification.domain.state import LAST_ATTEMPT, SILENCE, WAITS, next_attempt_at
from tests.situations import (
    CODE_HASH,
    CONTACT,
    ISSUED,
    LETTER_NOTICE,
    LETTER_TO_SEND,
    NO_CONTACT,
    RECEIPT_FAILED,
    RECEIPT_NOTICE,
    RECEIPT_TO_SEND,
    RECEIVED,
    WRONG_HASH,
    attempted,
    sealed,
)
from tests.specification import EIGHT_O_CLOCK, lived, specification

given = specification(notification)

NOTE = NoteContact(
    complainant=sealed("complainant"),
    no_identity=False,
    contacts=("email", "telephone"),
    tracking_hash=CODE_HASH,
)
NOTE_NOBODY = NoteContact(complainant=None, no_identity=True, contacts=(), tracking_hash=CODE_HASH)
TELL = RequestNotification(
    notification=RECEIPT_NOTICE,
    kind="receipt",
    template="receipt",
    template_version=1,
    variables=RECEIPT_TO_SEND.variables,
)
SEND = RequestNotification(
    notification=LETTER_NOTICE,
    kind="recommendation",
    template="recommendation",
    template_version=1,
    variables=LETTER_TO_SEND.variables,
    body=ISSUED.body,
)
DELIVERED = NotificationDelivered(notification=RECEIPT_NOTICE, kind="receipt", attempt=1)
ACKNOWLEDGE = AcknowledgeReceipt(tracking_hash=CODE_HASH, receiver="complainant")
TO_SEND = (CONTACT, RECEIPT_TO_SEND)
SENDING = (*TO_SEND, attempted(RECEIPT_NOTICE, 1))
SILENT_THEN_AGAIN = (*SENDING, attempted(RECEIPT_NOTICE, 2, possible_double=True))
SECOND_FAILED = NotificationFailed(
    notification=RECEIPT_NOTICE, kind="receipt", attempt=2, reason="mailbox_busy", permanent=False
)


def attempt(n: int, *, possible_double: bool = False) -> AttemptDelivery:
    return AttemptDelivery(notification=RECEIPT_NOTICE, attempt=n, possible_double=possible_double)


def delivered(n: int) -> ReportDelivered:
    return ReportDelivered(notification=RECEIPT_NOTICE, attempt=n)


def failed(n: int, *, permanent: bool = False) -> ReportFailed:
    return ReportFailed(notification=RECEIPT_NOTICE, attempt=n, reason="mailbox_busy", permanent=permanent)


def test_a_contact_is_noted_once() -> None:
    given().when(NOTE).then(CONTACT)
    given(CONTACT).when(NOTE).then_nothing()
    given().when(NOTE_NOBODY).then(NO_CONTACT)


def test_what_there_is_to_tell_is_requested_once_with_or_without_a_contact() -> None:
    given().when(TELL).then(RECEIPT_TO_SEND)
    given(NO_CONTACT).when(TELL).then(RECEIPT_TO_SEND)
    given(RECEIPT_TO_SEND).when(TELL).then_nothing()
    given(RECEIPT_TO_SEND).when(SEND).then(LETTER_TO_SEND)


def test_one_sender_is_elected() -> None:
    given(*TO_SEND).when(attempt(1)).then(attempted(RECEIPT_NOTICE, 1))
    given(*SENDING).when(attempt(1)).then_nothing()
    given(*SENDING).when(attempt(2)).then_nothing()
    given(*TO_SEND).when(attempt(2)).then_nothing()


def test_an_attempt_after_silence_is_marked_as_a_possible_double() -> None:
    second = attempted(RECEIPT_NOTICE, 2, possible_double=True)
    given(*SENDING).when(attempt(2, possible_double=True)).then(second)
    third = attempted(RECEIPT_NOTICE, 3, possible_double=True)
    given(*SILENT_THEN_AGAIN, SECOND_FAILED).when(attempt(3)).then(third)


def test_who_cannot_be_reached_by_email_is_not_written_to() -> None:
    given(NO_CONTACT, RECEIPT_TO_SEND).when(attempt(1)).then_nothing()
    given(RECEIPT_TO_SEND).when(attempt(1)).then_nothing()


def test_a_contact_known_late_changes_nothing_in_the_end() -> None:
    given(RECEIPT_TO_SEND, CONTACT).when(attempt(1)).then(attempted(RECEIPT_NOTICE, 1))
    assert notification.fold([RECEIPT_TO_SEND, CONTACT]) == notification.fold([CONTACT, RECEIPT_TO_SEND])


def test_a_delivery_is_reported_once_and_ends_the_matter() -> None:
    given(*SENDING).when(delivered(1)).then(DELIVERED)
    given(*SENDING, DELIVERED).when(delivered(1)).then_nothing()
    given(*SENDING, DELIVERED).when(failed(1)).then_nothing()
    given(*SENDING, DELIVERED).when(attempt(2)).then_nothing()


def test_a_failure_leads_to_another_attempt() -> None:
    given(*SENDING).when(failed(1)).then(RECEIPT_FAILED)
    given(*SENDING, RECEIPT_FAILED).when(failed(1)).then_nothing()
    given(*SENDING, RECEIPT_FAILED).when(attempt(2)).then(attempted(RECEIPT_NOTICE, 2))
    given(*SENDING, RECEIPT_FAILED).when(delivered(1)).then_refused(no.AlreadyReported)


def test_a_permanent_failure_leads_to_none() -> None:
    hopeless = NotificationFailed(
        notification=RECEIPT_NOTICE, kind="receipt", attempt=1, reason="no_such_mailbox", permanent=True
    )
    given(*SENDING, hopeless).when(attempt(2)).then_nothing()


def test_a_late_report_of_a_silent_attempt_still_counts_as_delivery() -> None:
    given(*SILENT_THEN_AGAIN).when(delivered(1)).then(DELIVERED)
    given(*SILENT_THEN_AGAIN).when(failed(1)).then_nothing()
    second_failed = NotificationFailed(
        notification=RECEIPT_NOTICE, kind="receipt", attempt=2, reason="mailbox_busy", permanent=True
    )
    given(*SILENT_THEN_AGAIN, second_failed).when(delivered(1)).then(DELIVERED)


def test_a_reported_failure_is_not_a_delivery_however_doubtful_the_one_before() -> None:
    given(*SILENT_THEN_AGAIN, SECOND_FAILED).when(delivered(2)).then_refused(no.AlreadyReported)


def test_after_the_last_attempt_nobody_tries_again() -> None:
    silent = [attempted(RECEIPT_NOTICE, n, possible_double=n > 1) for n in range(1, LAST_ATTEMPT + 1)]
    given(*TO_SEND, *silent).when(attempt(LAST_ATTEMPT + 1, possible_double=True)).then_nothing()


def test_only_what_was_tried_is_reported() -> None:
    given(*TO_SEND).when(delivered(1)).then_refused(no.AttemptUnknown)
    given(*SENDING).when(failed(2)).then_refused(no.AttemptUnknown)
    given(CONTACT).when(delivered(1)).then_refused(no.NotificationUnknown)
    given(CONTACT).when(attempt(1)).then_refused(no.NotificationUnknown)


def test_the_letter_is_acknowledged_once() -> None:
    given(CONTACT, LETTER_TO_SEND).when(ACKNOWLEDGE).then(RECEIVED)
    given(CONTACT, LETTER_TO_SEND, RECEIVED).when(ACKNOWLEDGE).then_nothing()
    other = AcknowledgeReceipt(tracking_hash=None, receiver="other", receiver_name=sealed("neighbour"))
    given(CONTACT, LETTER_TO_SEND, RECEIVED).when(other).then_refused(no.AlreadyReceived)


def test_staf_record_a_receipt_signed_earlier() -> None:
    earlier = EIGHT_O_CLOCK - timedelta(days=1)
    on_paper = AcknowledgeReceipt(
        tracking_hash=None, receiver="proxy", receiver_name=sealed("proxy"), received_at=earlier
    )
    given(LETTER_TO_SEND).when(on_paper).then(
        RecommendationReceived(
            receiver="proxy", receiver_name=sealed("proxy"), proof="signed_statement", received_at=earlier
        )
    )


@pytest.mark.parametrize(
    ("history", "wish", "refusal"),
    [
        ((CONTACT, RECEIPT_TO_SEND), {}, no.LetterNotYetIssued),
        ((CONTACT, LETTER_TO_SEND), {"tracking_hash": WRONG_HASH}, no.TrackingCodeWrong),
        ((LETTER_TO_SEND,), {}, NotFound),
        ((CONTACT, LETTER_TO_SEND), {"receiver": "other"}, no.ReceiverUnnamed),
    ],
)
def test_a_letter_is_acknowledged_by_one_who_has_it(
    history: tuple[NotificationEvent, ...], wish: dict[str, Any], refusal: Any
) -> None:
    wish = {"tracking_hash": CODE_HASH, "receiver": "complainant", **wish}
    given(*history).when(AcknowledgeReceipt(**wish)).then_refused(refusal)


def test_waits_grow_and_end() -> None:
    failures = [next_attempt_at(n, EIGHT_O_CLOCK, reported=True) for n in range(1, LAST_ATTEMPT + 1)]
    assert failures == [*(EIGHT_O_CLOCK + wait for wait in WAITS), None]
    assert list(WAITS) == sorted(WAITS)
    assert next_attempt_at(1, EIGHT_O_CLOCK, reported=False) == EIGHT_O_CLOCK + SILENCE
    assert next_attempt_at(5, EIGHT_O_CLOCK, reported=False) == EIGHT_O_CLOCK + WAITS[4]


policies: st.SearchStrategy[Command] = st.sampled_from([NOTE, TELL, SEND])
numbers = st.integers(1, LAST_ATTEMPT + 2)
senders: st.SearchStrategy[Command] = st.one_of(
    st.builds(attempt, numbers, possible_double=st.booleans()),
    st.builds(delivered, numbers),
    st.builds(failed, numbers, permanent=st.booleans()),
)
others: st.SearchStrategy[Command] = st.just(ACKNOWLEDGE)
anything = policies | senders | senders | others


def told_of(history: list[NotificationEvent], kind: type[Any]) -> list[Any]:
    return [event for event in history if isinstance(event, kind) and event.notification == RECEIPT_NOTICE]


@for_all(st.lists(anything, max_size=40))
def test_any_order_of_wishes_keeps_the_laws_of_sending(commands: list[Command]) -> None:
    history = lived(notification, [NOTE, TELL, *commands])
    attempts = told_of(history, NotificationAttempted)
    assert [one.attempt for one in attempts] == list(range(1, len(attempts) + 1))
    assert len(attempts) <= LAST_ATTEMPT
    assert len(told_of(history, NotificationDelivered)) <= 1
    assert len(told_of(history, NotificationRequested)) == 1
    assert sum(isinstance(event, ContactNoted) for event in history) == 1
    failures = [one.attempt for one in told_of(history, NotificationFailed)]
    assert len(failures) == len(set(failures))
    for one in attempts:
        silent = {m for m in range(1, one.attempt) if m not in failures}
        assert not silent or one.possible_double


@for_all(st.lists(anything, max_size=30), policies)
def test_a_policy_is_never_refused(commands: list[Command], order: Command) -> None:
    assert isinstance(notification.decide(order, notification.fold(lived(notification, commands))), list)
