"""The relay on real Kafka: every commit on the bus, in order, whatever breaks on the way."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from aiokafka.errors import OutOfOrderSequenceNumber
from pymongo.errors import AutoReconnect

from deploy import topics
from deploy.local.backing import backing
from services.kernel import clock
from services.kernel import relay as relay_module
from services.kernel.commit import START, commit_of
from services.kernel.envelope import milliseconds
from services.kernel.incarnation import Topic
from services.kernel.journal import Journal
from services.kernel.mongo_journal import MongoStore
from services.kernel.recorded import key_of
from services.kernel.relay import Relay
from tests.kernel.bus_samples import read, rooms, until
from tests.kernel.samples import OTHER, STREAM, Noted, wish
from tests.kernel.stores import EVERYTHING, Around

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from pathlib import Path

    from services.kernel.commit import Commit
    from services.kernel.dispatcher import Record
    from services.kernel.mongo import Database

pytestmark = pytest.mark.integration


@pytest.fixture(autouse=True)
def _often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relay_module, "AGAIN_SECONDS", 0.1)
    monkeypatch.setattr(relay_module, "RENEW_SECONDS", 0.2)


@dataclass
class House:
    """A service's database and the topic its relay writes to."""

    database: Database
    journal: Journal
    kafka_url: str
    topic: str

    def relay(self, kind: type[Relay] = Relay, name: str = "one", journal: Journal | None = None) -> Relay:
        topic = Topic(self.kafka_url, self.topic)
        return kind(journal or self.journal, self.database, topic, self.kafka_url, name, clock.now)

    async def append(self, *commands: str, stream: str = STREAM) -> None:
        for command in commands:
            head = (await self.journal.history(stream)).commits
            events = [Noted(text=command), Noted(text=f"{command}!")]
            await self.journal.append(wish(command, events, stream=stream, head=head[-1].head if head else START))

    async def expected(self) -> list[tuple[Any, ...]]:
        return sorted(_sent(commit, i) for commit in await self.commits() for i in range(len(commit.events)))

    async def commits(self) -> Sequence[Commit]:
        return await self.journal.store.after(0, EVERYTHING)


def _sent(commit: Commit, i: int) -> tuple[Any, ...]:
    wire, stamp = commit.events[i], milliseconds(commit.circumstances.recorded_at)
    return key_of(commit.stream).encode(), wire.headers, stamp, wire.value


def _met(record: Record) -> tuple[Any, ...]:
    return record.key, record.headers, record.timestamp, record.value


@pytest.fixture
async def house(mongo_url: str, database_name: str, kafka_url: str, topic: str) -> AsyncIterator[House]:
    async with housed(mongo_url, database_name, kafka_url, topic) as made:
        yield made


@asynccontextmanager
async def housed(mongo_url: str, name: str, kafka_url: str, topic: str) -> AsyncIterator[House]:
    async with rooms(mongo_url, name) as database:
        store = MongoStore(database)
        await store.prepare()
        yield House(database, Journal(store), kafka_url, topic)


@asynccontextmanager
async def running(*relays: Relay) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(relay.run()) for relay in relays]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


def at(relay: Relay, position: int) -> Any:
    async def holds() -> bool:
        return relay.progress.position >= position

    return holds


async def test_the_topic_holds_the_journal_byte_for_byte_and_each_stream_in_order(house: House) -> None:
    await house.append("a", "b", "c")
    await house.append("d", stream=OTHER)
    relay = house.relay()

    async with running(relay):
        await until(at(relay, 4))
        await house.append("e")
        await until(at(relay, 5))

    records = await read(house.kafka_url, house.topic, 10)
    assert sorted(_met(r) for r in records) == await house.expected()
    sequences = [dict(r.headers)["ce_sequence"] for r in records if r.key == b"n-1"]
    assert sequences == sorted(sequences)


class DiesBeforeCheckpoint(Relay):
    deaths = 1

    async def _save(self, incarnation: str, position: int) -> None:
        if self.deaths:
            self.deaths -= 1
            raise AutoReconnect("killed here")
        await super()._save(incarnation, position)


async def test_a_crash_between_acknowledgement_and_checkpoint_sends_the_same_bytes_again(house: House) -> None:
    await house.append("a", "b")
    relay = house.relay(DiesBeforeCheckpoint)

    async with running(relay):
        await until(at(relay, 2))

    records = await read(house.kafka_url, house.topic, 8)
    expected = await house.expected()
    assert sorted(_met(r) for r in records) == sorted([*expected, *expected])


class Unelected(Relay):
    async def _lease(self) -> bool:
        return True


async def test_two_relays_at_once_send_nothing_but_the_same(house: House) -> None:
    one, two = house.relay(Unelected, "one"), house.relay(Unelected, "two")

    async with running(one, two):
        await house.append(*"abcdef")
        await until(at(one, 6))
        await until(at(two, 6))

    records = await read(house.kafka_url, house.topic, 12)
    assert {_met(r) for r in records} == set(await house.expected())


