"""Which life of the topic this is: Kafka's own topic id, new whenever the topic is created again.

A cluster id, or the question whether the topic is empty, would not do: five services share the topic, and a retrying
producer may write into the new one before anyone has republished.
"""

import asyncio
import base64

from confluent_kafka import KafkaException, TopicCollection
from confluent_kafka.admin import AdminClient

ASK_SECONDS = 5


class BusAway(Exception):
    """Kafka does not answer, or does not have the topic; it may again later."""


class Topic:
    """The shared topic, as Kafka's administration sees it. aiokafka cannot ask for a topic's id."""

    def __init__(self, bootstrap: str, name: str) -> None:
        self.name = name
        self._admin = AdminClient(
            {"bootstrap.servers": bootstrap, "log_level": 0, "socket.timeout.ms": ASK_SECONDS * 1000}
        )

    async def incarnation(self) -> str:
        """Return the topic's id, safe within a consumer group's name.

        Raises:
            BusAway: no broker answered, or there is no such topic.
        """
        try:
            asked = self._admin.describe_topics(TopicCollection([self.name]), request_timeout=ASK_SECONDS)
            described = await asyncio.wrap_future(asked[self.name])
        except KafkaException as fault:
            raise BusAway(f"topic {self.name}: {fault.args[0].name()}") from fault
        identity = described.topic_id
        bits = identity.get_most_significant_bits() << 64 | identity.get_least_significant_bits() & (1 << 64) - 1
        return base64.urlsafe_b64encode((bits & (1 << 128) - 1).to_bytes(16, "big")).decode().rstrip("=")
