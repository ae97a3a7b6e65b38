from services.kernel.reaction import Order
from services.routing.commands import NoteWithdrawal, OpenCase
from services.routing.policy import react
from tests.situations import CLASSIFIED, COMPLETE, ISSUED, WITHDRAWN, stream_of
from tests.specification import policy, recorded

hearing = policy(react)


def test_a_complete_complaint_opens_a_case() -> None:
    hearing(recorded(COMPLETE, stream_of("intake"))).then(
        Order(policy="open_a_case_when_a_complaint_is_complete", stream=stream_of("routing"), command=OpenCase())
    )


def test_a_withdrawal_is_noted() -> None:
    hearing(recorded(WITHDRAWN, stream_of("intake"))).then(
        Order(
            policy="note_the_withdrawal_when_a_complaint_is_withdrawn",
            stream=stream_of("routing"),
            command=NoteWithdrawal(),
        )
    )


def test_other_facts_oblige_routing_to_nothing() -> None:
    hearing(recorded(CLASSIFIED, stream_of("intake"))).then_nothing()
    hearing(recorded(ISSUED, stream_of("routing"))).then_nothing()
