"""Who holds which case, since when, and what they need to read. Sealed values stay sealed (JWE)."""

from typing import Any, Final, TypedDict

from schemas.intake import (
    ComplaintClassified,
    ComplaintFiled,
    ComplaintSupplemented,
    ComplaintWithdrawn,
    NumberVoided,
    ReceiptIssued,
)
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
from services.kernel.projection import Document, Projection
from services.kernel.recorded import Recorded


class Act(TypedDict, total=False):
    """One officer's act. JWEs: `review`, `proposal`, `analysis`, `reason`, `instruction`, `body`."""

    at: str
    by: str
    review: str
    proposal: str
    analysis: str
    reason: str
    ways: list[str]
    instruction: str
    title: str
    body: str
    draft: int
    letter_number: str
    letter_date: str
    signature: str


class Case(TypedDict, total=False):
    """`holder` is kasi, kabid, kadis or staf, and None when nobody has anything left to do."""

    opened_at: str
    holder: str | None
    since: str
    review: Act
    returned: Act | None
    analysis: Act
    disposition: Act
    draft: Act
    letter: Act
    withdrawn: bool


class Complaint(TypedDict, total=False):
    """`story`, `supplements` and `complainant` are JWEs."""

    channel: str
    filed_at: str
    service: str | None
    story: str
    supplements: list[str]
    complainant: str | None
    identity_hidden: bool
    category: str
    title: str
    number: str
    withdrawn_at: str


def fold_routing(before: Document | None, fact: Recorded[Any]) -> Document | None:  # noqa: C901, PLR0911 - a table
    row, at = before or {}, fact.occurred_at.isoformat()
    acted = _act(fact)
    match fact.event:
        case CaseOpened():
            return {**row, **Case(opened_at=at, holder="kasi", since=at, returned=None)}
        case ComplaintReviewed():
            return {**row, **Case(review=acted, holder="kabid", since=at, returned=None)}
        case ReviewReturned():
            return {**row, **Case(returned=acted, holder="kasi", since=at)}
        case ComplaintAnalysed():
            return {**row, **Case(analysis=acted, holder="kadis", since=at)}
        case DispositionMade():
            return {**row, **Case(disposition=acted, holder="staf", since=at)}
        case RecommendationDrafted():
            return {**row, **Case(draft=acted, holder="kadis", since=at)}
        case RecommendationIssued():
            return {**row, **Case(letter=acted, holder=None, since=at)}
        case WithdrawalNoted():
            return {**row, **Case(withdrawn=True, holder=None, since=at)}
        case _:
            return None


def _act(fact: Recorded[Any]) -> Act:
    """The act as its fact tells it: the JSON of a fact leaves what is sealed sealed."""
    said: Act = fact.event.model_dump(mode="json")
    return {**said, "at": fact.occurred_at.isoformat(), "by": fact.actor}


def fold_intake(before: Document | None, fact: Recorded[Any]) -> Document | None:
    row, at = before or {}, fact.occurred_at.isoformat()
    match fact.event:
        case ComplaintFiled() as filed:
            complaint = Complaint(
                channel=filed.channel,
                filed_at=at,
                service=filed.service,
                story=filed.story.jwe,
                complainant=filed.complainant.jwe if filed.complainant else None,
                identity_hidden=filed.identity_hidden,
            )
            return {**row, **complaint}
        case ComplaintSupplemented() as brought:
            return {**row, **Complaint(supplements=[*row.get("supplements", []), brought.supplement.jwe])}
        case ComplaintClassified() as told:
            service = told.service or row.get("service")
            return {**row, **Complaint(category=told.category, title=told.title, service=service)}
        case ReceiptIssued() | NumberVoided() as numbered:
            return {**row, **Complaint(number=numbered.number)}
        case ComplaintWithdrawn():
            return {**row, **Complaint(withdrawn_at=at)}
        case _:
            return None


cases: Final = Projection(
    name="cases",
    version=1,
    folds={"intake": fold_intake, "routing": fold_routing},
    indexes=(("opd", "routing.holder", "routing.since"),),
)
