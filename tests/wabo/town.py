"""Five services as real processes with databases and a topic of their own, and `aduan` called as a person would."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections import Counter
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pymongo import MongoClient

from deploy import household
from deploy.local.folder import ports
from deploy.local.process import running
from deploy.running import programs
from deploy.serve import SERVICES
from tests.backing.fixtures import own_databases, own_topic

if TYPE_CHECKING:
    from asyncio.subprocess import Process
    from collections.abc import AsyncIterator, Callable, Sequence

    from tests.backing.addresses import Addresses

PROJECT = Path(__file__).parents[2]
NO_MAIL = 1
LOOK_SECONDS = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Town:
    data: Path
    prefix: str
    mongo: MongoClient[dict[str, Any]]

    async def begin(self, *words: str) -> Process:
        """Start `aduan` with `words` on this town's folder, its output kept."""
        told = {name: value for name, value in os.environ.items() if not name.startswith("ADUAN_")}  # noqa: TID251
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "deploy", *words, "--data", str(self.data)),
            cwd=PROJECT,
            env=told,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )

    async def aduan(self, *words: str) -> tuple[int | None, str]:
        """Call `aduan`; return its exit code and what it printed."""
        child = await self.begin(*words)
        said, _ = await child.communicate()
        return child.returncode, said.decode()

    async def asked(self, *words: str) -> dict[str, Any]:
        """What `aduan <words> --json` prints."""
        code, said = await self.aduan(*words, "--json")
        assert code == 0, said
        answer = json.loads(said)
        assert isinstance(answer, dict)
        return answer

    def facts(self) -> Counter[str]:
        """How often each type of event stands in the journals."""
        every: list[dict[str, Any]] = [
            {"$unwind": "$events"},
            {"$group": {"_id": "$events.type", "count": {"$sum": 1}}},
        ]
        found: Counter[str] = Counter()
        for service in SERVICES:
            counted = self.mongo[f"{self.prefix}_{service}"]["commits"].aggregate(every)
            found.update({one["_id"]: one["count"] for one in counted})
        return found

    async def until(self, holds: Callable[[Counter[str]], bool]) -> None:
        """Await that the journals hold what `holds` asks for."""
        while not holds(await asyncio.to_thread(self.facts)):  # noqa: ASYNC110 - other processes write them
            await asyncio.sleep(LOOK_SECONDS)


@asynccontextmanager
async def town(backing: Addresses, data: Path, services: Sequence[str] = SERVICES) -> AsyncIterator[Town]:
    with ExitStack() as stack:
        prefix = stack.enter_context(own_databases(backing.mongo_url))
        topic = stack.enter_context(own_topic(backing.kafka_url))
        mongo: MongoClient[dict[str, Any]] = stack.enter_context(MongoClient(backing.mongo_url))
        told = household.environment(data, backing, NO_MAIL)  # type: ignore[arg-type]  # two addresses are all it reads
        own = {"ADUAN_TOPIC": topic, "ADUAN_DATABASE_PREFIX": prefix, "PYTHONPATH": str(PROJECT)}
        async with running(programs(data, ports(data, services), told | own, services)):
            yield Town(data=data, prefix=prefix, mongo=mongo)
