"""A group: the wishes that arrived while a write was under way, arranged to be written by one insert.

Within a group a stream's proposals are chained: the second is decided anew on what the first will leave, and what it
is answered holds only if the first gets in.
"""

from asyncio import Future
from collections.abc import Sequence
from dataclasses import dataclass, field

from schemas.event import Event
from services.kernel.commit import Appended, Commit, Proposal, commit_of
from services.kernel.refusal import Conflict


@dataclass(eq=False, slots=True)
class Waiting:
    proposal: Proposal
    answer: Future[Appended]

    def settle(self, outcome: Appended | Exception) -> None:
        if self.answer.done():
            return
        if isinstance(outcome, Exception):
            self.answer.set_exception(outcome)
        else:
            self.answer.set_result(outcome)


@dataclass(eq=False, slots=True)
class Entry:
    """A commit about to be written, and the answers that only hold if it gets in."""

    commit: Commit
    waiting: Waiting
    followers: list[tuple[Waiting, Appended | Exception]] = field(default_factory=list)

    def settle(self, outcome: Appended | Exception) -> None:
        self.waiting.settle(outcome)
        is_in = isinstance(outcome, Appended) and not outcome.repeated
        for follower, answer in self.followers:
            follower.settle(answer if is_in else Conflict(self.commit.id))


@dataclass(frozen=True, slots=True)
class _Chain:
    """What this group adds to one stream so far, and its last commit."""

    events: tuple[Event, ...]
    entry: Entry


def arrange(group: Sequence[Waiting]) -> list[Entry]:
    """Turn a group into the commits to write, chaining those of one stream; answer what needs no write.

    A command that is in the group twice is arranged once: the other waits for the next round, and is looked up there.
    """
    entries: list[Entry] = []
    chains: dict[str, _Chain] = {}
    commands: set[str] = set()
    newest: dict[str, int] = {}
    for waiting in group:
        stream = waiting.proposal.stream
        newest[stream] = max(newest.get(stream, 0), waiting.proposal.head.version)
    for waiting in group:
        proposal = waiting.proposal
        if proposal.circumstances.command_id in commands:
            continue
        if proposal.head.version < newest[proposal.stream]:
            waiting.settle(Conflict(proposal.stream))
        elif (entry := _entered(waiting, chains)) is not None:
            entries.append(entry)
            commands.add(proposal.circumstances.command_id)
    return entries


def _entered(waiting: Waiting, chains: dict[str, _Chain]) -> Entry | None:
    """Return the commit that carries out the wish, at the end of its stream's chain; None when it takes none."""
    proposal = waiting.proposal
    chain = chains.get(proposal.stream)
    try:
        if chain is not None:
            proposal = proposal.rebase(chain.entry.commit.head, chain.events)
        if proposal.events:
            entry = Entry(commit_of(proposal), waiting)
            chains[proposal.stream] = _Chain((*(chain.events if chain else ()), *proposal.events), entry)
            return entry
        _answer(waiting, chain, Appended(proposal.head, None))
    except Exception as no:  # noqa: BLE001 - a refusal or a mistake, it concerns this caller and no other of the group
        _answer(waiting, chain, no)
    return None


def _answer(waiting: Waiting, chain: _Chain | None, outcome: Appended | Exception) -> None:
    if chain is None:
        waiting.settle(outcome)
    else:
        chain.entry.followers.append((waiting, outcome))


def turned_away(entry: Entry, blocked: Commit) -> bool:
    """What leaned on a commit that did not get in is to be read and decided again by its own caller."""
    if entry.commit.stream != blocked.stream:
        return False
    entry.settle(Conflict(entry.commit.id))
    return True
