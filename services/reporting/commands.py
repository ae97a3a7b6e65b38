"""What reporting may be asked: to note what it must know, and to record a case."""

from dataclasses import dataclass

from schemas.event import File, Sealed
from schemas.vocabulary import Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteCase:
    """The policy's: a complaint was filed. Never refused."""

    no_identity: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteLetter:
    """The policy's: the letter was signed. Never refused."""

    letter_number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteDelivery:
    """The policy's: the letter arrived, by its receipt (`received`) or by proof of delivery. Never refused."""

    received: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteWithdrawal:
    """The policy's: the complaint was withdrawn. Never refused."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordCase:
    outcome: Outcome
    notes: Sealed[File, str] | None = None


Command = NoteCase | NoteLetter | NoteDelivery | NoteWithdrawal | RecordCase
