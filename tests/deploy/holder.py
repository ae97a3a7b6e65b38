"""A parent to be killed: holds the backing services (or a test run's) and says where and what, until it ends.

`python -m tests.deploy.holder backing DATA` or `python -m tests.deploy.holder run`.
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

from deploy.local.backing import backing
from tests.backing.run import Run


async def hold_backing(data: Path) -> None:
    async with backing(data, environ={}) as held:
        pids = [process.pid for process in held.processes.values()]
        say(mongo_url=held.mongo_url, kafka_url=held.kafka_url, pids=pids)
        await asyncio.Event().wait()


def hold_run() -> None:
    run = Run.opened()
    addresses = run.addresses("processes")
    host = int((run.folder / "host.pid").read_text())
    children = Path(f"/proc/{host}/task/{host}/children").read_text().split()
    pids = [host, *(int(child) for child in children)]
    say(mongo_url=addresses.mongo_url, kafka_url=addresses.kafka_url, pids=pids, folder=str(run.folder))
    sys.stdin.read()


def say(**known: object) -> None:
    sys.stdout.write(json.dumps(known) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    if sys.argv[1] == "run":
        hold_run()
    else:
        asyncio.run(hold_backing(Path(sys.argv[2])))
