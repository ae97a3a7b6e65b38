"""Stores to try a journal on: the real ones, and ones around them that fail in a chosen way."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, closing
from enum import Enum, auto
from typing import TYPE_CHECKING

from services.kernel import mongo
from services.kernel.journal import OutcomeUnknown, Store
from services.kernel.memory import MemoryStore
from services.kernel.mongo_journal import MongoStore

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Mapping, Sequence

    import pytest

    from services.kernel.commit import Commit, History

EVERYTHING = 100_000


@asynccontextmanager
async def store_of(request: pytest.FixtureRequest) -> AsyncIterator[Store]:
    """`request.param` is `memory` or `mongo`; the latter in a database of its own."""
    if request.param == "memory":
        yield MemoryStore()
    else:
        url, name = request.getfixturevalue("mongo_url"), request.getfixturevalue("database_name")
        async with mongo_store(url, name) as store:
            yield store


@asynccontextmanager
async def mongo_store(url: str, name: str) -> AsyncIterator[MongoStore]:
    with closing(mongo.connect(url)) as client:
        store = MongoStore(mongo.database(client, name))
        await store.prepare()
        yield store


async def everything(store: Store) -> Sequence[Commit]:
    """What a reader sees from the beginning."""
    return await store.after(0, EVERYTHING)


class Around:
    """A store that does what the one inside does."""

    def __init__(self, inside: Store) -> None:
        self.inside = inside
        self.inserts = 0

    async def insert(self, commits: Sequence[Commit]) -> int:
        self.inserts += 1
        return await self.inside.insert(commits)

    async def by_command(self, command_ids: Sequence[str]) -> Mapping[str, Commit]:
        return await self.inside.by_command(command_ids)

    async def history(self, stream: str, after_version: int, command_id: str | None) -> History:
        return await self.inside.history(stream, after_version, command_id)

    async def head_is_past(self, commit: Commit) -> bool:
        return await self.inside.head_is_past(commit)

    async def last_position(self) -> int:
        return await self.inside.last_position()

    async def after(self, position: int, limit: int) -> Sequence[Commit]:
        return await self.inside.after(position, limit)


class Held(Around):
    """Its first insert waits until `release` is set, so that what is appended meanwhile forms one group."""

    def __init__(self, inside: Store) -> None:
        super().__init__(inside)
        self.entered = asyncio.Event()
        self.release = asyncio.Event()

    async def insert(self, commits: Sequence[Commit]) -> int:
        self.entered.set()
        await self.release.wait()
        return await super().insert(commits)


class Fate(Enum):
    """What becomes of one insert. All but TOLD end in OutcomeUnknown."""

    TOLD = auto()
    ALL_IN = auto()
    HALF_IN = auto()
    NONE_IN = auto()
    LANDS_BEFORE_NEXT = auto()
    LANDS_AFTER_NEXT = auto()
    SILENT = auto()  # nothing in, and the look-up that follows does not answer either


class Fateful(Around):
    """Each insert meets the next of `fates`; when they are used up, all is told."""

    def __init__(self, inside: Store, fates: Iterable[Fate]) -> None:
        super().__init__(inside)
        self._fates = iter(fates)
        self._before: list[Sequence[Commit]] = []
        self._after: list[Sequence[Commit]] = []
        self._deaf = False

    async def insert(self, commits: Sequence[Commit]) -> int:
        before, after = self._before, self._after
        self._before, self._after = [], []
        for zombie in before:
            await self.inside.insert(zombie)
        try:
            return await self._meet(next(self._fates, Fate.TOLD), commits)
        finally:
            for zombie in after:
                await self.inside.insert(zombie)

    async def _meet(self, fate: Fate, commits: Sequence[Commit]) -> int:
        self._deaf = fate is Fate.SILENT
        landing = {Fate.TOLD: len(commits), Fate.ALL_IN: len(commits), Fate.HALF_IN: len(commits) // 2}.get(fate, 0)
        done = await super().insert(commits[:landing]) if landing else 0
        if fate is Fate.TOLD:
            return done
        {Fate.LANDS_BEFORE_NEXT: self._before, Fate.LANDS_AFTER_NEXT: self._after}.get(fate, []).append(commits)
        raise OutcomeUnknown(fate.name)

    async def by_command(self, command_ids: Sequence[str]) -> Mapping[str, Commit]:
        if self._deaf:
            self._deaf = False
            raise OutcomeUnknown("deaf")
        return await super().by_command(command_ids)


class Lagging(Around):
    """Reads show nothing past position `shown`, as when no majority has confirmed it yet; inserts collide with it."""

    def __init__(self, inside: Store) -> None:
        super().__init__(inside)
        self.shown = EVERYTHING

    async def by_command(self, command_ids: Sequence[str]) -> Mapping[str, Commit]:
        found = await super().by_command(command_ids)
        return {command: commit for command, commit in found.items() if commit.position <= self.shown}

    async def head_is_past(self, commit: Commit) -> bool:
        return commit.id in {seen.id for seen in await self.after(0, EVERYTHING)}

    async def last_position(self) -> int:
        return min(await super().last_position(), self.shown)

    async def after(self, position: int, limit: int) -> Sequence[Commit]:
        return [commit for commit in await super().after(position, limit) if commit.position <= self.shown]
