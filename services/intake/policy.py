"""What others' facts oblige intake to do.

- When a number is assigned, finish the receipt (a crash may have fallen between the two).
- When a recommendation is issued, note the letter, after which a complaint is no longer withdrawn.
"""

from collections.abc import Sequence
from typing import Any

from schemas.intake import NumberAssigned
from schemas.routing import RecommendationIssued
from services.intake.commands import FinishReceipt, NoteLetter
from services.kernel.reaction import Order
from services.kernel.recorded import Recorded


def react(fact: Recorded[Any]) -> Sequence[Order]:
    match fact.event:
        case NumberAssigned() as assigned:
            return [
                Order(
                    policy="finish_the_receipt_when_a_number_is_assigned",
                    stream=f"intake/{fact.opd}/{assigned.complaint}",
                    command=FinishReceipt(number=assigned.number),
                    actor=fact.actor,
                )
            ]
        case RecommendationIssued() as issued:
            return [
                Order(
                    policy="note_the_letter_when_a_recommendation_is_issued",
                    stream=f"intake/{fact.opd}/{fact.subject}",
                    command=NoteLetter(letter_number=issued.letter_number),
                )
            ]
        case _:
            return []
