"""The journal: a service's append-only memory, and the only truth.

Appends that arrive while a write is under way are gathered and written by one ordered insert. Positions have no
holes, because a writer takes p+1 only after p was acknowledged to it, stands before it in the same ordered insert, or
was read with majority. An outcome that is unknown stays unknown until the command ids can be looked up.
"""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Protocol

from services.kernel.commit import Appended, Commit, History, Proposal
from services.kernel.group import Entry, Waiting, arrange, turned_away
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


class Journal:
    """Group commit over a `Store`. One per service and process; several processes may share a store."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.appended = asyncio.Event()
        self._queue: list[Waiting] = []
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
        waiting = Waiting(proposal, asyncio.get_running_loop().create_future())
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

    async def _write(self, group: list[Waiting]) -> None:
        """Write a group: only renumbered after a collision, arranged anew after an unknown outcome."""
        while entries := arrange([waiting for waiting in group if not waiting.answer.done()]):
            try:
                while entries:
                    entries = await self._insert(entries)
            except OutcomeUnknown:
                self._position = None
                await self._find_out(entries)

    async def _insert(self, entries: list[Entry]) -> list[Entry]:
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
            return [entry for entry in entries[done:] if not turned_away(entry, numbered[done])]
        return entries[done:]

    async def _judge(self, blocked: Entry, commit: Commit) -> bool:
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

    async def _find_out(self, entries: Sequence[Entry]) -> None:
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


def _repeated(mine: Commit, earlier: Commit) -> Appended | Exception:
    if earlier.circumstances.fingerprint != mine.circumstances.fingerprint:
        return CommandReused(earlier.id)
    return Appended(earlier.head, earlier, repeated=True)
