"""Records as the relay would send them, good and bad, and consumers to give them to."""

from __future__ import annotations

import asyncio
import itertools
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from schemas.event import Event, Language
from services.kernel import mongo
from services.kernel.dispatcher import Dispatcher, Record
from services.kernel.envelope import CHAIN, GENESIS, Wire, chain_of, encode, milliseconds
from services.kernel.projection import Document, Projection
from services.kernel.recorded import Recorded, key_of
from services.kernel.stations import Stations
from services.kernel.views import View
from tests.kernel.samples import WHEN, Closed, Noted, at

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Sequence

    from services.kernel.lineup import Ledger
    from services.kernel.mongo import Database

WITHIN = 30.0


class Echoed(Event, type="echo.Echoed"):
    """Another service's fact."""

    text: str


class Later(Event, type="notes.Noted", version=2):
    """As a newer release writes it."""

    text: str


class Unheard(Event, type="notes.Unheard"):
    text: str


class Misshapen(Event, type="notes.Noted"):
    """Of the right type and version, with data that do not fit."""

    words: int


LANGUAGE = Language.of(Noted, Closed, Echoed)
NEWER = Language.of(Later, Closed, Echoed, Unheard, upcasts={("notes.Noted", 1): lambda old: old})


def texts(before: Document | None, fact: Recorded[Any]) -> Document | None:
    """Fold: the texts in order. Some texts are traps, for a fold, a derivation, or a document."""
    match fact.event:
        case Noted(text="trap: fold"):
            raise ZeroDivisionError
        case Noted(text="trap: document"):
            return {"texts": [2**70]}
        case Noted() | Echoed() | Later() | Unheard() as told:
            return {"texts": [*(before or {"texts": []})["texts"], told.text]}
        case _:
            return None


def count(row: Any) -> Document:
    told = [text for owner in ("notes", "echo") for text in row.get(owner, {}).get("texts", [])]
    if "trap: derive" in told:
        raise LookupError
    return {"count": len(told)}


SAID = Projection(name="said", version=1, folds={"notes": texts, "echo": texts}, derive=count)
_offsets = itertools.count()


def history(stream: str, *events: Event) -> list[Record]:
    """The records of a whole stream, chained."""
    chain, records = GENESIS, []
    for sequence, event in enumerate(events, start=1):
        wire = encode(event, stream, sequence, chain, at(f"{stream}#{sequence}"))
        chain = wire.chain
        records.append(record(stream, wire))
    return records


def noted(stream: str, *words: str) -> list[Record]:
    """A stream of notes, or of echoes where that is its owner."""
    kind: type[Noted | Echoed] = Echoed if stream.startswith("echo/") else Noted
    return history(stream, *(kind(text=word) for word in words))


def record(stream: str, wire: Wire) -> Record:
    return Record("a-topic", 0, next(_offsets), milliseconds(WHEN), key_of(stream).encode(), wire.headers, wire.value)


def rehashed(good: Record, **change: Any) -> Record:
    """`good` with something changed, and a hash that fits the change."""
    changed = replace(good, **change)
    headers = tuple(pair for pair in changed.headers if pair[0] != CHAIN)
    link = chain_of(changed.key or b"", changed.timestamp, headers, changed.value or b"")
    return replace(changed, headers=(*headers, (CHAIN, link.encode())))


def with_header(good: Record, name: str, text: bytes | None) -> Record:
    headers = tuple((n, t) for n, t in good.headers if n != name)
    return replace(good, headers=headers if text is None else (*headers, (name, text)))


@dataclass
class Reader:
    """A projection with its dispatcher, on MongoDB."""

    database: Database
    view: View
    dispatcher: Dispatcher

    async def row(self, key: str) -> Document | None:
        """What the row says, without bookkeeping."""
        row = await self.view.table.find_one({"_id": key})
        return {n: v for n, v in row.items() if n in {"notes", "echo", "derived"}} if row else None

    async def waiting(self) -> list[tuple[str, int, str]]:
        found = self.database["stations"].find({"group": self.dispatcher.stations.group})
        return [(d["stream"], d["sequence"], d["reason"]) async for d in found.sort([("stream", 1), ("sequence", 1)])]

    async def quarantined(self) -> list[str]:
        return [d["reason"] async for d in self.database["quarantine"].find({}).sort("reason", 1)]


def reader(
    database: Database, build: str = "said_v1_b1", *, language: Language = LANGUAGE, projection: Projection = SAID
) -> Reader:
    view = View(projection, database[build])
    return Reader(database, view, Dispatcher(view, Stations(database, projection.name, build), language, lambda: WHEN))


@dataclass(frozen=True)
class Pausing:
    """A sink that waits between reading and writing."""

    inside: View
    pause: Callable[[], Awaitable[None]]
    owners: Collection[str]
    passes_unknown: bool

    async def load(self, streams: Collection[str]) -> Ledger:
        ledger = await self.inside.load(streams)
        await self.pause()
        return ledger


def paused(replica: Reader, pause: Callable[[], Awaitable[None]]) -> Dispatcher:
    """Return the replica's dispatcher, which waits for `pause` whenever it has read its rows."""
    view = replica.view
    sink = Pausing(view, pause, view.owners, view.passes_unknown)
    return Dispatcher(sink, replica.dispatcher.stations, LANGUAGE, lambda: WHEN)


@asynccontextmanager
async def rooms(url: str, name: str) -> AsyncIterator[Database]:
    client = mongo.connect(url)
    try:
        yield mongo.database(client, name)
    finally:
        client.close()


async def until(holds: Callable[[], Awaitable[bool]], within: float = WITHIN) -> None:
    """Wait for a condition; what did not come true in time fails the test."""
    async with asyncio.timeout(within):
        while not await holds():  # noqa: ASYNC110 - what is waited for happens in other processes
            await asyncio.sleep(0.02)


async def send(kafka_url: str, topic: str, records: Sequence[Record], partition: int | None = None) -> None:
    """Send as anyone with access might: whatever the records hold."""
    async with AIOKafkaProducer(bootstrap_servers=kafka_url, acks="all", max_request_size=2**21) as producer:
        sent = [
            await producer.send(
                topic, r.value, key=r.key, headers=list(r.headers), timestamp_ms=r.timestamp, partition=partition
            )
            for r in records
        ]
        await asyncio.gather(*sent)


async def read(kafka_url: str, topic: str, wanted: int) -> list[Record]:
    """The first `wanted` records of the topic, by partition and offset."""
    found: list[Record] = []
    async with AIOKafkaConsumer(topic, bootstrap_servers=kafka_url, auto_offset_reset="earliest") as consumer:
        async with asyncio.timeout(WITHIN):
            while len(found) < wanted:
                for batch in (await consumer.getmany(timeout_ms=200)).values():
                    found += [
                        Record(r.topic, r.partition, r.offset, r.timestamp, r.key, tuple(r.headers), r.value)
                        for r in batch
                    ]
    return sorted(found, key=lambda r: (r.partition, r.offset))
