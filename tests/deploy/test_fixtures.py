"""The names handed to a test are its own, on services that answer."""

from __future__ import annotations

from typing import Any

import pytest
from confluent_kafka.admin import AdminClient
from confluent_kafka.admin._config import ConfigResource
from confluent_kafka.admin._resource import ResourceType
from pymongo import AsyncMongoClient

pytestmark = pytest.mark.integration


async def test_the_mongodb_of_the_tests_is_a_replica_set_that_takes_writes(mongo_url: str, database_name: str) -> None:
    client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(mongo_url)
    async with client, client.start_session() as session:
        async with await session.start_transaction():
            await client[database_name].things.insert_one({"_id": 1}, session=session)

        assert await client[database_name].things.find_one() == {"_id": 1}


def test_a_topic_of_a_test_is_kept_for_ever_in_three_partitions(kafka_url: str, topic: str) -> None:
    client = AdminClient({"bootstrap.servers": kafka_url})

    found = client.list_topics(topic, timeout=5).topics[topic]
    (described,) = client.describe_configs([ConfigResource(ResourceType.TOPIC, topic)]).values()
    config = {name: entry.value for name, entry in described.result().items()}

    assert len(found.partitions) == 3
    assert config["retention.ms"] == "-1"
    assert config["cleanup.policy"] == "delete"
    assert config["message.timestamp.after.max.ms"] == str(2**63 - 1)
    assert config["max.message.bytes"] == str(1024 * 1024)
