"""The topic deleted and made again, on real Kafka: everything comes back, and nothing happens twice."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pytest
from confluent_kafka.admin import AdminClient

from deploy import topics
from services.kernel import bus as bus_module
from services.kernel import clock
from services.kernel import relay as relay_module
from services.kernel.bus import Bus, Consumer
from services.kernel.decider import Decider
from services.kernel.dispatcher import Dispatcher
from services.kernel.handling import Handler
from services.kernel.incarnation import BusAway, Topic
from services.kernel.journal import Journal
from services.kernel.mongo_journal import MongoStore
from services.kernel.policies import Policies, marks_of
from services.kernel.reaction import Order
from services.kernel.relay import Relay
from services.kernel.stations import Stations
from tests.kernel.bus_samples import LANGUAGE, Echoed, Reader, read, reader, rooms, send, until
from tests.kernel.samples import NOTES, WHEN, Note, at

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from services.kernel.mongo import Database
    from services.kernel.recorded import Recorded

pytestmark = pytest.mark.integration
STREAMS = [f"notes/kota-1/n-{i}" for i in range(6)]


@pytest.fixture(autouse=True)
def _often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bus_module, "LOOK_SECONDS", 0.2)
    monkeypatch.setattr(bus_module, "AGAIN_SECONDS", 0.2)
    monkeypatch.setattr(relay_module, "AGAIN_SECONDS", 0.2)
    monkeypatch.setattr(relay_module, "RENEW_SECONDS", 0.2)
    monkeypatch.setattr(relay_module, "ACK_SECONDS", 3)


def react(fact: Recorded[Any]) -> Sequence[Order]:
    return [Order(policy="echo", stream=fact.stream.replace("notes/", "echo/"), command=fact.event.text)]


def decide(text: str, _: int) -> list[Echoed]:
    """Decide twice and it is seen twice: nothing here remembers what was said."""
    return [Echoed(text=text)]


ECHO: Decider[str, int, Echoed] = Decider(0, decide, lambda n, _: n + 1)


@dataclass
class Service:
    """A whole service, of notes that are echoed."""

    database: Database
    kafka_url: str
    topic: str
    handler: Handler
    said: Reader

    async def note(self, *words: str) -> None:
        for word in words:
            for stream in STREAMS:
                await self.handler.handle(Note(word), stream, at(f"{stream}/{word}"))

    @asynccontextmanager
    async def running(self) -> AsyncIterator[tuple[Relay, Bus]]:
        marks, topic = marks_of(self.database), Topic(self.kafka_url, self.topic)
        policies = Policies("notes", ("notes",), react, self.handler, marks, lambda: WHEN)
        deciding = Dispatcher(policies, Stations(self.database, "policies", "policies"), LANGUAGE, lambda: WHEN)
        consumers = [Consumer("t.policies", deciding), Consumer("t.said_v1_b1", self.said.dispatcher)]

        async def wanted() -> Sequence[Consumer]:
            return consumers

        bus = Bus(self.kafka_url, topic, wanted)
        relay = Relay(self.handler.journal, self.database, topic, self.kafka_url, "one", clock.now)
        tasks = [asyncio.create_task(part.run()) for part in (bus, relay)]
        try:
            yield relay, bus
        finally:
            for task in tasks:
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task

    async def commits(self) -> int:
        return await self.handler.journal.store.last_position()

    async def rows(self) -> list[dict[str, Any]]:
        found = self.said.view.table.find({}, {"rev": 0}).sort("_id", 1)
        return [row async for row in found]

    async def shows(self, words: int) -> bool:
        rows = await self.rows()
        return len(rows) == len(STREAMS) and all(row["derived"]["count"] == 2 * words for row in rows)


@pytest.fixture
async def service(mongo_url: str, database_name: str, kafka_url: str, topic: str) -> AsyncIterator[Service]:
    async with rooms(mongo_url, database_name) as database:
        store = MongoStore(database)
        await store.prepare()
        handler = Handler(Journal(store), LANGUAGE, {"notes": NOTES, "echo": ECHO})
        yield Service(database, kafka_url, topic, handler, reader(database))


async def made_again(kafka_url: str, topic: str) -> None:
    before = await Topic(kafka_url, topic).incarnation()
    client = AdminClient({"bootstrap.servers": kafka_url, "log_level": 0})
    await asyncio.wrap_future(client.delete_topics([topic])[topic])
    (bus,) = topics.described().values()
    wanted = {topic: bus.model_copy(update={"partitions": 3, "replication": 1})}

    async def another() -> bool:
        with suppress(BusAway):
            await asyncio.to_thread(topics.ensure, kafka_url, wanted)
            return await Topic(kafka_url, topic).incarnation() != before
        return False

    await until(another)


async def test_a_topic_made_again_under_a_running_service_is_filled_and_read_again(service: Service) -> None:
    async with service.running() as (relay, bus):
        await service.note("a", "b")
        await until(lambda: service.shows(2))
        rows, commits, life = await service.rows(), await service.commits(), bus.incarnation

        await made_again(service.kafka_url, service.topic)
        await until(lambda: _lives_anew(relay, bus, life, commits), within=60)
        await service.note("c")
        await until(lambda: service.shows(3), within=60)

        assert len(await read(service.kafka_url, service.topic, commits + 12)) >= commits + 12
        assert await service.commits() == commits + 12
    assert [row["notes"]["texts"][:2] for row in await service.rows()] == [row["notes"]["texts"] for row in rows]


async def _lives_anew(relay: Relay, bus: Bus, life: str | None, commits: int) -> bool:
    return bus.fault is None and bus.incarnation != life and relay.progress.position >= commits


async def test_a_retrying_producer_that_is_first_in_the_new_topic_makes_no_difference(service: Service) -> None:
    async with service.running():
        await service.note("a", "b")
        await until(lambda: service.shows(2))
        rows, commits = await service.rows(), await service.commits()
    records = await read(service.kafka_url, service.topic, commits)
    await made_again(service.kafka_url, service.topic)
    await send(service.kafka_url, service.topic, [replace(r, partition=0) for r in records[-3:]])

    async with service.running() as (relay, bus):
        await until(lambda: _through(relay, bus, commits))

        assert await service.rows() == rows
        assert await service.commits() == commits
        assert await service.database["stations"].count_documents({}) == 0
        assert (
            len({(r.key, r.headers, r.value) for r in await read(service.kafka_url, service.topic, commits + 3)})
            == commits
        )


async def _through(relay: Relay, bus: Bus, commits: int) -> bool:
    return (
        relay.progress.position == commits
        and len(bus.consumers) == 2
        and all(consumer.lag == 0 and consumer.reached for consumer in bus.consumers)
    )


async def test_a_fresh_reader_of_the_new_topic_arrives_at_the_same_rows(service: Service) -> None:
    async with service.running():
        await service.note("a", "b", "c")
        await until(lambda: service.shows(3))
    rows = await service.rows()
    await made_again(service.kafka_url, service.topic)
    service.said = reader(service.database, "said_v1_b2")

    async with service.running():
        await until(lambda: service.shows(3), within=60)

    assert await service.rows() == rows


async def test_a_topic_has_another_name_for_each_life_and_none_when_it_is_away(kafka_url: str, topic: str) -> None:
    life = await Topic(kafka_url, topic).incarnation()

    assert await Topic(kafka_url, topic).incarnation() == life
    with pytest.raises(BusAway):
        await Topic(kafka_url, f"{topic}-not-there").incarnation()
    assert await Topic(kafka_url, topic).ends() == {0: 0, 1: 0, 2: 0}
