"""Gathers what a checker needs from a running house: journals, the topic from its beginning, rows, letters."""

from __future__ import annotations

import asyncio
import json
from contextlib import closing
from hashlib import sha256
from typing import TYPE_CHECKING

from aiokafka import AIOKafkaConsumer, TopicPartition

from deploy.serve import SERVICES
from deploy.topics import described
from services.intake.projections.tracking import tracking
from services.kernel import mongo
from services.kernel.builds import Builds
from services.kernel.mongo_journal import from_document
from services.kernel.settings import EVENTS_TOPIC
from services.reporting.projections.recap import recap
from tests.faults.checker import Evidence, Published, Table

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from services.kernel.commit import Commit
    from services.kernel.mongo import Client, Database
    from services.kernel.projection import Projection
    from tests.faults.house import House

PREFIX = "aduan"
ASK_MS = 1_000
READ_SECONDS = 60
SERVED = (("reporting", recap), ("intake", tracking))


async def gathered(house: House) -> Evidence:
    """Everything, read once."""
    with closing(mongo.connect(house.home.backing.mongo_url)) as client:
        journals = {name: await _journal(_of(client, name)) for name in SERVICES}
        return Evidence(
            journals=journals,
            published=await published(house.home.backing.kafka_url),
            tables=[await _table(client, service, projection) for service, projection in SERVED],
            letters=_letters(house, journals["notification"]),
            set_aside=[what for name in SERVICES for what in await _set_aside(_of(client, name))],
        )


async def positions(house: House) -> dict[str, int]:
    """How many commits each journal holds."""
    with closing(mongo.connect(house.home.backing.mongo_url)) as client:
        return {name: await _of(client, name)["commits"].count_documents({}) for name in SERVICES}


async def filings(house: House) -> list[str]:
    """Every complaint that was ever filed, in the order of the journal."""
    with closing(mongo.connect(house.home.backing.mongo_url)) as client:
        filed = _of(client, "intake")["commits"].find({"events.type": "intake.ComplaintFiled"})
        return [str(document["stream"]).rsplit("/", 1)[1] async for document in filed.sort("position", 1)]


async def published(kafka_url: str) -> list[Published]:
    """The topic from its beginning to where it ends now."""
    consumer = AIOKafkaConsumer(bootstrap_servers=kafka_url, enable_auto_commit=False, auto_offset_reset="earliest")
    await consumer.start()
    try:
        async with asyncio.timeout(READ_SECONDS):
            return await _to_the_end(consumer)
    finally:
        await consumer.stop()


async def _to_the_end(consumer: AIOKafkaConsumer) -> list[Published]:
    places = [TopicPartition(EVENTS_TOPIC, number) for number in range(described()[EVENTS_TOPIC].partitions)]
    consumer.assign(places)
    await consumer.seek_to_beginning(*places)
    ends = await consumer.end_offsets(places)
    found: list[Published] = []
    while any([await consumer.position(place) < end for place, end in ends.items()]):
        for records in (await consumer.getmany(timeout_ms=ASK_MS)).values():
            found += [
                Published(
                    partition=record.partition,
                    timestamp=record.timestamp,
                    key=record.key,
                    headers=tuple(record.headers),
                    value=record.value,
                )
                for record in records
            ]
    return found


def _of(client: Client, service: str) -> Database:
    return mongo.database(client, f"{PREFIX}_{service}")


async def _journal(database: Database) -> Sequence[Commit]:
    """Read past holes as well, as a reader of the journal never would."""
    return [from_document(document) async for document in database["commits"].find({}).sort("position", 1)]


async def _table(client: Client, service: str, projection: Projection) -> Table:
    database = _of(client, service)
    build = await Builds(database, projection).serving()
    return Table(projection=projection, rows=[row async for row in database[build].find({})])


async def _set_aside(database: Database) -> list[str]:
    """What waits for a person, or was quarantined."""
    return [
        f"{database.name} {room} {document['_id']}: {document['reason']}"
        for room in ("stations", "quarantine")
        async for document in database[room].find({}, {"reason": 1})
    ]


def _letters(house: House, notification: Sequence[Commit]) -> list[str]:
    """The notification of each letter that came; a Message-ID that is nobody's stays as it is."""
    box = house.home.letters
    assert box is not None
    named = {_mark(str(fact["notification"])): str(fact["notification"]) for fact in _facts(notification)}
    came = [str(letter["Message-ID"]).strip("<>").partition("@")[0] for letter in box.letters()]
    return [named.get(mark, mark) for mark in came]


def _mark(notification: str) -> str:
    """As the sender derives the first part of a Message-ID."""
    return sha256(notification.encode()).hexdigest()[:32]


def _facts(notification: Sequence[Commit]) -> Iterator[dict[str, object]]:
    for commit in notification:
        yield from (fact for wire in commit.events if "notification" in (fact := json.loads(wire.value)))
