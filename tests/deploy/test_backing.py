"""MongoDB and Kafka as child processes: how they start, end, and go on."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka.admin import AdminClient

from deploy.local import checks, kafka, mongod
from deploy.local.backing import backing
from deploy.local.folder import is_free, ports, remembered
from deploy.local.process import Program, running
from deploy.local.trouble import Trouble
from tests.deploy.probes import gone, kept, until, write

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parents[2]
UP = (sys.executable, "-c", "from deploy.cli import app; app()", "up", "--data")


async def started(*command: str) -> tuple[asyncio.subprocess.Process, str]:
    parent = await asyncio.create_subprocess_exec(
        *command, cwd=ROOT, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    assert parent.stdout is not None
    line = await asyncio.wait_for(parent.stdout.readline(), 120)
    return parent, line.decode()


async def held_by_another(*arguments: str) -> tuple[asyncio.subprocess.Process, dict[str, Any]]:
    parent, line = await started(sys.executable, "-m", "tests.deploy.holder", *arguments)
    return parent, json.loads(line)


def hang_up(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.close()


async def listens(port: int) -> bool:
    return not is_free(port)


async def test_children_die_with_a_killed_parent_and_their_folder_goes_on(tmp_path: Path) -> None:
    parent, said = await held_by_another("backing", str(tmp_path))
    await write(said["mongo_url"], said["kafka_url"])

    parent.kill()
    await parent.wait()
    async with backing(tmp_path, environ={}) as again:  # at once: the lock waits for the dying
        assert all(gone(pid) for pid in said["pids"])
        assert (again.mongo_url, again.kafka_url) == (said["mongo_url"], said["kafka_url"])
        assert await kept(again.mongo_url, again.kafka_url)


async def test_what_a_killed_test_run_held_is_gone_with_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    parent, said = await held_by_another("run")
    assert len(said["pids"]) == 3
    assert Path(said["folder"]).parent == tmp_path

    parent.kill()
    await parent.wait()

    await until(lambda: all(gone(pid) for pid in said["pids"]))
    await until(lambda: not Path(said["folder"]).exists())


async def test_a_part_whose_port_was_taken_moves_with_its_data(tmp_path: Path) -> None:
    async with backing(tmp_path, environ={}) as first:
        await write(first.mongo_url, first.kafka_url)
    async with AsyncExitStack() as stack:
        for port in remembered(tmp_path).values():
            await stack.enter_async_context(await asyncio.start_server(hang_up, "127.0.0.1", port))

        async with backing(tmp_path, environ={}) as moved:
            assert moved.mongo_url != first.mongo_url
            assert moved.kafka_url != first.kafka_url
            assert await kept(moved.mongo_url, moved.kafka_url)


async def test_a_killed_part_comes_back_and_a_paused_one_goes_on(tmp_path: Path) -> None:
    async with backing(tmp_path, environ={}) as held:
        await write(held.mongo_url, held.kafka_url)
        for process in held.processes.values():
            before = process.pid
            await process.kill()
            assert gone(before)
            await process.restart()
            assert process.pid != before
        given = remembered(tmp_path)
        server, broker = held.processes["mongod"], held.processes["kafka"]

        broker.pause()
        assert not await kafka.answers(given["kafka"])
        broker.resume()
        server.pause()
        server.resume()
        assert await mongod.is_primary(given["mongod"])

        assert await kept(held.mongo_url, held.kafka_url)
    assert all(is_free(port) for port in given.values())


async def test_a_part_that_cannot_start_is_said_with_its_log_and_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(Trouble, match="MongoDB berhenti sendiri") as said:
        async with backing(tmp_path, environ={}, mongod_options=["--no-such-flag"]):
            pass

    assert said.value.log is not None
    assert "no-such-flag" in said.value.log.read_text()
    assert all(is_free(port) for port in remembered(tmp_path).values())


async def test_up_makes_the_topics_and_ends_in_good_order_on_ctrl_c(tmp_path: Path) -> None:
    parent, line = await started(*UP, str(tmp_path))
    assert line.startswith("MongoDB")
    given = remembered(tmp_path)
    client = AdminClient({"bootstrap.servers": f"127.0.0.1:{given['kafka']}"})
    assert len(client.list_topics(timeout=5).topics["complaints.events.v1"].partitions) == 12

    parent.send_signal(signal.SIGINT)

    assert await asyncio.wait_for(parent.wait(), 30) == 0
    assert all(is_free(port) for port in given.values())


async def test_up_on_a_folder_in_use_is_refused_in_one_sentence(tmp_path: Path) -> None:
    parent, _ = await held_by_another("backing", str(tmp_path))

    second, line = await started(*UP, str(tmp_path))

    assert f"sedang dipakai proses {parent.pid}" in line
    assert await second.wait() == 1
    parent.kill()
    await parent.wait()


@pytest.mark.parametrize("suffix", ["", "/?replicaSet=rs0"])
async def test_a_mongod_outside_a_replica_set_is_refused(
    tmp_path: Path, suffix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checks, "PATIENCE", 1.0)
    port = ports(tmp_path, ["alone"])["alone"]
    alone = Program(
        title="MongoDB",
        command=(str(mongod.binary()), "--port", str(port), "--dbpath", ".", "--nounixsocket"),
        folder=tmp_path / "alone",
        log=tmp_path / "alone.log",
        ready=lambda: listens(port),
    )
    async with running({"alone": alone}):
        with pytest.raises(Trouble, match="di luar replica set"):
            await checks.mongo(f"mongodb://127.0.0.1:{port}{suffix}")


async def test_a_wrong_password_is_not_told_as_silence_and_not_shown(mongo_url: str) -> None:
    given = mongo_url.replace("mongodb://", "mongodb://nobody:rahasia@")

    with pytest.raises(Trouble, match="menolak nama atau kata sandinya") as said:
        await checks.mongo(given)

    assert "rahasia" not in str(said.value)


async def test_addresses_given_are_used_and_start_nothing(tmp_path: Path, mongo_url: str, kafka_url: str) -> None:
    given = {"ADUAN_MONGO_URL": mongo_url, "ADUAN_KAFKA_URL": kafka_url}

    async with backing(tmp_path / "unused", environ=given) as held:
        assert (held.mongo_url, held.kafka_url) == (mongo_url, kafka_url)
        assert not held.processes
    assert not (tmp_path / "unused").exists()
