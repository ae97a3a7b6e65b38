"""MongoDB and Kafka for a laptop and for tests: addresses given in the environment, else child processes."""

from __future__ import annotations

import asyncio
import os
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.console import Console

from deploy.local import checks, folder, jars, java, kafka, machine, mongod
from deploy.local.process import Process, Program, running

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence
    from pathlib import Path

MONGO_URL = "ADUAN_MONGO_URL"
KAFKA_URL = "ADUAN_KAFKA_URL"


@dataclass(frozen=True, kw_only=True, slots=True)
class Backing:
    """Where the two answer, and those of them (`mongod`, `kafka`) that are children of ours."""

    mongo_url: str
    kafka_url: str
    processes: Mapping[str, Process]


@asynccontextmanager
async def backing(
    data: Path,
    console: Console | None = None,
    *,
    environ: Mapping[str, str] | None = None,
    mongod_options: Sequence[str] = (),
) -> AsyncIterator[Backing]:
    """Both, ready to be written to; what was started here is stopped in good order at the end.

    The same `data` goes on where it was, on the same ports as long as they are free. Children die with this process,
    also when it is killed. `environ` is where ADUAN_MONGO_URL and ADUAN_KAFKA_URL are looked up (the process's own
    when None; `{}` insists on children). Call it from a thread that lives as long as the children should.

    Raises:
        Trouble: the folder is held by another process, a part is missing or broken, an address does not answer.
    """
    given = os.environ if environ is None else environ
    console = console or Console(quiet=True)
    mongo_url, kafka_url = given.get(MONGO_URL), given.get(KAFKA_URL)
    await _check(mongo_url, kafka_url)
    names = [*(() if mongo_url else ("mongod",)), *(() if kafka_url else ("kafka", "controller"))]
    async with folder.placed(data, names) as place:
        programs = await _programs(place, console, mongod_options)
        with console.status("Menunggu MongoDB dan Kafka siap …") as status:
            async with running(programs) as processes:
                status.stop()
                yield Backing(
                    mongo_url=mongo_url or mongod.url(place.ports["mongod"]),
                    kafka_url=kafka_url or f"127.0.0.1:{place.ports['kafka']}",
                    processes=processes,
                )


async def _check(mongo_url: str | None, kafka_url: str | None) -> None:
    if mongo_url:
        await checks.mongo(mongo_url)
    if kafka_url:
        await checks.kafka(kafka_url)


async def _programs(place: folder.Place, console: Console, mongod_options: Sequence[str]) -> dict[str, Program]:
    programs: dict[str, Program] = {}
    if place.ports:
        machine.system()
    if "mongod" in place.ports:
        machine.curl()
        programs["mongod"] = mongod.program(place, mongod_options)
    if "kafka" in place.ports:
        runtime = await asyncio.to_thread(java.provided, console)
        programs["kafka"] = await kafka.program(place, runtime, await jars.provided(console))
    return programs
