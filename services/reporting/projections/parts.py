"""The parts of a recap row, one for each owner, and how that owner's facts fold into it. `*` marks a JWE."""

from typing import Any, TypedDict

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
from schemas.notification import ContactNoted, NotificationDelivered, RecommendationReceived
from schemas.reporting import CaseRecorded
from schemas.routing import (
    CaseOpened,
    ComplaintAnalysed,
    ComplaintReviewed,
    DispositionMade,
    RecommendationDrafted,
    RecommendationIssued,
    ReviewReturned,
    WithdrawalNoted,
)
from services.kernel.projection import Document
from services.kernel.recorded import Recorded


class Visit(TypedDict):
    """One stay of the complaint at a step. `started_at` is None where another owner knows it, or nobody measured it."""

    step: int
    started_at: str | None
    ended_at: str | None
    by: str | None


class Intake(TypedDict, total=False):
    """`complainant`*; `visits` are those of steps 1 and 2; `missing` is what was stated last."""

    channel: str
    filed_at: str
    arrived_at: str
    letter_date: str | None
    agenda_number: str | None
    service: str | None
    complainant: str | None
    no_identity: bool
    identity_hidden: bool
    content_public: bool
    category: str
    title: str
    visits: list[Visit]
    missing: list[str]
    number: str
    number_void: bool
    receipt_at: str
    complete_at: str
    withdrawn_at: str


class Routing(TypedDict, total=False):
    """`visits` are those of steps 3, 4 and 5; step 11's begins at `decided_at`."""

    opened_at: str
    visits: list[Visit]
    returns: int
    ways: list[str]
    decided_at: str
    drafted_at: str
    letter_title: str
    letter_number: str
    letter_date: str
    issued_at: str
    issued_by: str
    withdrawal_noted_at: str


class Notification(TypedDict, total=False):
    by_email: bool
    letter_delivered_at: str
    received_at: str
    received_by: str
    receiver: str


class Reporting(TypedDict, total=False):
    """`notes`*."""

    recorded_at: str
    recorded_by: str
    outcome: str
    notes: str | None


def fold_intake(before: Document | None, fact: Recorded[Any]) -> Document | None:  # noqa: C901, PLR0911 - a table
    row, at = before or {}, fact.occurred_at.isoformat()
    match fact.event:
        case ComplaintFiled() as filed:
            return {**row, **_filed(filed, fact)}
        case ComplaintClassified() as told:
            service = told.service or row.get("service")
            return {**row, **Intake(category=told.category, title=told.title, service=service)}
        case CompletionRequested() as asked:
            return {**_stated(row, fact), **Intake(missing=list(asked.missing))}
        case ComplaintDeclaredComplete():
            return {**_stated(row, fact), **Intake(missing=[], complete_at=at)}
        case ComplaintSupplemented():
            return {**row, **Intake(visits=_arrived(row["visits"], at))}
        case ReceiptIssued(edition=1) as issued:
            visits = _ended(row["visits"], at, fact.actor)
            return {**row, **Intake(number=issued.number, number_void=False, receipt_at=at, visits=visits)}
        case NumberVoided() as voided:
            return {**row, **Intake(number=voided.number, number_void=True)}
        case ComplaintWithdrawn():
            return {**row, **Intake(withdrawn_at=at, number_void="number" in row)}
        case _:
            return None


def _filed(filed: ComplaintFiled, fact: Recorded[Any]) -> Intake:
    at = fact.occurred_at.isoformat()
    arrived = (filed.arrived_at or fact.occurred_at).isoformat()
    opened = filed.form_opened_at.isoformat() if filed.form_opened_at else None
    return Intake(
        channel=filed.channel,
        filed_at=at,
        arrived_at=arrived,
        letter_date=filed.letter_date.isoformat() if filed.letter_date else None,
        agenda_number=filed.agenda_number,
        service=filed.service,
        complainant=filed.complainant.jwe if filed.complainant else None,
        no_identity=filed.no_identity,
        identity_hidden=filed.identity_hidden,
        content_public=filed.content_public,
        visits=[
            Visit(step=1, started_at=opened, ended_at=at, by=fact.actor),
            Visit(step=2, started_at=arrived, ended_at=None, by=None),
        ],
    )


