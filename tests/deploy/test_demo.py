"""`aduan demo --once` as a person types it, on a folder of its own: twice works twice, and half of it is no success."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from deploy.demo.stories import STORIES
from deploy.local.folder import is_free, remembered

if TYPE_CHECKING:
    from asyncio.subprocess import Process

pytestmark = [pytest.mark.integration, pytest.mark.timeout(600)]

ROOT = Path(__file__).parents[2]


async def begun(data: Path) -> Process:
    told = {name: value for name, value in os.environ.items() if not name.startswith("ADUAN_")}  # noqa: TID251
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "deploy", "demo", "--once", "--data", str(data)),
        cwd=ROOT,
        env=told,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )


async def test_the_demo_tells_five_complaints_to_their_record_and_does_so_again_on_the_same_folder(
    tmp_path: Path,
) -> None:
    for _ in ("first", "again"):
        demo = await begun(tmp_path)
        said = (await demo.communicate())[0].decode()

        assert demo.returncode == 0, said
        assert said.count("dicatat dan didokumentasikan") == len(STORIES)
        assert "Rekap Pengaduan Pelanggan" in said
        assert "Evaluasi penanganan pengaduan" in said
    assert all(is_free(port) for port in remembered(tmp_path).values())


async def test_a_demo_that_was_stopped_half_way_does_not_count_as_one_that_ended_well(tmp_path: Path) -> None:
    demo = await begun(tmp_path)
    assert demo.stdout is not None
    while "pengaduan disampaikan" not in (line := (await demo.stdout.readline()).decode()):
        assert line, "ended before a complaint was filed"

    demo.send_signal(signal.SIGINT)
    await demo.stdout.read()

    assert await demo.wait() == 130
