"""Rebuilding the recap from Kafka: against one update an event, and against writing rows without folding anything.

The log holds whole cases on the direct way, 28 events each, some hundreds of them open at any time, as an office's
years would lie there. All contestants read it alike and write to a table of their own with the same concerns.
"""

from __future__ import annotations

import itertools
from collections import deque
from contextlib import asynccontextmanager
from operator import attrgetter
from time import perf_counter
from typing import TYPE_CHECKING, Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from pymongo import ReplaceOne

from schemas.catalogue import LANGUAGE
from services.kernel import clock
from services.kernel.bus import LARGEST_BATCH, Consumer
from services.kernel.dispatcher import Dispatcher
from services.kernel.envelope import GENESIS, Circumstances, arrive, encode, milliseconds
from services.kernel.recorded import key_of
from services.kernel.stations import Stations
from services.kernel.views import View, row_id
from services.reporting.projections.recap import recap
from tests.benchmarks import journals
from tests.benchmarks.results import compared
from tests.situations import the_direct_way

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence

    from aiokafka import ConsumerRecord

    from services.kernel.mongo import Collection, Database
    from services.kernel.recorded import Recorded
    from tests.benchmarks.ground import Ground, Place
    from tests.benchmarks.results import Result

    Take = Callable[[Sequence[ConsumerRecord]], Awaitable[None]]

CASES = 1_200
OPEN_AT_ONCE = 300
ROUNDS = 3
SINGLY = 2_000
OURS, PEER, LIMIT = "Dispatcher and View", "one update per event", "the same rows written, nothing folded"


class Case:
    """Writes one case's facts as its services' journals would: each stream numbered and chained."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.chains: dict[str, tuple[int, str]] = {}
        facts = [fact for stream in the_direct_way() for fact in stream]
        self.left = iter(sorted(facts, key=attrgetter("recorded_at")))

    def record(self, fact: Recorded[Any]) -> dict[str, Any]:
        stream = f"{fact.owner}/bench/{self.name}"
        sequence, previous = self.chains.get(stream, (0, GENESIS))
        at = Circumstances(
            command_id=f"bench/{fact.id}",
            fingerprint="0" * 64,
            actor=fact.actor,
            occurred_at=fact.occurred_at,
            recorded_at=fact.recorded_at,
            correlation=self.name,
        )
        wire = encode(fact.event, stream, sequence + 1, previous, at)
        self.chains[stream] = sequence + 1, wire.chain
        key, stamp = key_of(stream).encode(), milliseconds(at.recorded_at)
        return {"value": wire.value, "key": key, "timestamp_ms": stamp, "headers": list(wire.headers)}


def log() -> Iterator[dict[str, Any]]:
    """The records of all cases: `OPEN_AT_ONCE` go on in turn, and when one is over the next is filed."""
    waiting = (Case(f"case-{n}") for n in range(CASES))
    under_way = deque(itertools.islice(waiting, OPEN_AT_ONCE))
    while under_way:
        case = under_way.popleft()
        fact = next(case.left, None)
        if fact is not None:
            yield case.record(fact)
            under_way.append(case)
        elif (filed := next(waiting, None)) is not None:
            under_way.append(filed)


async def publish(place: Place) -> int:
    written = 0
    async with AIOKafkaProducer(
        bootstrap_servers=place.ground.backing.kafka_url, linger_ms=5, max_batch_size=256 * 1024
    ) as producer:
        for record in log():
            await producer.send(place.name, **record)
            written += 1
        await producer.flush()
    return written


@asynccontextmanager
async def reading(place: Place) -> AsyncIterator[AIOKafkaConsumer]:
    """A consumer at the beginning of every partition, outside any group."""
    consumer = AIOKafkaConsumer(bootstrap_servers=place.ground.backing.kafka_url, auto_offset_reset="earliest")
    async with consumer:
        consumer.assign([TopicPartition(place.name, part) for part in range(place.partitions)])
        yield consumer


async def through(place: Place, take: Take, events: int) -> float:
    """Let `take` have the first `events` in batches, and return how many a second it took."""
    async with reading(place) as consumer:
        begun, taken = perf_counter(), 0
        while taken < events:
            found = await consumer.getmany(timeout_ms=1000, max_records=min(LARGEST_BATCH, events - taken))
            batch = [record for records in found.values() for record in records]
            await take(batch)
            taken += len(batch)
        return taken / (perf_counter() - begun)


def folding(db: Database, table: Collection) -> Take:
    return Consumer(
        "bench", Dispatcher(View(recap, table), Stations(db, "recap", table.name), LANGUAGE, clock.now)
    ).consume


def one_by_one(table: Collection) -> Take:
    """The plain projection: each event updates its row. Rows are remembered, so that none is read: that favours it."""
    parts: dict[str, dict[str, Any] | None] = {}

    async def take(records: Sequence[ConsumerRecord]) -> None:
        for record in records:
            arrival = arrive(record.key, record.headers, record.value, record.timestamp)
            stream, owner = arrival.stream, arrival.stream.partition("/")[0]
            parts[stream] = recap.folds[owner](parts.get(stream), arrival.read(LANGUAGE)) or parts.get(stream)
            told = {owner: parts[stream], f"seen.{owner}": arrival.sequence}
            await table.update_one({"_id": row_id(stream)}, {"$set": told}, upsert=True)

    return take


async def unfolded(table: Collection, finished: Collection) -> Take:
    """The rows of `finished`, in hand already, written whenever a batch speaks of their case."""
    rows = {row["complaint"].encode(): row async for row in finished.find({})}

    async def take(records: Sequence[ConsumerRecord]) -> None:
        writes = [
            ReplaceOne({"_id": rows[key]["_id"]}, rows[key], upsert=True) for key in {record.key for record in records}
        ]
        await table.bulk_write(writes, ordered=False)

    return take


async def measure(ground: Ground) -> list[Result]:
    place = ground.place("rebuild")
    events = await publish(place)
    rates: dict[str, list[float]] = {OURS: [], PEER: [], LIMIT: []}
    with journals.opened(place, "reporting") as db:
        for turn in range(ROUNDS):
            folded = db[f"folded{turn}"]
            rates[OURS].append(await through(place, folding(db, folded), events))
            rates[PEER].append(await through(place, one_by_one(db[f"single{turn}"]), SINGLY))
            rates[LIMIT].append(await through(place, await unfolded(db[f"unfolded{turn}"], folded), events))
            done = await folded.count_documents({"derived.status": "Selesai dicatat"})
            assert done == CASES, done
    told = f"{events:,} events, {CASES:,} cases, each in the recap to its end; one by one the first {SINGLY:,} only"
    return [compared("Rebuild of the recap", "events/s", OURS, rates, [told])]