def _stated(row: Document, fact: Recorded[Any]) -> Document:
    """After the receipt, stating completeness is what ends a visit; before it, the receipt does."""
    if "receipt_at" not in row:
        return row
    return {**row, **Intake(visits=_ended(row["visits"], fact.occurred_at.isoformat(), fact.actor))}


def _arrived(visits: list[Visit], at: str) -> list[Visit]:
    """Each supplement starts a new visit to step 2, unless one is still going on."""
    if visits[-1]["ended_at"] is None:
        return visits
    return [*visits, Visit(step=2, started_at=at, ended_at=None, by=None)]


def _ended(visits: list[Visit], at: str, by: str) -> list[Visit]:
    last = visits[-1]
    if last["ended_at"] is not None:
        return visits
    return [*visits[:-1], Visit(step=last["step"], started_at=last["started_at"], ended_at=at, by=by)]


def fold_routing(before: Document | None, fact: Recorded[Any]) -> Document | None:  # noqa: C901, PLR0911 - a table
    row, at = before or {}, fact.occurred_at.isoformat()
    match fact.event:
        case CaseOpened():
            first = Visit(step=3, started_at=None, ended_at=None, by=None)
            return {**row, **Routing(opened_at=at, returns=0, visits=[first])}
        case ComplaintReviewed():
            return {**row, **Routing(visits=_handed(row, fact, to=4))}
        case ReviewReturned():
            return {**row, **Routing(visits=_handed(row, fact, to=3), returns=row["returns"] + 1)}
        case ComplaintAnalysed():
            return {**row, **Routing(visits=_handed(row, fact, to=5))}
        case DispositionMade() as made:
            visits = _ended(row["visits"], at, fact.actor)
            return {**row, **Routing(visits=visits, ways=list(made.ways), decided_at=at)}
        case RecommendationDrafted():
            return {**row, **Routing(drafted_at=at)}
        case RecommendationIssued() as issued:
            return {**row, **_issued(issued, fact)}
        case WithdrawalNoted():
            return {**row, **Routing(withdrawal_noted_at=at)}
        case _:
            return None


def _handed(row: Document, fact: Recorded[Any], *, to: int) -> list[Visit]:
    at = fact.occurred_at.isoformat()
    return [*_ended(row["visits"], at, fact.actor), Visit(step=to, started_at=at, ended_at=None, by=None)]


def _issued(issued: RecommendationIssued, fact: Recorded[Any]) -> Routing:
    return Routing(
        letter_title=issued.title,
        letter_number=issued.letter_number,
        letter_date=issued.letter_date.isoformat(),
        issued_at=fact.occurred_at.isoformat(),
        issued_by=fact.actor,
    )


def fold_notification(before: Document | None, fact: Recorded[Any]) -> Document | None:
    row, at = before or {}, fact.occurred_at.isoformat()
    match fact.event:
        case ContactNoted() as noted:
            return {**row, **Notification(by_email="email" in noted.contacts)}
        case NotificationDelivered(kind="recommendation"):
            return {**row, **Notification(letter_delivered_at=at)}
        case RecommendationReceived() as received:
            when = (received.received_at or fact.occurred_at).isoformat()
            return {**row, **Notification(received_at=when, received_by=fact.actor, receiver=received.receiver)}
        case _:
            return None


def fold_reporting(before: Document | None, fact: Recorded[Any]) -> Document | None:
    row, at = before or {}, fact.occurred_at.isoformat()
    match fact.event:
        case CaseRecorded() as closed:
            notes = closed.notes.jwe if closed.notes else None
            return {**row, **Reporting(recorded_at=at, recorded_by=fact.actor, outcome=closed.outcome, notes=notes)}
        case _:
            return None
