"""The bus on real Kafka: what is acknowledged took effect, poison stops its own stream only, and lag is told truly."""

from __future__ import annotations

import ast
import asyncio
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from faststream import AckPolicy
from pymongo.errors import AutoReconnect

import services
from services.kernel import bus as bus_module
from services.kernel.builds import Builds
from services.kernel.bus import STUCK_SECONDS, Bus, Consumer, broker_for, group_of
from services.kernel.incarnation import Topic
from services.kernel.stations import BEHIND
from tests.kernel.bus_samples import (
    Later,
    Misshapen,
    Reader,
    history,
    noted,
    paused,
    reader,
    rehashed,
    rooms,
    send,
    until,
    with_header,
)
from tests.kernel.samples import Noted

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from services.kernel.dispatcher import Dispatcher
    from services.kernel.mongo import Database

NAMES = ("intake", "routing", "meeting", "notification", "reporting")
SOURCES = sorted(Path(services.__file__).parent.rglob("*.py"))
NOTES, OTHER = "notes/kota-1/n-1", "notes/kota-1/n-2"


@pytest.fixture(autouse=True)
def _often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bus_module, "LOOK_SECONDS", 0.2)
    monkeypatch.setattr(bus_module, "AGAIN_SECONDS", 0.1)


@pytest.fixture
async def database(mongo_url: str, database_name: str) -> AsyncIterator[Database]:
    async with rooms(mongo_url, database_name) as opened:
        yield opened


@asynccontextmanager
async def running(kafka_url: str, topic: str, *consumers: Consumer) -> AsyncIterator[Bus]:
    async def wanted() -> Sequence[Consumer]:
        return consumers

    bus = Bus(kafka_url, Topic(kafka_url, topic), wanted)
    task = asyncio.create_task(bus.run())
    try:
        yield bus
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def consumer(said: Reader, dispatcher: Dispatcher | None = None) -> Consumer:
    return Consumer("test.said", dispatcher or said.dispatcher)


def has_count(said: Reader, key: str, count: int) -> Any:
    async def holds() -> bool:
        row = await said.row(key)
        return row is not None and row["derived"]["count"] == count

    return holds


@pytest.mark.parametrize("name", NAMES)
async def test_every_subscriber_of_every_service_acknowledges_only_what_took_effect(name: str) -> None:
    definition = getattr(import_module(f"services.{name}.main"), name.upper())
    names = ["policies", *(f"{p.name}_v{p.version}_b1" for p in definition.projections)]
    consumers = [Consumer(f"{name}.{group}", None) for group in names]  # type: ignore[arg-type]  # not started

    broker = broker_for("127.0.0.1:1", "topic", "life", consumers)

    subscribers: list[Any] = list(broker.subscribers)
    assert {told.group_id for told in subscribers} == {f"{definition.name}.{group}.life" for group in names}
    for told in subscribers:
        assert told.ack_policy is AckPolicy.NACK_ON_ERROR
        assert told._connection_args["auto_offset_reset"] == "earliest"  # noqa: SLF001 - nowhere else to read it
        assert type(told).__name__ == "BatchSubscriber"  # one worker: several would be of another class


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: "/".join(path.parts[-2:]))
def test_only_the_relay_publishes_and_only_the_bus_subscribes(path: Path) -> None:
    nodes = list(ast.walk(ast.parse(path.read_text())))
    named = {node.attr for node in nodes if isinstance(node, ast.Attribute)}
    named |= {node.id for node in nodes if isinstance(node, ast.Name)}
    producing = {"publish", "publisher", "publish_batch", "AIOKafkaProducer", "Producer", "send_and_wait"}
    consuming = {"KafkaBroker", "KafkaRouter", "subscriber", "AIOKafkaConsumer"}

    if path.name != "relay.py":
        assert not named & producing
    if path.name != "bus.py":
        assert not named & consuming


@pytest.mark.integration
async def test_poison_of_every_kind_stops_no_other_stream(database: Database, kafka_url: str, topic: str) -> None:
    said = reader(database)
    sick = history(NOTES, Noted(text="a"), Later(text="?"), Noted(text="c"))
    worse = history("notes/kota-1/n-3", Misshapen(words=1), Noted(text="b"))
    good = noted(OTHER, "a", "b")
    bad = [
        rehashed(good[1], headers=(), value=b"\xff\xfe"),
        rehashed(good[1], headers=(), key=None),
        rehashed(good[1], value=None),
        rehashed(good[1], value=b""),
        with_header(good[1], "ce_id", b"\xff"),
        with_header(good[1], "ce_chain", b"0" * 64),
        rehashed(with_header(good[1], "ce_opd", b"kota-2")),
        rehashed(good[1], key=b"another"),
        replace(good[1], headers=(), value=b"x" * 1_000_000),
    ]
    async with running(kafka_url, topic, consumer(said)) as bus:
        await until(lambda: _started(bus))
        await send(kafka_url, topic, [*sick, *worse, *bad, *good], partition=0)
        await until(has_count(said, "kota-1|n-2", 2), within=2)
        await until(lambda: _idle(bus))

    assert [(stream, n) for stream, n, _ in await said.waiting()] == [
        (NOTES, 2),
        (NOTES, 3),
        ("notes/kota-1/n-3", 1),
        ("notes/kota-1/n-3", 2),
    ]
    assert [reason for *_, reason in await said.waiting()].count(BEHIND) == 2
    assert len(await said.quarantined()) == len(bad)


