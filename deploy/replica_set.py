"""`python -m deploy.replica_set HOST:PORT`: a fresh mongod becomes a replica set of one.

For Compose, which has nobody to do it by hand. A set that is there stays as it is; one of several members is made by
whoever runs MongoDB.
"""

from __future__ import annotations

import asyncio
import sys
from typing import Any

from pymongo import AsyncMongoClient, ReadPreference
from pymongo.errors import OperationFailure, PyMongoError

from deploy.local.mongod import SET
from deploy.local.trouble import Trouble
from deploy.screen import console, told

# Longest wait for mongod and for its election, seconds.
PATIENCE = 60.0
BETWEEN_PROBES = 0.3
ALREADY_INITIALIZED = 23


def run(member: str) -> None:
    with told():
        asyncio.run(initiate(member))
    console.print(f"MongoDB {member}: replica set {SET} siap.")


async def initiate(member: str) -> None:
    """Wait for the mongod at `member` (`host:port`, as services will reach it) and see to it that it takes writes.

    Raises:
        Trouble: it does not answer, runs without `--replSet`, or became no primary in time.
    """
    client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(
        member, directConnection=True, serverSelectionTimeoutMS=1_000
    )
    try:
        async with client, asyncio.timeout(PATIENCE):
            while not await _writable(client, member):  # noqa: ASYNC110 - it is another process that becomes ready
                await asyncio.sleep(BETWEEN_PROBES)
    except TimeoutError as late:
        raise Trouble(f"MongoDB {member} belum menjadi replica set setelah {PATIENCE:.0f} detik.") from late


async def _writable(client: AsyncMongoClient[dict[str, Any]], member: str) -> bool:
    try:
        hello = await client.admin.command("hello")
        if not hello.get("isWritablePrimary"):
            await _initiate_once(client, member)
        elif "setName" not in hello:
            raise Trouble(f"MongoDB {member} berjalan tanpa --replSet {SET}; jalankan ulang dengan opsi itu.")
        else:
            return True
    except PyMongoError:
        return False
    return False


async def _initiate_once(client: AsyncMongoClient[dict[str, Any]], member: str) -> None:
    """The stored config decides, not the status: a set that is still looking for itself also calls itself new."""
    stored = client.local.get_collection("system.replset", read_preference=ReadPreference.SECONDARY_PREFERRED)
    if await stored.find_one() is None:
        alone = {"_id": SET, "members": [{"_id": 0, "host": member}]}
        try:
            await client.admin.command("replSetInitiate", alone)
        except OperationFailure as refused:
            if refused.code != ALREADY_INITIALIZED:
                raise


if __name__ == "__main__":
    run(sys.argv[1])
