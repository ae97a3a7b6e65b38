"""What intake may be asked. Personal text is sealed before a command is made."""

from dataclasses import dataclass
from datetime import date, datetime

from schemas.event import File, Sealed, Subject
from schemas.vocabulary import Complainant, ContactKind, Kind, Story, Supplement


@dataclass(frozen=True, slots=True, kw_only=True)
class FileComplaint:
    """`channels` are the ways in that the office has open. No `complainant` means that no identity was given."""

    channels: frozenset[str]
    channel: str
    story: Sealed[Subject, Story]
    complainant: Sealed[Subject, Complainant] | None
    contacts: tuple[ContactKind, ...]
    identity_hidden: bool = False
    content_public: bool = False
    tracking_hash: str
    tracking_code: Sealed[Subject, str]
    service: str | None = None
    arrived_at: datetime | None = None
    form_opened_at: datetime | None = None
    letter_date: date | None = None
    agenda_number: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassifyComplaint:
    kind: Kind
    category: str
    title: str
    service: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestCompletion:
    missing: tuple[str, ...]
    notice: Sealed[File, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class SupplementComplaint:
    """`tracking_hash` is of the code the complainant showed; None when Staf record it from paper."""

    supplement: Sealed[Subject, Supplement]
    documents: tuple[str, ...] = ()
    tracking_hash: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclareComplete:
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueReceipt:
    number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FinishReceipt:
    """The policy's form of IssueReceipt: a crash fell between the number and the receipt. Never refused."""

    number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawComplaint:
    """`tracking_hash` is of the code the complainant showed; None when Staf hold a signed statement."""

    tracking_hash: str | None
    reason: Sealed[Subject, str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteLetter:
    """The policy's: routing issued the letter. Never refused."""

    letter_number: str


Command = (
    FileComplaint
    | ClassifyComplaint
    | RequestCompletion
    | SupplementComplaint
    | DeclareComplete
    | IssueReceipt
    | FinishReceipt
    | WithdrawComplaint
    | NoteLetter
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignNumber:
    """To the stream `register/<opd>/<year>`; its first act alone reads `starts_after`, the last number taken over."""

    complaint: str
    opd: str
    year: int
    starts_after: int
