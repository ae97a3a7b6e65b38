"""Whether what stands at an address can carry the system; the sentence when not."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient
from pymongo import AsyncMongoClient
from pymongo.errors import OperationFailure, PyMongoError, ServerSelectionTimeoutError

from deploy.local.trouble import Trouble

if TYPE_CHECKING:
    from collections.abc import Mapping

# Longest wait for an answer, seconds.
PATIENCE = 5.0


async def mongo(url: str) -> None:
    """Refuse a MongoDB that does not answer, or stands outside a replica set.

    Outside a set there are no change streams and no majority, on which the journal rests.

    Raises:
        Trouble: in one sentence. The address is told without its user and password.
    """
    try:
        alone = not _in_set(await _hello(url))
    except ServerSelectionTimeoutError as silent:
        # Where the address names a set, the driver passes over a server that is in none and only says it found none.
        alone = await _some_server_is_alone(url)
        if not alone:
            raise _silent(url) from silent
    except OperationFailure as refused:
        raise Trouble(
            f"MongoDB di {bare(url)} menolak nama atau kata sandinya; periksa keduanya di ADUAN_MONGO_URL."
        ) from refused
    except (PyMongoError, ValueError) as wrong:
        raise _silent(url) from wrong
    if alone:
        raise Trouble(
            f"MongoDB di {bare(url)} berjalan di luar replica set; nyalakan mongod dengan --replSet "
            "dan jalankan rs.initiate() sekali."
        )


def _silent(url: str) -> Trouble:
    return Trouble(f"MongoDB di {bare(url)} tidak menjawab; periksa ADUAN_MONGO_URL dan apakah servernya hidup.")


def _in_set(hello: Mapping[str, Any]) -> bool:
    """A router of a sharded cluster stands before sets."""
    return "setName" in hello or hello.get("msg") == "isdbgrid"


async def _hello(url: str) -> Mapping[str, Any]:
    patience = int(PATIENCE * 1000)
    client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(
        url,
        serverSelectionTimeoutMS=patience,
        connectTimeoutMS=patience,
        socketTimeoutMS=patience,
    )
    async with client:
        return await client.admin.command("hello")


async def _some_server_is_alone(url: str) -> bool:
    for host in bare(url).split(","):
        with suppress(PyMongoError, ValueError):
            return not _in_set(await _hello(f"mongodb://{host}/?directConnection=true"))
    return False


async def kafka(url: str) -> None:
    """Refuse a Kafka that does not answer.

    Raises:
        Trouble: in one sentence.
    """
    try:
        client = AdminClient({"bootstrap.servers": url, "log_level": 0})
        await asyncio.to_thread(client.list_topics, timeout=PATIENCE)
    except KafkaException as wrong:
        raise Trouble(f"Kafka di {url} tidak menjawab; periksa ADUAN_KAFKA_URL dan apakah brokernya hidup.") from wrong


def bare(url: str) -> str:
    """Hosts alone: an address in a message must not carry its password along."""
    return url.rpartition("@")[2].removeprefix("mongodb://").removeprefix("mongodb+srv://").partition("/")[0]