class Stumbling(Relay):
    """Its first producer is one that lost its place, as after a long outage of the leader: such a one never mends."""

    made = 0

    def _made(self) -> Any:
        self.made += 1
        producer = super()._made()
        if self.made == 1:

            async def lost(*_: object, **__: object) -> None:
                raise OutOfOrderSequenceNumber

            producer.send = lost
        return producer


async def test_a_producer_that_saw_an_error_is_never_used_again(house: House) -> None:
    await house.append("a")
    relay = house.relay(Stumbling)
    assert isinstance(relay, Stumbling)

    async with running(relay):
        await until(at(relay, 1))
        await until(lambda: _rests(relay))

    assert relay.made == 2
    assert relay.progress.backlog_seconds == 0


async def test_a_hole_stops_the_relay_before_it_and_is_an_alarm(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relay_module, "HOLE_SECONDS", 0.1)
    late = commit_of(wish("late"))
    await house.journal.store.insert([commit_of(wish("early", stream=OTHER)).at(2)])
    relay = house.relay()

    async with running(relay):
        await until(lambda: _hole(relay))
        assert relay.progress.position == 0
        assert relay.progress.backlog_seconds > 0

        await house.journal.store.insert([late.at(1)])
        await until(at(relay, 2))
        await until(lambda: _rests(relay))

    assert not relay.progress.hole
    assert len(await read(house.kafka_url, house.topic, 2)) == 2


async def _hole(relay: Relay) -> bool:
    return relay.progress.hole


async def _rests(relay: Relay) -> bool:
    return relay.progress.behind_since is None


class Killed(Relay):
    """As kill -9 leaves it: the lease is not given back."""

    async def _let_go(self) -> None:
        return


async def test_a_lease_that_ran_out_is_taken_over_and_one_given_back_at_once(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay_module, "LEASE", timedelta(seconds=1))
    await house.append("a")
    first = house.relay(Killed, "first")
    async with running(first):
        await until(at(first, 1))

    second = house.relay(name="second")
    async with running(second):
        await house.append("b")
        await until(at(second, 2))

    assert await house.database["leases"].find_one({}) is None


async def test_who_stands_by_is_behind_nothing(house: House) -> None:
    leading, waiting = house.relay(name="leading"), house.relay(name="waiting")
    waiting.progress.behind(since=0.0)
    waiting.progress.hole_since = 0.0
    async with running(leading):
        await until(lambda: _holds_lease(house, "leading"))
        async with running(waiting):
            await until(lambda: _rests(waiting))
            assert not waiting.progress.hole


async def _holds_lease(house: House, name: str) -> bool:
    return await house.database["leases"].find_one({"holder": name}) is not None


class Endless(Around):
    """Somebody always appended one more by the time it is looked."""

    async def after(self, position: int, limit: int) -> Sequence[Commit]:  # noqa: ARG002 - the port's signature
        return [commit_of(wish(f"c{position}", stream=f"notes/kota-1/n-{position}")).at(position + 1)]


async def test_a_relay_that_keeps_up_is_not_behind_however_long_the_stream_of_appends(house: House) -> None:
    relay = house.relay(journal=Journal(Endless(house.journal.store)))

    async with running(relay):
        await until(at(relay, 3))
        since = relay.progress.behind_since
        await until(at(relay, relay.progress.position + 3))

        assert since is not None
        assert relay.progress.behind_since is not None
        assert relay.progress.behind_since > since


async def test_a_broker_that_hangs_and_is_killed_leaves_no_backlog_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay_module, "ACK_SECONDS", 2)
    async with backing(tmp_path, environ={}) as own:
        (bus,) = topics.described().values()
        topics.ensure(own.kafka_url, {"bus": bus.model_copy(update={"partitions": 3, "replication": 1})})
        async with housed(own.mongo_url, "house", own.kafka_url, "bus") as house:
            relay = house.relay()
            async with running(relay):
                await house.append("a")
                await until(at(relay, 1))
                own.processes["kafka"].pause()
                await house.append("b", "c")
                await until(lambda: _in_trouble(relay))
                await own.processes["kafka"].kill()
                await house.append("d")
                assert relay.progress.backlog_seconds > 0
                await own.processes["kafka"].start()
                await until(at(relay, 4), within=90)
                await until(lambda: _rests(relay))

            records = await read(house.kafka_url, "bus", 8)
            assert {_met(r) for r in records} == set(await house.expected())


async def _in_trouble(relay: Relay) -> bool:
    return relay.progress.fault is not None


async def test_a_topic_that_is_away_is_waited_for_and_said(house: House) -> None:
    house.topic = f"{house.topic}-not-there"
    await house.append("a")
    relay = house.relay()

    async with running(relay):
        await until(lambda: _in_trouble(relay))

    assert "BusAway" in (relay.progress.fault or "")
    assert relay.progress.behind_since is not None
