from services.intake.commands import FinishReceipt, NoteLetter
from services.intake.policy import react
from services.kernel.reaction import Order
from tests.situations import DISPOSED, FILED, ISSUED, LETTER_NUMBER, NUMBER, NUMBERED, OPD, stream_of
from tests.specification import policy, recorded

hearing = policy(react)


def test_a_number_is_followed_by_its_receipt() -> None:
    hearing(recorded(NUMBERED, f"register/{OPD}/2026")).then(
        Order(
            policy="finish_the_receipt_when_a_number_is_assigned",
            stream=stream_of("intake"),
            command=FinishReceipt(number=NUMBER),
            actor="staf-1",
        )
    )


def test_a_signed_letter_is_noted() -> None:
    hearing(recorded(ISSUED, stream_of("routing"))).then(
        Order(
            policy="note_the_letter_when_a_recommendation_is_issued",
            stream=stream_of("intake"),
            command=NoteLetter(letter_number=LETTER_NUMBER),
        )
    )


def test_other_facts_oblige_intake_to_nothing() -> None:
    hearing(recorded(FILED, stream_of("intake"))).then_nothing()
    hearing(recorded(DISPOSED, stream_of("routing"))).then_nothing()
