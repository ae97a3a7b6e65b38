"""The bus: FastStream subscribers on the one topic, set once, so that nothing is acknowledged before it took effect.

Batches, because one record at a time commits one record at a time. NACK_ON_ERROR, because the default acknowledges
first and ACK commits what failed. Records come to us as raw bytes, headers included: whatever a record holds, it is
our dispatcher that judges it and not a parser that would fail on it for ever.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from time import monotonic
from typing import Any

import structlog
from aiokafka import ConsumerRecord
from aiokafka.errors import KafkaError
from faststream import AckPolicy
from faststream.kafka import KafkaBroker
from pymongo.errors import PyMongoError

from services.kernel.clock import jittered
from services.kernel.dispatcher import Dispatcher, Record
from services.kernel.incarnation import BusAway, Topic
from services.kernel.mongo import PASSING

log = structlog.get_logger("bus")

LARGEST_BATCH = 2000
POLL_MS = 20
LOOK_SECONDS = 3.0
AGAIN_SECONDS = 1.0
STUCK_SECONDS = 30.0
WAITS = (0.2, 15.0)


@dataclass(slots=True)
class Consumer:
    """One consumer group: `name` without the incarnation. Instants are monotonic seconds."""

    name: str
    dispatcher: Dispatcher
    faults: int = 0
    lag: int = 0
    moved_at: float = field(default_factory=monotonic)
    reached: dict[int, tuple[int, int]] = field(default_factory=dict)
    _committed: int = 0

    @property
    def stuck(self) -> bool:
        """Whether there is work for the group and nobody in it gets through any, whoever may be to blame."""
        return self.lag > 0 and monotonic() - self.moved_at > STUCK_SECONDS

    def look(self, ends: Mapping[int, int], committed: Mapping[int, int]) -> None:
        """Take in how far the whole group is: a replica without a partition is not behind, and one that died is."""
        self.lag = sum(max(0, end - committed.get(partition, 0)) for partition, end in ends.items())
        through = sum(committed.values())
        if self.lag == 0 or through != self._committed:
            self.moved_at = monotonic()
        self._committed = through

    async def sweep(self) -> None:
        """Take up what waits without cause; a fault here is this consumer's, and the next sweep is soon."""
        try:
            await self.dispatcher.sweep()
        except Exception as fault:  # noqa: BLE001 - whatever it is, the other consumers go on
            log.warning("sweep failed", group=self.name, fault=type(fault).__name__)

    async def consume(self, records: Sequence[ConsumerRecord]) -> None:
        """Take a batch; after a passing fault wait, growing and with jitter, then let the whole batch come again."""
        try:
            await self.dispatcher.consume([_record(record) for record in records])
        except Exception as fault:
            self.faults += 1
            wait = min(WAITS[1], WAITS[0] * 2 ** min(self.faults, 10))
            log.warning("batch comes again", group=self.name, fault=type(fault).__name__, wait=wait)
            await asyncio.sleep(jittered(wait))
            raise
        self.faults = 0
        self.moved_at = monotonic()
        for record in records:
            self.reached[record.partition] = (record.offset + 1, record.timestamp)


def _record(record: ConsumerRecord) -> Record:
    return Record(
        record.topic, record.partition, record.offset, record.timestamp, record.key, tuple(record.headers), record.value
    )


async def _parse(records: tuple[ConsumerRecord, ...], original: Callable[[Any], Awaitable[Any]]) -> Any:
    """Build FastStream's message without letting it decode headers, which may be anything."""
    first = replace(records[0], headers=(), value=b"")
    message = await original((first,))
    message.raw_message = records
    return message


async def _decode(message: Any) -> Any:
    return message.raw_message


def broker_for(bootstrap: str, topic: str, incarnation: str, consumers: Sequence[Consumer]) -> KafkaBroker:
    """Make a broker that only consumes: one subscriber a consumer, its group named by the topic's incarnation."""
    broker = KafkaBroker(
        bootstrap,
        ack_policy=AckPolicy.NACK_ON_ERROR,
        consumer_only=True,
        allow_auto_create_topics=False,
        apply_types=False,
        graceful_timeout=20,
        parser=_parse,
        decoder=_decode,
        logger=None,
    )
    for consumer in consumers:
        broker.subscriber(
            topic,
            batch=True,
            group_id=group_of(consumer.name, incarnation),
            auto_offset_reset="earliest",
            max_workers=1,
            max_records=LARGEST_BATCH,
            batch_timeout_ms=POLL_MS,
            no_reply=True,
        )(consumer.consume)
    return broker


class Bus:
    """Keeps a service's consumers on the current incarnation; `wanted` says which consumers that are now."""

    def __init__(self, bootstrap: str, topic: Topic, wanted: Callable[[], Awaitable[Sequence[Consumer]]]) -> None:
        self.consumers: Sequence[Consumer] = ()
        self.incarnation: str | None = None
        self.fault: str | None = "not started"
        self._bootstrap = bootstrap
        self._topic = topic
        self._wanted = wanted

    async def run(self) -> None:
        """Consume for ever; begin again from the earliest record whenever the topic was made anew."""
        while True:
            try:
                await self._live()
            except (KafkaError, BusAway, PyMongoError, OSError) as fault:
                self.fault = f"{type(fault).__name__}: {fault}"
                log.warning("bus interrupted", fault=self.fault)
            await asyncio.sleep(AGAIN_SECONDS)

    async def _live(self) -> None:
        incarnation, consumers = await self._topic.incarnation(), await self._wanted()
        broker = broker_for(self._bootstrap, self._topic.name, incarnation, consumers)
        for consumer in consumers:
            consumer.reached.clear()
        try:
            await broker.start()
            self.incarnation, self.consumers, self.fault = incarnation, consumers, None
            while incarnation == self.incarnation and await self._still_wanted():
                await asyncio.sleep(LOOK_SECONDS)
                for consumer in consumers:
                    await consumer.sweep()
                await self._look(incarnation)
        finally:
            await broker.stop()  # also one that only half started: its groups must not live on unseen

    async def _still_wanted(self) -> bool:
        with contextlib.suppress(*PASSING):
            return [c.name for c in self.consumers] == [c.name for c in await self._wanted()]
        return True

    async def _look(self, incarnation: str) -> None:
        try:
            self.incarnation = await self._topic.incarnation()
            if self.incarnation != incarnation:
                return
            ends = await self._topic.ends()
            for consumer in self.consumers:
                consumer.look(ends, await self._topic.committed(group_of(consumer.name, incarnation)))
            self.fault = None
        except BusAway as fault:
            self.fault = f"{type(fault).__name__}: {fault}"


def group_of(consumer: str, incarnation: str) -> str:
    """The consumer group of Kafka: another life of the topic is read from its beginning."""
    return f"{consumer}.{incarnation}"
