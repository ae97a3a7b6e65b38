"""Where is my complaint? The complainant's view: four plain stages, and no name or step from inside the office."""

from collections.abc import Mapping
from typing import Any, Final, TypedDict

from schemas.intake import (
    ComplaintDeclaredComplete,
    ComplaintFiled,
    ComplaintSupplemented,
    ComplaintWithdrawn,
    CompletionRequested,
    NumberVoided,
    ReceiptIssued,
)
from schemas.notification import RecommendationReceived
from schemas.reporting import CaseRecorded
from schemas.routing import CaseOpened, DispositionMade, RecommendationIssued
from services.kernel.projection import Document, Projection
from services.kernel.recorded import Recorded


class TrackedIntake(TypedDict, total=False):
    tracking_hash: str
    filed_at: str
    number: str
    missing: list[str]
    complete_at: str
    withdrawn_at: str


class TrackedRouting(TypedDict, total=False):
    """`letter_body` is a JWE."""

    opened_at: str
    decided_at: str
    letter_title: str
    letter_number: str
    letter_date: str
    letter_body: str
    issued_at: str


class TrackedEnd(TypedDict, total=False):
    received_at: str
    recorded_at: str


class Tracked(TypedDict):
    """What is derived: `stage` is one of diterima, diproses, diputuskan, selesai; `awaits` a sentence or None."""

    stage: str
    awaits: str | None
    since: str | None
    number: str | None
    missing: list[str]
    withdrawn: bool


AWAITS_CHECK: Final = "Pemeriksaan kelengkapan berkas oleh petugas"
AWAITS_COMPLETION: Final = "Kelengkapan berkas dari Anda"
AWAITS_HANDLING: Final = "Penanganan oleh dinas"
AWAITS_LETTER: Final = "Surat tanggapan dari dinas"
AWAITS_RECEIPT: Final = "Konfirmasi bahwa surat sudah Anda terima"


def fold_intake(before: Document | None, fact: Recorded[Any]) -> Document | None:  # noqa: PLR0911 - a table
    row, at = before or {}, fact.occurred_at.isoformat()
    match fact.event:
        case ComplaintFiled() as filed:
            return {**row, **TrackedIntake(tracking_hash=filed.tracking_hash, filed_at=at)}
        case CompletionRequested() as requested:
            return {**row, **TrackedIntake(missing=list(requested.missing))}
        case ComplaintSupplemented():
            return {**row, **TrackedIntake(missing=[])}
        case ComplaintDeclaredComplete():
            return {**row, **TrackedIntake(missing=[], complete_at=at)}
        case ReceiptIssued() | NumberVoided() as numbered:
            return {**row, **TrackedIntake(number=numbered.number)}
        case ComplaintWithdrawn():
            return {**row, **TrackedIntake(withdrawn_at=at)}
        case _:
            return None


def fold_routing(before: Document | None, fact: Recorded[Any]) -> Document | None:
    row, at = before or {}, fact.occurred_at.isoformat()
    match fact.event:
        case CaseOpened():
            return {**row, **TrackedRouting(opened_at=at)}
        case DispositionMade():
            return {**row, **TrackedRouting(decided_at=at)}
        case RecommendationIssued() as issued:
            letter = TrackedRouting(
                letter_title=issued.title,
                letter_number=issued.letter_number,
                letter_date=issued.letter_date.isoformat(),
                letter_body=issued.body.jwe,
                issued_at=at,
            )
            return {**row, **letter}
        case _:
            return None


def fold_end(before: Document | None, fact: Recorded[Any]) -> Document | None:
    row = before or {}
    match fact.event:
        case RecommendationReceived() as received:
            return {**row, **TrackedEnd(received_at=(received.received_at or fact.occurred_at).isoformat())}
        case CaseRecorded():
            return {**row, **TrackedEnd(recorded_at=fact.occurred_at.isoformat())}
        case _:
            return None


def derive(row: Mapping[str, Any]) -> Document:
    intake: TrackedIntake = row.get("intake", {})
    routing: TrackedRouting = row.get("routing", {})
    missing, withdrawn = intake.get("missing", []), intake.get("withdrawn_at")
    ended = withdrawn or row.get("notification", {}).get("received_at") or row.get("reporting", {}).get("recorded_at")
    stage, since, awaits = _stage(intake, routing, ended)
    tracked = Tracked(
        stage=stage,
        awaits=awaits,
        since=since,
        number=intake.get("number"),
        missing=[] if withdrawn else missing,
        withdrawn=withdrawn is not None,
    )
    return {**tracked}


def _stage(intake: TrackedIntake, routing: TrackedRouting, ended: str | None) -> tuple[str, str | None, str | None]:
    if ended:
        return "selesai", ended, None
    if decided := routing.get("decided_at"):
        return "diputuskan", decided, AWAITS_RECEIPT if "issued_at" in routing else AWAITS_LETTER
    if complete := intake.get("complete_at"):
        return "diproses", complete, AWAITS_HANDLING
    return "diterima", intake.get("filed_at"), AWAITS_COMPLETION if intake.get("missing") else AWAITS_CHECK


tracking: Final = Projection(
    name="tracking",
    version=1,
    folds={"intake": fold_intake, "routing": fold_routing, "notification": fold_end, "reporting": fold_end},
    derive=derive,
    indexes=(("opd", "intake.tracking_hash"),),
)
