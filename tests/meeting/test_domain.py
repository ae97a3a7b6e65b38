from hypothesis import given as for_all
from hypothesis import strategies as st

from schemas.meeting import MeetingRequested, WithdrawalNoted
from services.meeting.commands import Command, NoteWithdrawal, RequestMeeting
from services.meeting.domain import meeting
from tests.situations import MEETING_REQUESTED, sealed
from tests.specification import lived, specification

given = specification(meeting)

REQUEST = RequestMeeting(after_study=True, instruction=sealed("instruction"))


def test_a_meeting_is_requested_once() -> None:
    given().when(REQUEST).then(MEETING_REQUESTED)
    given(MEETING_REQUESTED).when(REQUEST).then_nothing()


def test_a_withdrawal_calls_the_meeting_off_whichever_is_heard_first() -> None:
    given(MEETING_REQUESTED).when(NoteWithdrawal()).then(WithdrawalNoted())
    given().when(NoteWithdrawal()).then(WithdrawalNoted())
    given(WithdrawalNoted()).when(REQUEST).then_nothing()
    given(WithdrawalNoted()).when(NoteWithdrawal()).then_nothing()


orders: st.SearchStrategy[Command] = st.sampled_from([REQUEST, NoteWithdrawal()])


@for_all(st.lists(orders, max_size=10), orders)
def test_a_policy_is_never_refused_and_nothing_follows_a_withdrawal(commands: list[Command], order: Command) -> None:
    history = lived(meeting, commands)
    assert [type(event) for event in history] in (
        [],
        [MeetingRequested],
        [WithdrawalNoted],
        [MeetingRequested, WithdrawalNoted],
    )
    assert isinstance(meeting.decide(order, meeting.fold(history)), list)
