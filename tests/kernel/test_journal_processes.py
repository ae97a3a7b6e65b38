"""Several processes on one journal: none loses, none doubles, and all tell the same."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

import pytest

from tests.kernel.samples import assert_whole
from tests.kernel.stores import everything, mongo_store

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parents[2]
COUNT = 150


async def told_by(url: str, database: str, name: str) -> dict[str, list[object]]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.kernel.writer", url, database, name, str(COUNT)),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
    )
    output, _ = await process.communicate()
    assert process.returncode == 0
    told: dict[str, list[object]] = json.loads(output)
    return told


async def test_two_processes_carry_out_each_command_once(mongo_url: str, database_name: str) -> None:
    one, other = await asyncio.gather(*(told_by(mongo_url, database_name, name) for name in ("budi", "siti")))

    async with mongo_store(mongo_url, database_name) as store:
        commits = await everything(store)
    assert_whole(commits)
    there = {c.circumstances.command_id: [c.position, c.head.chain] for c in commits}
    assert one.keys() - other.keys()
    assert one.keys() & other.keys()
    assert one | other == other | one == there
