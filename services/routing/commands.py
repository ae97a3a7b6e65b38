"""What routing may be asked. Officers' texts are sealed before a command is made."""

from dataclasses import dataclass
from datetime import date

from schemas.event import File, Sealed
from schemas.vocabulary import Signature, Way


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenCase:
    """The policy's: intake declared the file complete. Never refused."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteWithdrawal:
    """The policy's: the complaint was withdrawn. Never refused."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewComplaint:
    review: Sealed[File, str]
    proposal: Sealed[File, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnReview:
    reason: Sealed[File, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class AnalyseComplaint:
    analysis: Sealed[File, str]
    proposal: Sealed[File, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class MakeDisposition:
    ways: tuple[Way, ...]
    instruction: Sealed[File, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftRecommendation:
    body: Sealed[File, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueRecommendation:
    letter_number: str
    letter_date: date
    signature: Signature


Command = (
    OpenCase
    | NoteWithdrawal
    | ReviewComplaint
    | ReturnReview
    | AnalyseComplaint
    | MakeDisposition
    | DraftRecommendation
    | IssueRecommendation
)
