import json
from typing import Any

import pytest
from hypothesis import given as for_all

from schemas.routing import RoutingEvent, WithdrawalNoted
from services.kernel.recorded import Recorded
from services.routing.projections import cases
from tests.situations import (
    A_DECIDED_CASE,
    A_DRAFTED_CASE,
    A_REVIEWED_CASE,
    A_SETTLED_CASE,
    AN_ANALYSED_CASE,
    AN_OPEN_CASE,
    FILED,
    NUMBER,
    RETURNED,
    REVIEWED,
    in_turn,
    interleaved,
    the_direct_way,
    told,
)
from tests.specification import row_of, shows


def facts(*history: RoutingEvent) -> list[Recorded[Any]]:
    return told("routing", *((n, f"officer-{n}", event) for n, event in enumerate(history)))


@pytest.mark.parametrize(
    ("history", "holder"),
    [
        (AN_OPEN_CASE, "kasi"),
        (A_REVIEWED_CASE, "kabid"),
        ((*A_REVIEWED_CASE, RETURNED), "kasi"),
        (AN_ANALYSED_CASE, "kadis"),
        (A_DECIDED_CASE, "staf"),
        (A_DRAFTED_CASE, "kadis"),
        (A_SETTLED_CASE, None),
        ((*A_REVIEWED_CASE, WithdrawalNoted()), None),
    ],
)
def test_a_case_shows_who_holds_it(history: tuple[RoutingEvent, ...], holder: str | None) -> None:
    row = row_of(cases, facts(*history))
    shows(row, "routing", holder=holder, since=facts(*history)[-1].occurred_at.isoformat())


def test_a_returned_case_says_by_whom_and_keeps_why_sealed() -> None:
    row = row_of(cases, facts(*A_REVIEWED_CASE, RETURNED))
    returned = {"at": "2026-03-02T01:02:00+00:00", "by": "officer-2", "reason": RETURNED.reason.jwe}
    shows(row, "routing", returned=returned)
    shows(row_of(cases, facts(*A_REVIEWED_CASE, RETURNED, REVIEWED)), "routing", returned=None)


def test_officers_find_in_it_what_they_need_to_read() -> None:
    row = row_of(cases, in_turn(the_direct_way()))
    shows(row, "intake", title="Izin belum terbit", number=NUMBER, story=FILED.story.jwe)
    assert row["routing"]["disposition"]["ways"] == ["direct"]
    assert row["routing"]["letter"]["letter_date"] == "2026-03-04"
    assert json.loads(json.dumps(row)) == row


@for_all(mixed=interleaved(the_direct_way()))
def test_the_order_between_streams_does_not_matter(mixed: list[Recorded[Any]]) -> None:
    assert row_of(cases, mixed) == row_of(cases, in_turn(the_direct_way()))
