"""A process that writes: `python -m tests.kernel.writer URL DATABASE NAME COUNT` carries out commands, then tells."""

from __future__ import annotations

import asyncio
import json
import sys

from services.kernel.handling import Handler
from services.kernel.journal import Journal
from services.kernel.refusal import Conflict, Unavailable
from tests.kernel.samples import LANGUAGE, NOTES, Note, at
from tests.kernel.stores import mongo_store

CALLERS = 8
STREAMS = 3


async def insist(handler: Handler, command_id: str, stream: str) -> tuple[int, str]:
    """Ask until it is definite; return the position and the chain of the commit."""
    while True:
        try:
            appended = await handler.handle(Note(command_id), stream, at(command_id))
        except (Conflict, Unavailable):
            continue
        if appended.commit is None:
            raise AssertionError(command_id)
        return appended.commit.position, appended.head.chain


async def write(url: str, database: str, name: str, count: int) -> dict[str, tuple[int, str]]:
    """Half of the commands are this process's own, half are every process's."""
    told: dict[str, tuple[int, str]] = {}
    async with mongo_store(url, database) as store:
        handler = Handler(Journal(store), LANGUAGE, {"notes": NOTES})

        async def caller(first: int) -> None:
            for n in range(first, count, CALLERS):
                command_id = f"{name}-{n}" if n % 2 else f"everyone-{n}"
                told[command_id] = await insist(handler, command_id, f"notes/kota-1/n-{n % STREAMS}")

        await asyncio.gather(*(caller(first) for first in range(CALLERS)))
    return told


if __name__ == "__main__":
    url, database, name, count = sys.argv[1:]
    json.dump(asyncio.run(write(url, database, name, int(count))), sys.stdout)
