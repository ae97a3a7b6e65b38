"""Which meetings are asked for, and which were called off? Sealed values stay sealed (JWE)."""

from collections.abc import Mapping
from typing import Any, Final, TypedDict

from schemas.intake import ComplaintClassified, ReceiptIssued
from schemas.meeting import MeetingRequested, WithdrawalNoted
from services.kernel.projection import Document, Projection
from services.kernel.recorded import Recorded


class Meeting(TypedDict, total=False):
    """`instruction` is a JWE."""

    requested_at: str
    after_study: bool
    instruction: str
    called_off_at: str


class Complaint(TypedDict, total=False):
    title: str
    number: str


def fold_meeting(before: Document | None, fact: Recorded[Any]) -> Document | None:
    row, at = before or {}, fact.occurred_at.isoformat()
    match fact.event:
        case MeetingRequested() as asked:
            wanted = Meeting(requested_at=at, after_study=asked.after_study, instruction=asked.instruction.jwe)
            return {**row, **wanted}
        case WithdrawalNoted():
            return {**row, **Meeting(called_off_at=at)}
        case _:
            return None


def fold_intake(before: Document | None, fact: Recorded[Any]) -> Document | None:
    row = before or {}
    match fact.event:
        case ComplaintClassified() as told:
            return {**row, **Complaint(title=told.title)}
        case ReceiptIssued() as issued:
            return {**row, **Complaint(number=issued.number)}
        case _:
            return None


def derive(row: Mapping[str, Any]) -> Document:
    """`status` is Rapat diminta, Rapat dibatalkan, or None where no meeting was ever asked for."""
    meeting: Meeting = row.get("meeting", {})
    if "requested_at" not in meeting:
        return {"status": None}
    return {"status": "Rapat dibatalkan" if "called_off_at" in meeting else "Rapat diminta"}


meetings: Final = Projection(
    name="meetings",
    version=1,
    folds={"intake": fold_intake, "meeting": fold_meeting},
    derive=derive,
    indexes=(("opd", "derived.status", "meeting.requested_at"),),
)
