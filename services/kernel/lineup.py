"""What a mark makes of the arrivals of its stream, and what a consumer must be able to do with them. Pure."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from services.kernel.envelope import GENESIS, Arrival
from services.kernel.recorded import Recorded
from services.kernel.stations import Waiting


@dataclass(frozen=True, slots=True)
class Mark:
    """The last record of a stream that took effect, and its hash."""

    sequence: int = 0
    chain: str = GENESIS


@dataclass(frozen=True, slots=True)
class Step:
    """An arrival to take; without a fact it moves the mark and has no effect (skipped, or of no concern)."""

    arrival: Arrival
    fact: Recorded[Any] | None


Runs = Mapping[str, Sequence[Step]]


class Ledger(Protocol):
    """A consumer's marks for the streams of one batch, and the way to move them on."""

    def mark(self, stream: str) -> Mark: ...

    async def apply(self, runs: Runs) -> Sequence[Waiting]:
        """Take every run in order and move its mark; stop a run at the step that fails for good and return it.

        Raises:
            Conflict: another replica moved a mark; load again.
        """
        ...


class Sink(Protocol):
    """A consumer: the owners whose streams it follows, and whether a type it does not know may pass."""

    @property
    def owners(self) -> Collection[str]: ...

    @property
    def passes_unknown(self) -> bool: ...

    async def load(self, streams: Collection[str]) -> Ledger: ...


@dataclass(slots=True)
class LinedUp:
    """What a mark makes of the arrivals of its stream."""

    run: list[Arrival] = field(default_factory=list)
    held: list[Arrival] = field(default_factory=list)
    broken: list[Arrival] = field(default_factory=list)


def line_up(mark: Mark, arrivals: Iterable[Arrival]) -> LinedUp:
    """Sort the arrivals of one stream into what can be taken now, what came too early, and what breaks the chain."""
    lined = LinedUp()
    for arrival in sorted(arrivals, key=lambda a: a.sequence):
        if arrival.sequence <= mark.sequence:
            continue
        if arrival.sequence > mark.sequence + 1:
            lined.held.append(arrival)
        elif arrival.previous != mark.chain:
            lined.broken.append(arrival)
        else:
            lined.run.append(arrival)
            mark = Mark(arrival.sequence, arrival.chain)
    return lined
