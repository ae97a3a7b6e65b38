import json
from datetime import timedelta
from typing import Any

from hypothesis import given as for_all

from schemas.event import Event
from schemas.notification import NotificationFailed
from services.kernel.recorded import Recorded
from services.notification.domain.state import LAST_ATTEMPT, SILENCE, WAITS
from services.notification.projections import Due, deliveries, plan
from tests.situations import (
    CONTACT,
    LETTER_DELIVERED,
    LETTER_NOTICE,
    LETTER_TO_SEND,
    NO_CONTACT,
    RECEIPT_FAILED,
    RECEIPT_NOTICE,
    RECEIPT_TO_SEND,
    RECEIVED,
    attempted,
    in_turn,
    interleaved,
    the_direct_way,
    told,
)
from tests.specification import EIGHT_O_CLOCK, row_of, shows


def rows(*history: Event) -> dict[str, Any]:
    """A row whose n-th fact happened n minutes after eight."""
    return row_of(deliveries, told("notification", *((n, "sender", event) for n, event in enumerate(history))))


def due(attempt: int, at: timedelta, *, possible_double: bool = False) -> Due:
    return Due(notification=RECEIPT_NOTICE, attempt=attempt, possible_double=possible_double, at=EIGHT_O_CLOCK + at)


def test_what_was_requested_is_due_at_once() -> None:
    row = rows(CONTACT, RECEIPT_TO_SEND)
    assert plan(row) == [due(1, timedelta(minutes=1))]
    shows(row, "derived", reachable=True, next_due_at="2026-03-02T01:01:00+00:00")


def test_a_failed_attempt_is_made_again_after_a_wait() -> None:
    row = rows(CONTACT, RECEIPT_TO_SEND, attempted(RECEIPT_NOTICE, 1), RECEIPT_FAILED)
    assert plan(row) == [due(2, timedelta(minutes=2) + WAITS[0])]


def test_a_silent_attempt_is_made_again_as_a_possible_double() -> None:
    row = rows(CONTACT, RECEIPT_TO_SEND, attempted(RECEIPT_NOTICE, 1))
    assert plan(row) == [due(2, timedelta(minutes=2) + SILENCE, possible_double=True)]


def test_once_an_attempt_was_silent_every_later_one_may_be_a_double() -> None:
    second = attempted(RECEIPT_NOTICE, 2, possible_double=True)
    failed = NotificationFailed(
        notification=RECEIPT_NOTICE, kind="receipt", attempt=2, reason="mailbox_busy", permanent=False
    )
    row = rows(CONTACT, RECEIPT_TO_SEND, attempted(RECEIPT_NOTICE, 1), second, failed)
    assert plan(row) == [due(3, timedelta(minutes=3) + WAITS[1], possible_double=True)]


def test_after_the_last_attempt_nothing_is_planned() -> None:
    silent = [attempted(RECEIPT_NOTICE, n, possible_double=n > 1) for n in range(1, LAST_ATTEMPT + 1)]
    assert plan(rows(CONTACT, RECEIPT_TO_SEND, *silent)) == []


def test_a_hopeless_notification_stays_failed() -> None:
    hopeless = NotificationFailed(
        notification=RECEIPT_NOTICE, kind="receipt", attempt=1, reason="no_such_mailbox", permanent=True
    )
    row = rows(CONTACT, RECEIPT_TO_SEND, attempted(RECEIPT_NOTICE, 1), hopeless)
    assert plan(row) == []
    assert row["notification"]["notices"][RECEIPT_NOTICE]["status"] == "given_up"
    assert row["notification"]["notices"][RECEIPT_NOTICE]["reason"] == "no_such_mailbox"


def test_nobody_without_contact_is_written_to_and_the_row_says_why() -> None:
    row = rows(NO_CONTACT, RECEIPT_TO_SEND)
    assert plan(row) == []
    shows(row, "derived", reachable=False, next_due_at=None)
    shows(row, "notification", no_identity=True)
    shows(rows(RECEIPT_TO_SEND), "derived", reachable=None, next_due_at=None)


def test_a_delivered_letter_and_its_receipt_are_shown() -> None:
    row = rows(CONTACT, LETTER_TO_SEND, attempted(LETTER_NOTICE, 1), LETTER_DELIVERED, RECEIVED)
    notice = row["notification"]["notices"][LETTER_NOTICE]
    assert (notice["status"], notice["delivered_at"]) == ("delivered", "2026-03-02T01:03:00+00:00")
    assert row["notification"]["received"]["receiver"] == "complainant"
    assert plan(row) == []


@for_all(mixed=interleaved(the_direct_way()))
def test_the_order_between_streams_does_not_matter(mixed: list[Recorded[Any]]) -> None:
    row = row_of(deliveries, mixed)
    assert row == row_of(deliveries, in_turn(the_direct_way()))
    assert json.loads(json.dumps(row)) == row


def test_a_contact_known_late_leaves_the_same_plan() -> None:
    early = row_of(deliveries, told("notification", (0, "policy", CONTACT), (5, "policy", RECEIPT_TO_SEND)))
    late = row_of(deliveries, told("notification", (5, "policy", RECEIPT_TO_SEND), (9, "policy", CONTACT)))
    assert plan(early) == plan(late)
    assert early["notification"] == late["notification"]
