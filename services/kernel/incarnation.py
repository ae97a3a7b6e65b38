"""Which life of the topic this is: Kafka's own topic id, new whenever the topic is created again.

A cluster id, or the question whether the topic is empty, would not do: five services share the topic, and a retrying
producer may write into the new one before anyone has republished.
"""

import asyncio
import base64
from collections.abc import Mapping
from typing import Any

from confluent_kafka import (
    ConsumerGroupTopicPartitions,
    KafkaException,
    TopicCollection,
    TopicPartition,
    admin,
)

ASK_SECONDS = 5


class BusAway(Exception):
    """Kafka does not answer, or does not have the topic; it may again later."""


class Topic:
    """The shared topic, as Kafka's administration sees it. aiokafka cannot ask for a topic's id."""

    def __init__(self, bootstrap: str, name: str) -> None:
        self.name = name
        self._bootstrap = bootstrap
        self._admin = self._made()

    async def incarnation(self) -> str:
        """Return the topic's id, safe within a consumer group's name.

        Raises:
            BusAway: no broker answered, or there is no such topic.
        """
        identity = (await self._described()).topic_id
        bits = identity.get_most_significant_bits() << 64 | identity.get_least_significant_bits() & (1 << 64) - 1
        return base64.urlsafe_b64encode((bits & (1 << 128) - 1).to_bytes(16, "big")).decode().rstrip("=")

    async def ends(self) -> Mapping[int, int]:
        """Return for every partition the offset the next record will have; raise BusAway as `incarnation` does."""
        latest: Any = admin.OffsetSpec.latest()  # type: ignore[attr-defined,no-untyped-call]
        wanted = {TopicPartition(self.name, part.id): latest for part in (await self._described()).partitions}
        client = self._admin
        asked = client.list_offsets(wanted, request_timeout=ASK_SECONDS)
        return {part.partition: (await self._answer(client, told)).offset for part, told in asked.items()}

    async def committed(self, group: str) -> Mapping[int, int]:
        """Return how far `group` is through every partition it has begun; raise BusAway as `incarnation` does."""
        wanted = [ConsumerGroupTopicPartitions(group)]
        client = self._admin
        asked = client.list_consumer_group_offsets(wanted, request_timeout=ASK_SECONDS)
        places = (await self._answer(client, asked[group])).topic_partitions
        return {at.partition: at.offset for at in places if at.topic == self.name and at.offset >= 0}

    async def _described(self) -> Any:
        client = self._admin
        asked = client.describe_topics(TopicCollection([self.name]), request_timeout=ASK_SECONDS)
        return await self._answer(client, asked[self.name])

    async def _answer(self, client: admin.AdminClient, future: Any) -> Any:
        """Await `future`, keeping alive the client that was asked: collected, it would break off."""
        try:
            return await asyncio.wrap_future(future)
        except KafkaException as fault:
            if client is self._admin and fault.args[0].code() < 0:  # its own trouble, not a broker's answer
                self._admin = self._made()
            raise BusAway(f"topic {self.name}: {fault.args[0].name()}") from fault

    def _made(self) -> admin.AdminClient:
        """Never one that has seen the broker go: it may ask a group's coordinator in vain for ever."""
        return admin.AdminClient(
            {"bootstrap.servers": self._bootstrap, "log_level": 0, "socket.timeout.ms": ASK_SECONDS * 1000}
        )
