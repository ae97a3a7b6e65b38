"""The journal: a service's append-only memory, and the only truth.

Appends that arrive while a write is under way are gathered and written by one ordered insert (group commit). Within
a group a stream's proposals are chained: the second is decided anew on what the first will leave. Positions have no
holes, because a writer takes p+1 only after p was acknowledged to it, stands before it in the same ordered insert, or
was read with majority. An outcome that is unknown stays unknown until the command ids can be looked up.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from schemas.event import Event
from services.kernel.commit import Appended, Commit, History, Proposal, commit_of
from services.kernel.refusal import CommandReused, Conflict, Unavailable

LARGEST_GROUP = 512
RETRY_SECONDS = 0.25
LAG_SECONDS = 0.01
CLOSING_SECONDS = 10


class OutcomeUnknown(Exception):
    """The store may or may not have taken the commits."""


class Store(Protocol):
    """Where commits lie. Unique: (stream, version), position, command id. Everything read is readable at majority."""

    async def insert(self, commits: Sequence[Commit]) -> int:
        """Insert in order, stop at the first that collides; return how many are in.

        Raises:
            OutcomeUnknown: none of them may be assumed in or out.
        """
        ...

    async def by_command(self, command_ids: Sequence[str]) -> Mapping[str, Commit]: ...

    async def history(self, stream: str, after_version: int, command_id: str | None) -> History: ...

    async def head_is_past(self, commit: Commit) -> bool:
        """Tell whether the stream already has a commit of that version."""
        ...

    async def last_position(self) -> int: ...

    async def after(self, position: int, limit: int) -> Sequence[Commit]:
        """Return what follows `position` without a hole, at most `limit` commits."""
        ...


@dataclass(eq=False, slots=True)
class _Waiting:
    proposal: Proposal
    answer: "asyncio.Future[Appended]"

    def settle(self, outcome: Appended | Exception) -> None:
        if self.answer.done():
            return
        if isinstance(outcome, Exception):
            self.answer.set_exception(outcome)
        else:
            self.answer.set_result(outcome)


@dataclass(eq=False, slots=True)
class _Entry:
    """A commit about to be written, and the answers that only hold if it gets in."""

    commit: Commit
    waiting: _Waiting
    followers: list[tuple[_Waiting, Appended | Exception]] = field(default_factory=list)

    def settle(self, outcome: Appended | Exception) -> None:
        self.waiting.settle(outcome)
        is_in = isinstance(outcome, Appended) and not outcome.repeated
        for follower, answer in self.followers:
            follower.settle(answer if is_in else Conflict(self.commit.id))


@dataclass(frozen=True, slots=True)
class _Chain:
    """What this group adds to one stream so far, and its last commit."""

    events: tuple[Event, ...]
    entry: _Entry


class Journal:
    """Group commit over a `Store`. One per service and process; several processes may share a store."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.appended = asyncio.Event()
        self._queue: list[_Waiting] = []
        self._writer: asyncio.Task[None] | None = None
        self._position: int | None = None

    async def history(self, stream: str, after_version: int = 0, command_id: str | None = None) -> History:
        return await self.store.history(stream, after_version, command_id)

    async def append(self, proposal: Proposal) -> Appended:
        """Append and return once a majority holds it in its journal.

        Raises:
            Conflict: the stream moved; read it and decide again.
            CommandReused: the command id stands for another body.
            Refusal: deciding anew, after others in the same group, said no.
            Unavailable: the store failed for a reason that asking again may not mend.
        """
        waiting = _Waiting(proposal, asyncio.get_running_loop().create_future())
        self._queue.append(waiting)
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._drain(), name="journal-writer")
        return await waiting.answer

    async def close(self) -> None:
        """Let the write under way finish."""
        if self._writer is not None:
            await asyncio.wait([self._writer], timeout=CLOSING_SECONDS)

    async def _drain(self) -> None:
        while self._queue:
            group, self._queue = self._queue[:LARGEST_GROUP], self._queue[LARGEST_GROUP:]
            try:
                await self._write(group)
            except Exception as fault:  # noqa: BLE001 - whatever it is, every caller must hear of it
                self._position = None
                for waiting in group:
                    waiting.settle(Unavailable(f"{type(fault).__name__}: {fault}"))

    async def _write(self, group: list[_Waiting]) -> None:
        """Write a group: only renumbered after a collision, arranged anew after an unknown outcome."""
        while entries := arrange([waiting for waiting in group if not waiting.answer.done()]):
            try:
                while entries:
                    entries = await self._insert(entries)
            except OutcomeUnknown:
                self._position = None
                await self._find_out(entries)

    async def _insert(self, entries: list[_Entry]) -> list[_Entry]:
        """Insert until something is in the way; return what is still to be inserted."""
        if self._position is None:
            self._position = await self.store.last_position()
        numbered = [entry.commit.at(self._position + i) for i, entry in enumerate(entries, start=1)]
        done = await self.store.insert(numbered)
        for entry, commit in zip(entries[:done], numbered, strict=False):
            entry.settle(Appended(commit.head, commit))
        self._position += done
        if done:
            self.appended.set()
        if done == len(entries):
            return []
        if await self._judge(entries[done], numbered[done]):
            return [entry for entry in entries[done:] if not _turned_away(entry, numbered[done])]
        return entries[done:]

    async def _judge(self, blocked: _Entry, commit: Commit) -> bool:
        """Find out which key `commit` collided with: the server names only one of them, so all are looked up.

        Returns whether `blocked` was answered; if not, another process took the position.
        """
        self._position = None
        command = commit.circumstances.command_id
        earlier = (await self.store.by_command([command])).get(command)
        if earlier is not None:
            blocked.settle(_repeated(commit, earlier))
        elif await self.store.head_is_past(commit):
            blocked.settle(Conflict(commit.id))
        else:
            if await self.store.last_position() < commit.position:  # what is in the way is not readable yet
                await asyncio.sleep(LAG_SECONDS)
            return False
        return True

    async def _find_out(self, entries: Sequence[_Entry]) -> None:
        """After an unknown outcome: what the command ids show to be in is answered; what is not there goes again.

        The first try may still land later. It then collides with the second, or the second with it; an ordered
        insert that collides stops, so neither can leave a hole.
        """
        try:
            found = await self.store.by_command([entry.commit.circumstances.command_id for entry in entries])
        except OutcomeUnknown:
            found = {}
        for entry in entries:
            earlier = found.get(entry.commit.circumstances.command_id)
            if earlier is not None:
                entry.settle(_repeated(entry.commit, earlier))
                self.appended.set()
        if len(found) < len(entries):
            await asyncio.sleep(RETRY_SECONDS)


