"""What others' facts oblige reporting to do.

- When a complaint is filed, note the case.
- When a recommendation is issued, note the letter.
- When the letter is delivered, or its receipt signed, note the delivery.
- When a complaint is withdrawn, note the withdrawal.
"""

from collections.abc import Sequence
from typing import Any

from schemas.intake import ComplaintFiled, ComplaintWithdrawn
from schemas.notification import NotificationDelivered, RecommendationReceived
from schemas.routing import RecommendationIssued
from services.kernel.reaction import Order
from services.kernel.recorded import Recorded
from services.reporting.commands import Command, NoteCase, NoteDelivery, NoteLetter, NoteWithdrawal


def react(fact: Recorded[Any]) -> Sequence[Order]:
    match fact.event:
        case ComplaintFiled() as filed:
            return _order(fact, "note_the_case_when_a_complaint_is_filed", NoteCase(no_identity=filed.no_identity))
        case RecommendationIssued() as issued:
            note = NoteLetter(letter_number=issued.letter_number)
            return _order(fact, "note_the_letter_when_a_recommendation_is_issued", note)
        case NotificationDelivered(kind="recommendation"):
            return _order(fact, "note_the_delivery_when_a_letter_is_delivered", NoteDelivery(received=False))
        case RecommendationReceived():
            return _order(fact, "note_the_delivery_when_a_letter_is_received", NoteDelivery(received=True))
        case ComplaintWithdrawn():
            return _order(fact, "note_the_withdrawal_when_a_complaint_is_withdrawn", NoteWithdrawal())
        case _:
            return []


def _order(fact: Recorded[Any], policy: str, command: Command) -> Sequence[Order]:
    return [Order(policy=policy, stream=f"reporting/{fact.opd}/{fact.subject}", command=command)]