async def _started(bus: Bus) -> bool:
    return bus.fault is None


async def _idle(bus: Bus) -> bool:
    return bus.fault is None and all(c.lag == 0 and c.reached for c in bus.consumers)


@pytest.mark.integration
async def test_a_fault_that_passes_loses_nothing_and_nothing_is_acknowledged_before(
    database: Database, kafka_url: str, topic: str
) -> None:
    said, seen = reader(database), asyncio.Event()
    mongo_is_away, tries = True, 0

    async def away() -> None:
        nonlocal tries
        if mongo_is_away:
            tries += 1
            seen.set()
            raise AutoReconnect("away")

    streams = [f"notes/kota-1/n-{i}" for i in range(40)]
    follower = consumer(said, paused(said, away))
    async with running(kafka_url, topic, follower) as bus:
        await until(lambda: _started(bus))
        await send(kafka_url, topic, [r for stream in streams for r in noted(stream, "a", "b")])
        await asyncio.wait_for(seen.wait(), 20)
        committed = await Topic(kafka_url, topic).committed(group_of("test.said", bus.incarnation or ""))
        assert sum(committed.values()) == 0

        mongo_is_away = False
        for stream in streams:
            await until(has_count(said, f"kota-1|{stream.rsplit('/', 1)[1]}", 2))
        await until(lambda: _idle(bus))
        assert follower.faults == 0
        assert tries < 10


@pytest.mark.integration
async def test_a_restarted_consumer_with_nothing_to_do_is_neither_behind_nor_stuck(
    database: Database, kafka_url: str, topic: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = reader(database)
    await send(kafka_url, topic, noted(NOTES, "a", "b"))
    async with running(kafka_url, topic, consumer(said)) as bus:
        await until(lambda: _idle(bus))

    again, idle_replica = consumer(said), consumer(said)
    monkeypatch.setattr(bus_module, "STUCK_SECONDS", 0.0)
    async with running(kafka_url, topic, again) as bus, running(kafka_url, topic, idle_replica) as other:
        await until(lambda: _started(bus))
        await until(lambda: _started(other))
        looked = again.moved_at, idle_replica.moved_at
        await until(lambda: _looked_since(again, looked[0]))
        await until(lambda: _looked_since(idle_replica, looked[1]))

        assert (again.lag, again.stuck) == (0, False)
        assert (idle_replica.lag, idle_replica.stuck) == (0, False)


async def _looked_since(consumer: Consumer, instant: float) -> bool:
    return consumer.moved_at > instant


@pytest.mark.integration
async def test_a_group_that_gets_through_nothing_is_stuck(
    database: Database, kafka_url: str, topic: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def never() -> None:
        raise AutoReconnect("for ever")

    said = reader(database)
    standing = consumer(said, paused(said, never))
    monkeypatch.setattr(bus_module, "STUCK_SECONDS", 0.5)
    await send(kafka_url, topic, noted(NOTES, "a", "b"))

    async with running(kafka_url, topic, standing):
        await until(lambda: _is_stuck(standing))

        assert standing.lag == 2
        assert standing.faults > 0


async def _is_stuck(consumer: Consumer) -> bool:
    return consumer.stuck


def test_a_group_another_replica_moves_is_not_stuck() -> None:
    idle = Consumer("test.said", None, moved_at=-STUCK_SECONDS)  # type: ignore[arg-type]  # it takes no records

    idle.look({0: 10}, {0: 3})

    assert idle.lag == 7
    assert not idle.stuck


@pytest.mark.integration
async def test_a_fault_in_one_consumers_sweep_leaves_the_others_alone(
    database: Database, kafka_url: str, topic: str
) -> None:
    async def broken() -> None:
        raise LookupError

    said, bad = reader(database), reader(database, "said_v1_b2")
    await bad.dispatcher.consume(noted(NOTES, "a", "b", "c")[1:])
    ill = Consumer("test.ill", paused(bad, broken))
    async with running(kafka_url, topic, ill, consumer(said)) as bus:
        await until(lambda: _started(bus))
        life = bus.incarnation
        await send(kafka_url, topic, noted(OTHER, "a"))
        await until(has_count(said, "kota-1|n-2", 1))
        assert (bus.fault, bus.incarnation) == (None, life)


@pytest.mark.integration
async def test_another_build_is_taken_up_while_the_bus_runs(database: Database, kafka_url: str, topic: str) -> None:
    said = reader(database)
    builds = Builds(database, said.view.projection)
    made: dict[str, Consumer] = {}

    async def wanted() -> Sequence[Consumer]:
        for build in await builds.live():
            made.setdefault(build, Consumer(f"test.{build}", reader(database, build).dispatcher))
        return [made[build] for build in await builds.live()]

    bus = Bus(kafka_url, Topic(kafka_url, topic), wanted)
    task = asyncio.create_task(bus.run())
    try:
        await send(kafka_url, topic, noted(NOTES, "a"))
        await until(has_count(said, "kota-1|n-1", 1))
        build = await builds.begin()
        assert build == "said_v1_b2"
        await until(has_count(reader(database, build), "kota-1|n-1", 1))
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
