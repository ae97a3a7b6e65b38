"""Which complaints wait for Staf, and for what? The work list of step 2. Sealed values stay sealed (JWE)."""

from collections.abc import Mapping
from typing import Any, Final, TypedDict

from schemas.event import Sealed
from schemas.intake import (
    ComplaintClassified,
    ComplaintDeclaredComplete,
    ComplaintFiled,
    ComplaintSupplemented,
    ComplaintWithdrawn,
    CompletionRequested,
    NumberVoided,
    ReceiptIssued,
)
from services.kernel.projection import Document, Projection
from services.kernel.recorded import Recorded


class Supplemented(TypedDict):
    at: str
    by: str
    documents: list[str]
    supplement: str


class Receipt(TypedDict):
    at: str
    by: str
    edition: int
    complete: bool
    missing: list[str]


class Listed(TypedDict, total=False):
    """`missing` is absent until completeness was first stated and empty when the file is complete."""

    channel: str
    filed_at: str
    filed_by: str
    arrived_at: str
    complainant: str | None
    story: str
    no_identity: bool
    contacts: list[str]
    identity_hidden: bool
    content_public: bool
    service: str | None
    letter_date: str | None
    agenda_number: str | None
    tracking_hash: str
    category: str
    title: str
    classified_at: str
    missing: list[str]
    checked_at: str
    unchecked_supplement: bool
    supplements: list[Supplemented]
    number: str
    number_void: bool
    receipt: Receipt
    withdrawn_at: str


STATUSES: Final[Mapping[str, str]] = {
    "classify": "Menunggu klasifikasi",
    "check": "Menunggu pemeriksaan kelengkapan",
    "issue_receipt": "Menunggu tanda terima",
    "await_complainant": "Kelengkapan diminta",
    "forwarded": "Diteruskan ke Kasi",
    "withdrawn": "Dicabut oleh pengadu",
}
"""What Staf do next (`derived.next`), in the words of the screen (`derived.status`)."""


def fold(before: Document | None, fact: Recorded[Any]) -> Document | None:  # noqa: C901, PLR0911 - a table
    row, at = before or {}, fact.occurred_at.isoformat()
    match fact.event:
        case ComplaintFiled() as filed:
            return {**row, **_filed(filed, fact)}
        case ComplaintClassified() as told:
            service = told.service or row.get("service")
            return {**row, **Listed(category=told.category, title=told.title, service=service, classified_at=at)}
        case CompletionRequested() as asked:
            return {**row, **Listed(missing=list(asked.missing), checked_at=at, unchecked_supplement=False)}
        case ComplaintDeclaredComplete():
            return {**row, **Listed(missing=[], checked_at=at, unchecked_supplement=False)}
        case ComplaintSupplemented() as brought:
            return {**row, **_supplemented(row, brought, fact)}
        case ReceiptIssued() as issued:
            return {**row, **_receipted(issued, fact)}
        case NumberVoided() as voided:
            return {**row, **Listed(number=voided.number, number_void=True)}
        case ComplaintWithdrawn():
            return {**row, **Listed(withdrawn_at=at, number_void="number" in row)}
        case _:
            return None


def _filed(filed: ComplaintFiled, fact: Recorded[Any]) -> Listed:
    return Listed(
        channel=filed.channel,
        filed_at=fact.occurred_at.isoformat(),
        filed_by=fact.actor,
        arrived_at=(filed.arrived_at or fact.occurred_at).isoformat(),
        complainant=_jwe(filed.complainant),
        story=filed.story.jwe,
        no_identity=filed.no_identity,
        contacts=list(filed.contacts),
        identity_hidden=filed.identity_hidden,
        content_public=filed.content_public,
        service=filed.service,
        letter_date=filed.letter_date.isoformat() if filed.letter_date else None,
        agenda_number=filed.agenda_number,
        tracking_hash=filed.tracking_hash,
    )


def _supplemented(row: Document, brought: ComplaintSupplemented, fact: Recorded[Any]) -> Listed:
    entry = Supplemented(
        at=fact.occurred_at.isoformat(),
        by=fact.actor,
        documents=list(brought.documents),
        supplement=brought.supplement.jwe,
    )
    return Listed(supplements=[*row.get("supplements", []), entry], unchecked_supplement=True)


def _receipted(issued: ReceiptIssued, fact: Recorded[Any]) -> Listed:
    receipt = Receipt(
        at=fact.occurred_at.isoformat(),
        by=fact.actor,
        edition=issued.edition,
        complete=issued.complete,
        missing=list(issued.missing),
    )
    return Listed(number=issued.number, number_void=False, receipt=receipt)


def _jwe(sealed: Sealed[Any, Any] | None) -> str | None:
    return None if sealed is None else sealed.jwe


def derive(row: Mapping[str, Any]) -> Document:
    following = _next(row.get("intake", {}))
    return {"next": following, "status": STATUSES[following]}


def _next(intake: Listed) -> str:
    if "withdrawn_at" in intake:
        return "withdrawn"
    if "title" not in intake:
        return "classify"
    missing, receipt = intake.get("missing"), intake.get("receipt")
    if missing is None or intake.get("unchecked_supplement"):
        return "check"
    if receipt is None or receipt["missing"] != missing:
        return "issue_receipt"
    return "await_complainant" if missing else "forwarded"


complaints: Final = Projection(
    name="complaints",
    version=1,
    folds={"intake": fold},
    derive=derive,
    indexes=(("opd", "derived.next", "intake.arrived_at"), ("opd", "intake.arrived_at")),
)
