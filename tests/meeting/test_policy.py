from services.kernel.reaction import Order
from services.meeting.commands import NoteWithdrawal, RequestMeeting
from services.meeting.policy import react
from tests.situations import A_MEETING_ORDERED, DISPOSED, FILED, WITHDRAWN, sealed, stream_of
from tests.specification import policy, recorded

hearing = policy(react)


def test_a_disposition_that_asks_for_a_meeting_gets_one() -> None:
    hearing(recorded(A_MEETING_ORDERED, stream_of("routing"))).then(
        Order(
            policy="request_a_meeting_when_a_disposition_asks_for_one",
            stream=stream_of("meeting"),
            command=RequestMeeting(after_study=True, instruction=sealed("instruction")),
        )
    )


def test_a_direct_decision_needs_no_meeting() -> None:
    hearing(recorded(DISPOSED, stream_of("routing"))).then_nothing()
    hearing(recorded(FILED, stream_of("intake"))).then_nothing()


def test_a_withdrawal_is_noted() -> None:
    hearing(recorded(WITHDRAWN, stream_of("intake"))).then(
        Order(
            policy="note_the_withdrawal_when_a_complaint_is_withdrawn",
            stream=stream_of("meeting"),
            command=NoteWithdrawal(),
        )
    )
