"""What others' facts oblige routing to do.

- When a complaint is declared complete, open a case.
- When a complaint is withdrawn, note it and end the case.
"""

from collections.abc import Sequence
from typing import Any

from schemas.intake import ComplaintDeclaredComplete, ComplaintWithdrawn
from services.kernel.reaction import Order
from services.kernel.recorded import Recorded
from services.routing.commands import NoteWithdrawal, OpenCase


def react(fact: Recorded[Any]) -> Sequence[Order]:
    stream = f"routing/{fact.opd}/{fact.subject}"
    match fact.event:
        case ComplaintDeclaredComplete():
            return [Order(policy="open_a_case_when_a_complaint_is_complete", stream=stream, command=OpenCase())]
        case ComplaintWithdrawn():
            return [
                Order(
                    policy="note_the_withdrawal_when_a_complaint_is_withdrawn", stream=stream, command=NoteWithdrawal()
                )
            ]
        case _:
            return []
