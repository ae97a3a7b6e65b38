"""What others' facts oblige meeting to do.

- When a disposition asks for a meeting, request one.
- When a complaint is withdrawn, note it and prepare nothing more.
"""

from collections.abc import Sequence
from typing import Any

from schemas.intake import ComplaintWithdrawn
from schemas.routing import DispositionMade
from services.kernel.reaction import Order
from services.kernel.recorded import Recorded
from services.meeting.commands import NoteWithdrawal, RequestMeeting


def react(fact: Recorded[Any]) -> Sequence[Order]:
    stream = f"meeting/{fact.opd}/{fact.subject}"
    match fact.event:
        case DispositionMade() as made if "meeting" in made.ways:
            request = RequestMeeting(after_study="study" in made.ways, instruction=made.instruction)
            return [
                Order(policy="request_a_meeting_when_a_disposition_asks_for_one", stream=stream, command=request),
            ]
        case ComplaintWithdrawn():
            return [
                Order(
                    policy="note_the_withdrawal_when_a_complaint_is_withdrawn", stream=stream, command=NoteWithdrawal()
                )
            ]
        case _:
            return []
