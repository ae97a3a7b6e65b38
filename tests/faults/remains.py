"""Every byte a running house leaves behind, but for the letters it sent: they are meant to be read."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Any

from bson.raw_bson import RawBSONDocument
from pymongo import MongoClient

from tests.faults.evidence import published

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from tests.faults.house import House

LETTERS = "letters"
# WiredTiger compresses what it writes: its documents are read through the server instead.
COMPRESSED = "mongod"


async def remains(house: House) -> list[tuple[str, bytes]]:
    """By where they lie: the topic, every document of every database, every file of Kafka, every log."""
    places = [place async for place in _topic(house)]
    places += _documents(house.home.backing.mongo_url)
    places += _files(house.data)
    return places


async def _topic(house: House) -> AsyncIterator[tuple[str, bytes]]:
    for record in await published(house.home.backing.kafka_url):
        yield f"topic key of {record.id}", record.key or b""
        yield f"topic value of {record.id}", record.value or b""
        for name, value in record.headers:
            yield f"topic header {name} of {record.id}", name.encode() + b"\n" + value


def _documents(mongo_url: str) -> Iterator[tuple[str, bytes]]:
    client: MongoClient[Any] = MongoClient(mongo_url, document_class=RawBSONDocument)
    with closing(client):
        for database in client.list_database_names():
            for collection in client[database].list_collection_names():
                for document in client[database][collection].find({}):
                    yield f"collection {database}.{collection}", document.raw


def _files(data: Path) -> Iterator[tuple[str, bytes]]:
    for file in sorted(data.rglob("*")):
        inside = file.relative_to(data)
        if file.is_file() and inside.parts[0] not in {LETTERS, COMPRESSED}:
            # Kafka's indexes are set aside in full and filled with zeros to the end.
            yield f"file {inside}", file.read_bytes().rstrip(b"\0")
