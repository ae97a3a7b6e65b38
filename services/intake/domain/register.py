"""The register of one office and one year: each complaint gets one number, and no number is left out."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from schemas.intake import NumberAssigned
from services.intake.commands import AssignNumber
from services.kernel.decider import Decider


@dataclass(frozen=True, slots=True)
class Empty:
    pass


@dataclass(frozen=True, slots=True)
class Entry:
    """The last line of the register, and through `before` all the others: a year is folded without copying it."""

    complaint: str
    ordinal: int
    number: str
    starts_after: int
    before: "Register" = field(repr=False, compare=False)


Register = Empty | Entry


def decide(command: AssignNumber, state: Register) -> Sequence[NumberAssigned]:
    """Return the next number, or nothing when this complaint has one (see `number_of`)."""
    if number_of(command.complaint, state) is not None:
        return []
    starts_after = state.starts_after if isinstance(state, Entry) else command.starts_after
    ordinal = (state.ordinal if isinstance(state, Entry) else starts_after) + 1
    number = f"{ordinal:03d}/PH/{command.opd.upper()}/{command.year}"
    return [
        NumberAssigned(complaint=command.complaint, ordinal=ordinal, number=number, starts_after=starts_after),
    ]


def evolve(state: Register, event: NumberAssigned) -> Register:
    return Entry(
        complaint=event.complaint,
        ordinal=event.ordinal,
        number=event.number,
        starts_after=event.starts_after,
        before=state,
    )


def number_of(complaint: str, state: Register) -> str | None:
    """The number `complaint` has in this register, if any."""
    while isinstance(state, Entry):
        if state.complaint == complaint:
            return state.number
        state = state.before
    return None


register: Decider[AssignNumber, Register, NumberAssigned] = Decider(initial=Empty(), decide=decide, evolve=evolve)
