"""What notification may be asked, by policies, by its own sender and by those who hand over a letter."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from schemas.event import File, Sealed, Subject
from schemas.vocabulary import Complainant, ContactKind, NoticeKind, Receiver


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteContact:
    """The policy's: a complaint was filed. Never refused."""

    complainant: Sealed[Subject, Complainant] | None
    no_identity: bool
    contacts: tuple[ContactKind, ...]
    tracking_hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestNotification:
    """The policy's: there is something to tell. `notification` is made of the complaint and the kind. Never refused."""

    notification: str
    kind: NoticeKind
    template: str
    template_version: int
    variables: Mapping[str, str]
    body: Sealed[File, str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptDelivery:
    """A sender's wish to make attempt n. It is elected when this is answered by a fact, and keeps still otherwise.

    `possible_double`: it knows that the attempt before never reported, and waited long enough for it.
    """

    notification: str
    attempt: int
    possible_double: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportDelivered:
    notification: str
    attempt: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportFailed:
    notification: str
    attempt: int
    reason: str
    permanent: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AcknowledgeReceipt:
    """`tracking_hash` is of the code the complainant showed; None when Staf hold the signed receipt."""

    tracking_hash: str | None
    receiver: Receiver
    receiver_name: Sealed[File, str] | None = None
    received_at: datetime | None = None


Command = NoteContact | RequestNotification | AttemptDelivery | ReportDelivered | ReportFailed | AcknowledgeReceipt
