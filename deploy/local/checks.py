"""Whether what stands at an address can carry the system; the sentence when not."""

from __future__ import annotations

import asyncio
from typing import Any

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient
from pymongo import AsyncMongoClient
from pymongo.errors import PyMongoError

from deploy.local.trouble import Trouble

# Longest wait for an answer, seconds.
PATIENCE = 5.0


async def mongo(url: str) -> None:
    """Refuse a MongoDB that does not answer, or stands outside a replica set.

    Outside a set there are no change streams and no majority, on which the journal rests.

    Raises:
        Trouble: in one sentence. The address is told without its user and password.
    """
    try:
        client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(
            url, serverSelectionTimeoutMS=int(PATIENCE * 1000), connectTimeoutMS=int(PATIENCE * 1000)
        )
        async with client:
            hello = await client.admin.command("hello")
    except (PyMongoError, ValueError) as wrong:
        raise Trouble(
            f"MongoDB di {bare(url)} tidak menjawab; periksa ADUAN_MONGO_URL dan apakah servernya hidup."
        ) from wrong
    if "setName" not in hello and hello.get("msg") != "isdbgrid":
        raise Trouble(
            f"MongoDB di {bare(url)} berjalan di luar replica set; nyalakan mongod dengan --replSet "
            "dan jalankan rs.initiate() sekali."
        )


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
