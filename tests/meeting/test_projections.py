from typing import Any

import pytest
from hypothesis import given as for_all

from schemas.event import Event
from schemas.meeting import WithdrawalNoted
from services.kernel.recorded import Recorded
from services.meeting.projections import meetings
from tests.situations import MEETING_REQUESTED, NUMBER, in_turn, interleaved, the_direct_way, told
from tests.specification import row_of, shows


@pytest.mark.parametrize(
    ("history", "status"),
    [
        ((), None),
        ((WithdrawalNoted(),), None),
        ((MEETING_REQUESTED,), "Rapat diminta"),
        ((MEETING_REQUESTED, WithdrawalNoted()), "Rapat dibatalkan"),
    ],
)
def test_a_meeting_shows_how_it_stands(history: tuple[Event, ...], status: str | None) -> None:
    facts = told("meeting", *((n, "policy", event) for n, event in enumerate(history)))
    shows(row_of(meetings, facts), "derived", status=status)


def test_a_requested_meeting_names_its_complaint() -> None:
    row = row_of(meetings, [*in_turn(the_direct_way()), *told("meeting", (1, "policy", MEETING_REQUESTED))])
    shows(row, "intake", number=NUMBER, title="Izin belum terbit")
    shows(row, "meeting", after_study=True, instruction=MEETING_REQUESTED.instruction.jwe)


@for_all(mixed=interleaved([*the_direct_way(), told("meeting", (1, "policy", MEETING_REQUESTED))]))
def test_the_order_between_streams_does_not_matter(mixed: list[Recorded[Any]]) -> None:
    assert row_of(meetings, mixed) == row_of(
        meetings, [*in_turn(the_direct_way()), *told("meeting", (1, "policy", MEETING_REQUESTED))]
    )
