"""mongod is killed while its journal is held back: what was acknowledged stays, what was read stays, no hole."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from pymongo import AsyncMongoClient
from pymongo.read_concern import ReadConcern

from deploy.local import folder, mongod
from deploy.local.process import Process
from services.kernel.handling import Handler
from services.kernel.journal import Journal, OutcomeUnknown, Store
from tests.kernel.samples import LANGUAGE, NOTES, assert_whole
from tests.kernel.stores import everything, mongo_store
from tests.kernel.writer import insist

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from pathlib import Path

    from services.kernel.commit import Commit

pytestmark = pytest.mark.integration

ROUNDS = 3
WRITERS = 3
CALLERS = 6
ACKNOWLEDGED_PER_ROUND = 200
PER_STREAM = 40
DOUBT_WITHIN = 0.5
DATABASE = "crash"
TEST_COMMANDS = ("--setParameter", "enableTestCommands=1")
HELD_BACK = {"configureFailPoint": "pauseJournalFlusherBeforeFlush", "mode": "alwaysOn"}


@dataclass
class Traffic:
    """What writers were told, and what a reader running alongside saw, in the order it saw it."""

    told: dict[str, tuple[int, str]] = field(default_factory=dict)
    seen: list[Commit] = field(default_factory=list)
    over: asyncio.Event = field(default_factory=asyncio.Event)
    acknowledged: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(0))

    async def write(self, url: str, name: str) -> None:
        async with mongo_store(url, DATABASE) as store:
            handler = Handler(Journal(store), LANGUAGE, {"notes": NOTES})
            await asyncio.gather(*(self._call(handler, f"{name}-{caller}") for caller in range(CALLERS)))

    async def _call(self, handler: Handler, name: str) -> None:
        n = 0
        while not self.over.is_set():
            command_id, stream = f"{name}-{n}", f"notes/kota-1/n-{n // PER_STREAM}"
            self.told[command_id] = await insist(handler, command_id, stream)
            self.acknowledged.release()
            n += 1

    async def read(self, store: Store) -> None:
        while not self.over.is_set():
            try:
                self.seen += await store.after(len(self.seen), 500)
            except OutcomeUnknown:
                continue
            await asyncio.sleep(0.01)

    async def until_told(self, more: int) -> None:
        self.acknowledged = asyncio.Semaphore(0)
        for _ in range(more):
            await self.acknowledged.acquire()


@asynccontextmanager
async def own_mongod(data: Path) -> AsyncIterator[tuple[Process, str]]:
    async with folder.placed(data, ("mongod",)) as place:
        process = Process(mongod.program(place, TEST_COMMANDS))
        await process.start()
        try:
            yield process, mongod.url(place.ports["mongod"])
        finally:
            await process.kill()


async def leaves_something_in_doubt(url: str) -> bool:
    """Stop the journal's flush; tell whether a commit came to be there that no majority has.

    None comes when every writer is just being told of a collision: mongod waits for the flush before it says so.
    """
    client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(url)
    async with client:
        await client.admin.command(HELD_BACK)
        commits = client[DATABASE]["commits"]
        with suppress(TimeoutError):
            async with asyncio.timeout(DOUBT_WITHIN):
                while await last(commits, "local") == await last(commits, "majority"):  # noqa: ASYNC110 - no bell there
                    await asyncio.sleep(0.01)
                return True
    return False


async def last(commits: Any, level: str) -> object:
    found = await commits.with_options(read_concern=ReadConcern(level)).find_one({}, sort=[("position", -1)])
    return found["position"] if found else 0


async def test_what_was_acknowledged_or_read_outlives_every_crash(tmp_path: Path) -> None:
    traffic = Traffic()
    async with own_mongod(tmp_path) as (process, url), mongo_store(url, DATABASE) as store:
        tasks = [asyncio.create_task(traffic.write(url, f"w{n}")) for n in range(WRITERS)]
        reader = asyncio.create_task(traffic.read(store))
        in_doubt = 0
        while in_doubt < ROUNDS:
            await traffic.until_told(ACKNOWLEDGED_PER_ROUND)
            in_doubt += await leaves_something_in_doubt(url)
            await process.kill()
            await process.start()
        await traffic.until_told(ACKNOWLEDGED_PER_ROUND)
        traffic.over.set()
        await asyncio.gather(*tasks, reader)
        _assert_all_there(traffic, await everything(store))


def _assert_all_there(traffic: Traffic, commits: Sequence[Commit]) -> None:
    assert_whole(commits)
    there = {commit.circumstances.command_id: (commit.position, commit.head.chain) for commit in commits}
    assert traffic.told == there
    assert traffic.seen == list(commits[: len(traffic.seen)])
    assert len(traffic.seen) > ROUNDS * ACKNOWLEDGED_PER_ROUND
