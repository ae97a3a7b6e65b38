"""The relay: copies the journal onto the bus, in order, again and again until each record is acknowledged.

A cursor over positions is all it remembers, kept per incarnation of the topic. Two relays at once, or one that died
between the acknowledgement and its checkpoint, only publish a record twice; readers skip what they have seen. The
lease is there to save work, not for safety.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic

import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from pymongo.errors import DuplicateKeyError, PyMongoError

from services.kernel.commit import Commit
from services.kernel.envelope import milliseconds
from services.kernel.incarnation import BusAway, Topic
from services.kernel.journal import Journal, OutcomeUnknown
from services.kernel.mongo import Database, inserts
from services.kernel.recorded import key_of

log = structlog.get_logger("relay")

BATCH = 500
LEASE = timedelta(seconds=5)
RENEW_SECONDS = 1.5
ACK_SECONDS = 30
AGAIN_SECONDS = 1.0
HOLE_SECONDS = 10
DISCARD_SECONDS = 2


@dataclass(slots=True)
class Progress:
    """What health and metrics ask of a relay. Instants are monotonic seconds."""

    position: int = 0
    behind_since: float | None = None
    hole_since: float | None = None
    fault: str | None = None

    def behind(self, since: float | None) -> None:
        """There may be unpublished commits since then; what was behind already stays so for longer."""
        if self.behind_since is None or since is None:
            self.behind_since = since

    def stand_by(self) -> None:
        """Another process relays: how far behind it is, is its own to say."""
        self.behind_since = self.hole_since = self.fault = None

    @property
    def backlog_seconds(self) -> float:
        return monotonic() - self.behind_since if self.behind_since is not None else 0.0

    @property
    def hole(self) -> bool:
        """A position that is missing for longer than any insert takes: an alarm."""
        return self.hole_since is not None and monotonic() - self.hole_since > HOLE_SECONDS


class Relay:
    """One per service and process; `identity` names the process in the lease."""

    def __init__(
        self,
        journal: Journal,
        database: Database,
        topic: Topic,
        bootstrap: str,
        identity: str,
        now: Callable[[], datetime],
    ) -> None:
        self.journal = journal
        self.progress = Progress()
        self._checkpoints = database["relay_checkpoints"]
        self._leases = database["leases"]
        self._commits = database["commits"]
        self._topic = topic
        self._bootstrap = bootstrap
        self._identity = identity
        self._now = now

    async def run(self) -> None:
        """Publish for ever. After any fault: a new producer, and on from the checkpoint."""
        bell = asyncio.create_task(self._ring(), name="relay-bell")
        try:
            while True:
                try:
                    await self._lead()
                except (KafkaError, BusAway, PyMongoError, OutcomeUnknown, TimeoutError, OSError) as fault:
                    self.progress.fault = f"{type(fault).__name__}: {fault}"
                    self.progress.behind(since=monotonic())
                    log.warning("relay interrupted", fault=self.progress.fault)
                await asyncio.sleep(AGAIN_SECONDS)
        finally:
            bell.cancel()
            await self._let_go()

    async def _lead(self) -> None:
        if not await self._lease():
            return self.progress.stand_by()
        incarnation = await self._topic.incarnation()
        async with self._producing() as producer:
            position = await self._checkpoint(incarnation)
            asked = monotonic()
            while True:
                position = await self._advance(producer, incarnation, position)
                if monotonic() - asked > RENEW_SECONDS:
                    asked = monotonic()
                    if not await self._lease() or await self._topic.incarnation() != incarnation:
                        return None

    async def _advance(self, producer: AIOKafkaProducer, incarnation: str, position: int) -> int:
        """Publish what follows `position`, or wait for something to; return where the cursor stands."""
        self.journal.appended.clear()
        read_at = monotonic()
        commits = await self.journal.store.after(position, BATCH)
        if not commits:
            await self._rest(position)
            return position
        self.progress.behind(since=read_at)
        await self._publish(producer, commits)
        await self._save(incarnation, commits[-1].position)
        if len(commits) < BATCH:  # all there was at that moment: what is left is younger
            self.progress.behind_since = read_at
        return commits[-1].position

    def _made(self) -> AIOKafkaProducer:
        return AIOKafkaProducer(
            bootstrap_servers=self._bootstrap,
            acks="all",
            enable_idempotence=True,
            linger_ms=0,
            max_batch_size=256 * 1024,
        )

    @contextlib.asynccontextmanager
    async def _producing(self) -> AsyncIterator[AIOKafkaProducer]:
        """Our own, idempotent, and never one that has seen an error: such a one may be stuck for good."""
        producer = self._made()
        try:
            await producer.start()
            yield producer
        finally:
            await _discarded(producer)

    async def _publish(self, producer: AIOKafkaProducer, commits: Sequence[Commit]) -> None:
        async with asyncio.timeout(ACK_SECONDS):
            acks = []
            for commit in commits:
                key, stamp = key_of(commit.stream).encode(), milliseconds(commit.circumstances.recorded_at)
                for wire in commit.events:
                    sent = producer.send(
                        self._topic.name, wire.value, key=key, timestamp_ms=stamp, headers=list(wire.headers)
                    )
                    acks.append(await sent)
            await asyncio.gather(*acks)

    async def _rest(self, position: int) -> None:
        """Caught up, or before a hole. Wait for the next append."""
        hole = await self.journal.store.last_position() > position
        if not hole:
            self.progress.hole_since = None
        elif self.progress.hole_since is None:
            self.progress.hole_since = monotonic()
        self.progress.behind(since=monotonic() if hole else None)
        self.progress.position = position
        self.progress.fault = None
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(AGAIN_SECONDS if not hole else 0.05):
                await self.journal.appended.wait()

    async def _checkpoint(self, incarnation: str) -> int:
        found = await self._checkpoints.find_one({"_id": incarnation})
        return int(found["position"]) if found else 0

    async def _save(self, incarnation: str, position: int) -> None:
        await self._checkpoints.update_one({"_id": incarnation}, {"$max": {"position": position}}, upsert=True)
        self.progress.position = position

    async def _lease(self) -> bool:
        now = self._now()
        mine_or_free = {"_id": "relay", "$or": [{"holder": self._identity}, {"until": {"$lt": now}}]}
        try:
            await self._leases.update_one(
                mine_or_free, {"$set": {"holder": self._identity, "until": now + LEASE}}, upsert=True
            )
        except DuplicateKeyError:
            return False
        return True

    async def _let_go(self) -> None:
        """Whoever comes next need not wait for the lease to run out."""
        with contextlib.suppress(PyMongoError, TimeoutError):
            async with asyncio.timeout(1):
                await self._leases.delete_one({"_id": "relay", "holder": self._identity})

    async def _ring(self) -> None:
        """Wake on appends of other processes too."""
        while True:
            with contextlib.suppress(PyMongoError):
                async with inserts(self._commits) as changes:
                    async for _ in changes:
                        self.journal.appended.set()
            await asyncio.sleep(AGAIN_SECONDS)


async def _discarded(producer: AIOKafkaProducer) -> None:
    """Stop it, also when it cannot flush: left alone its sender would try its last batches for ever.

    A stop that was cut off cannot be called again. The connections go before the sender, which waits for what is in
    flight on them.
    """
    for end in (producer.stop, producer.client.close, producer._sender.close):  # noqa: SLF001
        with contextlib.suppress(Exception):
            async with asyncio.timeout(DISCARD_SECONDS):
                await end()
