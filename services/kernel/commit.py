"""A commit: what one decision added to one stream, as one document, whole or not at all."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from schemas.event import Event, Language
from services.kernel.envelope import GENESIS, Arrival, Circumstances, Wire, encode, milliseconds
from services.kernel.recorded import Recorded, opd_of
from services.kernel.refusal import TooLarge

# The broker takes 1 MiB; half of it leaves room for framing, so size can never block the relay.
LARGEST_RECORD = 512 * 1024


@dataclass(frozen=True, slots=True)
class Head:
    """Where a stream ends: its last commit's number, its last event's number, and that event's hash."""

    version: int = 0
    sequence: int = 0
    chain: str = GENESIS


START = Head()


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit:
    """`position` is the service-wide number, 0 until one is taken; it is the only field outside the hash chain."""

    stream: str
    version: int
    first_sequence: int
    position: int = 0
    circumstances: Circumstances
    events: tuple[Wire, ...]
    previous: str

    @property
    def id(self) -> str:
        return f"{self.stream}@{self.version}"

    @property
    def opd(self) -> str:
        return opd_of(self.stream)

    @property
    def head(self) -> Head:
        """The head of the stream once this commit is in."""
        return Head(self.version, self.first_sequence + len(self.events) - 1, self.events[-1].chain)

    def at(self, position: int) -> "Commit":
        return replace(self, position=position)

    def arrivals(self) -> Sequence[Arrival]:
        """The events as a reader of the bus would meet them."""
        stamp = milliseconds(self.circumstances.recorded_at)
        return [
            Arrival(
                self.stream,
                self.first_sequence + i,
                wire.type,
                wire.version,
                {name: text.decode() for name, text in wire.headers},
                wire.value,
                stamp,
            )
            for i, wire in enumerate(self.events)
        ]

    def facts(self, language: Language) -> list[Recorded[Event]]:
        """Read the events back."""
        return [arrival.read(language) for arrival in self.arrivals()]


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What a decision wants appended after `head`; `rebase` decides anew once others' events came in between.

    `rebase(head, events)` is given the head and the events recorded since this proposal's own head. It may raise a
    Refusal, and may propose no events at all: then the wish already holds.
    """

    stream: str
    head: Head
    events: Sequence[Event]
    circumstances: Circumstances
    rebase: Callable[[Head, Sequence[Event]], "Proposal"]


def commit_of(proposal: Proposal) -> Commit:
    """Write the proposal's events, each chained to the one before.

    Raises:
        TooLarge: a record the broker might not take.
    """
    head, chain, wires = proposal.head, proposal.head.chain, []
    for offset, event in enumerate(proposal.events, start=1):
        wire = encode(event, proposal.stream, head.sequence + offset, chain, proposal.circumstances)
        if wire.size > LARGEST_RECORD:
            raise TooLarge(event.type)
        chain = wire.chain
        wires.append(wire)
    return Commit(
        stream=proposal.stream,
        version=head.version + 1,
        first_sequence=head.sequence + 1,
        circumstances=proposal.circumstances,
        events=tuple(wires),
        previous=head.chain,
    )


@dataclass(frozen=True, slots=True)
class History:
    """The commits of a stream that were asked for, and the commit that already answers the command, if any."""

    commits: Sequence[Commit]
    earlier: Commit | None = None


@dataclass(frozen=True, slots=True)
class Appended:
    """Where the stream stands after an append; `repeated` when an earlier commit already answered the command."""

    head: Head
    commit: Commit | None
    repeated: bool = False
