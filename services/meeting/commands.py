"""What meeting may be asked."""

from dataclasses import dataclass

from schemas.event import File, Sealed


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestMeeting:
    """The policy's: a disposition orders a meeting. Never refused."""

    after_study: bool
    instruction: Sealed[File, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteWithdrawal:
    """The policy's: the complaint was withdrawn. Never refused."""


Command = RequestMeeting | NoteWithdrawal
