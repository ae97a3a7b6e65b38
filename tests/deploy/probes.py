"""A document and a record, to see what outlives a restart; and waiting for a condition, with a deadline."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING, Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from pymongo import AsyncMongoClient

from deploy.topics import ensure_topics

if TYPE_CHECKING:
    from collections.abc import Callable

TOPIC = "complaints.events.v1"


async def write(mongo_url: str, kafka_url: str) -> None:
    client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(mongo_url, w="majority", journal=True)
    async with client:
        await client.probe.things.insert_one({"_id": "kept"})
    await ensure_topics(kafka_url)
    async with AIOKafkaProducer(bootstrap_servers=kafka_url) as producer:
        await producer.send_and_wait(TOPIC, b"kept", partition=0)


async def kept(mongo_url: str, kafka_url: str) -> bool:
    client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(mongo_url)
    async with client:
        found = await client.probe.things.find_one({"_id": "kept"})
    async with AIOKafkaConsumer(bootstrap_servers=kafka_url, auto_offset_reset="earliest") as consumer:
        consumer.assign([TopicPartition(TOPIC, 0)])
        record = await asyncio.wait_for(consumer.getone(), 20)
    return found is not None and record.value == b"kept"


async def until(condition: Callable[[], bool], seconds: float = 20) -> None:
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - another process makes it true
            await asyncio.sleep(0.02)


def gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    with open(f"/proc/{pid}/stat", encoding="ascii") as stat:  # noqa: PTH123 - dead but not yet fetched by init
        return stat.read().rpartition(")")[2].split()[0] == "Z"
