"""A process of its own that holds the backing services of one test run: `python -m tests.backing.host RUN PID KIND`.

One for all workers of pytest-xdist, asked for by the first that needs it. It ends with the pytest process PID, however
that one ends, and takes services and data with it.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import sys
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from deploy.local.backing import backing
from tests.backing.addresses import Addresses
from tests.backing.containers import containers, engine_answers

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


async def hold(run: Path, pytest_pid: int, kind: str) -> None:
    over = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_reader(os.pidfd_open(pytest_pid), over.set)
    loop.add_signal_handler(signal.SIGTERM, over.set)
    as_containers = kind == "containers" or (not kind and engine_answers())
    async with (containers if as_containers else processes)(run) as addresses:
        addresses.written(run / "addresses.json")
        await over.wait()


@asynccontextmanager
async def processes(data: Path) -> AsyncIterator[Addresses]:
    async with backing(data, environ={}) as started:
        yield Addresses(mongo_url=started.mongo_url, kafka_url=started.kafka_url)
        for one in started.processes.values():
            await one.kill()  # nobody needs the data any more, so no good order either


def main() -> None:
    run, pytest_pid, kind = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    try:
        asyncio.run(hold(run, pytest_pid, kind))
    finally:
        if (run / "addresses.json").exists():  # else the log is still wanted, to say why nothing came up
            shutil.rmtree(run, ignore_errors=True)


if __name__ == "__main__":
    main()
