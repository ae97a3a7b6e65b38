"""Which life of the topic this is: Kafka's own topic id, new whenever the topic is created again.

A cluster id, or the question whether the topic is empty, would not do: five services share the topic, and a retrying
producer may write into the new one before anyone has republished.
"""

import asyncio
import base64
import contextlib
from collections.abc import AsyncIterator, Mapping
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError
from confluent_kafka import KafkaException, TopicCollection, TopicPartition, admin

ASK_SECONDS = 5
ENOUGH = 6
MOST_GIVEN_UP = 8


class BusAway(Exception):
    """Kafka does not answer, or does not have the topic; it may again later."""


class Topic:
    """The shared topic, as Kafka's administration sees it. aiokafka cannot ask for a topic's id.

    A client that asked in vain `ENOUGH` times gives way to a fresh one. It is kept, because librdkafka may end the
    process when a client is destroyed that still asks; an outage of any length gives up no more than a handful.
    """

    def __init__(self, bootstrap: str, name: str) -> None:
        self.name = name
        self._bootstrap = bootstrap
        self._admin = self._client()
        self._in_vain = 0
        self._given_up: list[admin.AdminClient] = []

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
        asked = self._admin.list_offsets(wanted, request_timeout=ASK_SECONDS)
        return {part.partition: (await self._answer(told)).offset for part, told in asked.items()}

    async def committed(self, group: str) -> Mapping[int, int]:
        """Return how far `group` is through every partition it has begun; raise BusAway as `incarnation` does.

        Asked by a client made for the question: librdkafka's, once the broker was killed, asks the group's
        coordinator in vain for ever, and to destroy it while it asks may end the process.
        """
        try:
            async with asyncio.timeout(ASK_SECONDS), self._asking() as client:
                places = await client.list_consumer_group_offsets(group)
        except (KafkaError, OSError, TimeoutError) as fault:
            raise BusAway(f"group {group}: {type(fault).__name__}") from fault
        return {at.partition: told.offset for at, told in places.items() if at.topic == self.name and told.offset >= 0}

    @contextlib.asynccontextmanager
    async def _asking(self) -> AsyncIterator[AIOKafkaAdminClient]:
        client = AIOKafkaAdminClient(bootstrap_servers=self._bootstrap, request_timeout_ms=ASK_SECONDS * 1000)
        try:
            await client.start()
            yield client
        finally:
            await client.close()

    async def _described(self) -> Any:
        asked = self._admin.describe_topics(TopicCollection([self.name]), request_timeout=ASK_SECONDS)
        try:
            described = await self._answer(asked[self.name])
        except BusAway:
            self._in_vain += 1
            if self._in_vain % ENOUGH == 0 and len(self._given_up) < MOST_GIVEN_UP:
                self._given_up.append(self._admin)
                self._admin = self._client()
            raise
        self._in_vain = 0
        return described

    def _client(self) -> admin.AdminClient:
        told: dict[str, str | int | float | bool] = {
            "bootstrap.servers": self._bootstrap,
            "log_level": 0,
            "socket.timeout.ms": ASK_SECONDS * 1000,
        }
        return admin.AdminClient(told)

    async def _answer(self, future: Any) -> Any:
        try:
            return await asyncio.wrap_future(future)
        except KafkaException as fault:
            raise BusAway(f"topic {self.name}: {fault.args[0].name()}") from fault