def arrange(group: Sequence[_Waiting]) -> list[_Entry]:
    """Turn a group into the commits to write, chaining those of one stream; answer what needs no write.

    A command that is in the group twice is arranged once: the other waits for the next round, and is looked up there.
    """
    entries: list[_Entry] = []
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


def _entered(waiting: _Waiting, chains: dict[str, _Chain]) -> _Entry | None:
    """Return the commit that carries out the wish, at the end of its stream's chain; None when it takes none."""
    proposal = waiting.proposal
    chain = chains.get(proposal.stream)
    try:
        if chain is not None:
            proposal = proposal.rebase(chain.entry.commit.head, chain.events)
        if proposal.events:
            entry = _Entry(commit_of(proposal), waiting)
            chains[proposal.stream] = _Chain((*(chain.events if chain else ()), *proposal.events), entry)
            return entry
        _answer(waiting, chain, Appended(proposal.head, None))
    except Exception as no:  # noqa: BLE001 - a refusal or a mistake, it concerns this caller and no other of the group
        _answer(waiting, chain, no)
    return None


def _answer(waiting: _Waiting, chain: _Chain | None, outcome: Appended | Exception) -> None:
    if chain is None:
        waiting.settle(outcome)
    else:
        chain.entry.followers.append((waiting, outcome))


def _turned_away(entry: _Entry, blocked: Commit) -> bool:
    """What leaned on a commit that did not get in is to be read and decided again by its own caller."""
    if entry.commit.stream != blocked.stream:
        return False
    entry.settle(Conflict(entry.commit.id))
    return True


def _repeated(mine: Commit, earlier: Commit) -> Appended | Exception:
    if earlier.circumstances.fingerprint != mine.circumstances.fingerprint:
        return CommandReused(earlier.id)
    return Appended(earlier.head, earlier, repeated=True)
