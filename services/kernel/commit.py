"""A commit: what one decision added to one stream, as one document, whole or not at all."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from schemas.event import Event, Language
from services.kernel.envelope import GENESIS, Arrival, Circumstances, Untrusted, Wire, arrive, encode, milliseconds
from services.kernel.recorded import Recorded, key_of, opd_of
from services.kernel.refusal import TooLarge

# The broker takes 1 MiB; half of it leaves room for framing, so size can never block the relay.
LARGEST_RECORD = 512 * 1024
# A document of MongoDB holds 16 MiB; what is larger would fail with every other commit of its group.
LARGEST_COMMIT = 8 * 1024 * 1024


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
        TooLarge: a record the broker might not take, or together more than one document takes.
    """
    head, chain, size = proposal.head, proposal.head.chain, 0
    wires: list[Wire] = []
    for offset, event in enumerate(proposal.events, start=1):
        wire = encode(event, proposal.stream, head.sequence + offset, chain, proposal.circumstances)
        size += wire.size
        if wire.size > LARGEST_RECORD or size > LARGEST_COMMIT:
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


class Broken(Exception):
    """What is stored is not what was appended; names the commit."""


def verified(commits: Iterable[Commit], head: Head = START) -> Head:
    """Recompute the chain of one stream's commits, which follow `head`, and return where it ends.

    What was cut off the end shows only against a head known from elsewhere: the next commit, or the bus.

    Raises:
        Broken: a byte, a header, a field or the order is not what was appended. `position` is outside the chain.
    """
    for commit in commits:
        try:
            sound = _follows(commit, head)
        except Untrusted:
            sound = False
        if not sound:
            raise Broken(commit.id)
        head = commit.head
    return head


def _follows(commit: Commit, head: Head) -> bool:
    key, claimed = key_of(commit.stream).encode(), commit.arrivals()
    written = [
        arrive(key, wire.headers, wire.value, milliseconds(commit.circumstances.recorded_at)) for wire in commit.events
    ]
    return (
        (commit.version, commit.first_sequence, commit.previous) == (head.version + 1, head.sequence + 1, head.chain)
        and written == claimed
        and [arrival.previous for arrival in written] == [head.chain, *(arrival.chain for arrival in written[:-1])]
        and all(arrival.circumstances == commit.circumstances for arrival in written)
    )


@dataclass(frozen=True, slots=True)
class History:
    """The commits of a stream that were asked for, and the commit that already answers the command, if any."""

    commits: Sequence[Commit]
    earlier: Commit | None = None


@dataclass(frozen=True, slots=True)
class Appended:
    """Where the stream stands after an append; `repeated` when a commit that was there already answered the command.

    After an unknown outcome that may be our own: who must be the only one (to send a letter) acts on False alone.
    """

    head: Head
    commit: Commit | None
    repeated: bool = False
