"""Where a complaint can stand in intake, and how facts move it."""

from dataclasses import dataclass, replace
from typing import assert_never

from schemas.intake import (
    ComplaintClassified,
    ComplaintDeclaredComplete,
    ComplaintEvent,
    ComplaintFiled,
    ComplaintSupplemented,
    ComplaintWithdrawn,
    CompletionRequested,
    LetterNoted,
    NumberVoided,
    ReceiptIssued,
)


@dataclass(frozen=True, slots=True)
class Absent:
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Filed:
    tracking_hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Classified:
    tracking_hash: str
    classification: ComplaintClassified


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """Completeness was stated at least once. `missing` is what was stated last (nothing: complete)."""

    tracking_hash: str
    classification: ComplaintClassified
    missing: tuple[str, ...]
    supplemented: bool = False
    receipt: ReceiptIssued | None = None
    letter_signed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawn:
    tracking_hash: str
    number: str | None


Known = Filed | Classified | Checked | Withdrawn
State = Absent | Known


def evolve(state: State, event: ComplaintEvent) -> State:  # noqa: C901 - a table
    match event, state:
        case ComplaintFiled(), _:
            return Filed(tracking_hash=event.tracking_hash)
        case ComplaintClassified(), Filed():
            return Classified(tracking_hash=state.tracking_hash, classification=event)
        case ((CompletionRequested() | ComplaintDeclaredComplete()), (Classified() | Checked())):
            return _checked(state, event.missing if isinstance(event, CompletionRequested) else ())
        case ComplaintSupplemented(), Checked():
            return replace(state, supplemented=True)
        case ReceiptIssued(), Checked():
            return replace(state, receipt=event)
        case LetterNoted(), Checked():
            return replace(state, letter_signed=True)
        case ComplaintWithdrawn(), (Filed() | Classified() | Checked()):
            return Withdrawn(tracking_hash=state.tracking_hash, number=_number(state))
        case NumberVoided(), Withdrawn():
            return replace(state, number=event.number)
        case (
            (
                ComplaintClassified()
                | CompletionRequested()
                | ComplaintSupplemented()
                | ComplaintDeclaredComplete()
                | ReceiptIssued()
                | NumberVoided()
                | ComplaintWithdrawn()
                | LetterNoted()
            ),
            _,
        ):
            return state  # decide never records it here; a state has no other answer to it
        case _:
            assert_never(event)


def _checked(state: Classified | Checked, missing: tuple[str, ...]) -> Checked:
    if isinstance(state, Checked):
        return replace(state, missing=missing, supplemented=False)
    return Checked(tracking_hash=state.tracking_hash, classification=state.classification, missing=missing)


def _number(state: Filed | Classified | Checked) -> str | None:
    return state.receipt.number if isinstance(state, Checked) and state.receipt else None
