"""Looking into what a benchmark left behind: nothing acknowledged is missing, nothing is there that was not."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from itertools import groupby
from typing import TYPE_CHECKING

from services.kernel.commit import verified
from services.kernel.mongo import connect, database
from services.kernel.mongo_journal import MongoStore

if TYPE_CHECKING:
    from collections.abc import Iterator

    from services.kernel.commit import Commit
    from services.kernel.mongo import Database
    from tests.benchmarks.ground import Place

PAGE = 2_000
LOOK_SECONDS = 0.05


@contextmanager
def opened(place: Place, service: str) -> Iterator[Database]:
    client = connect(place.ground.backing.mongo_url)
    try:
        yield database(client, f"{place.name}_{service}")
    finally:
        client.close()


async def sound(db: Database, acknowledged: int) -> str:
    """Check that as many commits are in as were acknowledged, at positions without a hole, every chain unbroken."""
    store = MongoStore(db)
    commits: list[Commit] = []
    while page := await store.after(len(commits), PAGE):
        commits += page
    assert len(commits) == acknowledged == await db["commits"].count_documents({}), (len(commits), acknowledged)
    assert [commit.position for commit in commits] == list(range(1, acknowledged + 1))
    streams = 0
    for _, chain in groupby(sorted(commits, key=lambda c: (c.stream, c.version)), key=lambda c: c.stream):
        verified(chain)
        streams += 1
    return (
        f"{acknowledged:,} acknowledged = {len(commits):,} commits, positions 1..{len(commits):,}, {streams:,} chains"
    )


async def serving(db: Database, projection: str) -> str:
    """The name of the table of rows that answers."""
    found = await db["builds"].find_one({"_id": projection})
    assert found is not None
    return str(found["serving"])


async def settled(db: Database, projection: str, earlier: int, more: int) -> None:
    """Wait until the projection has `more` rows than `earlier`: what was acknowledged has run through the bus."""
    table = db[await serving(db, projection)]
    while await table.estimated_document_count() < earlier + more:  # noqa: ASYNC110 - another process's rows
        await asyncio.sleep(LOOK_SECONDS)
