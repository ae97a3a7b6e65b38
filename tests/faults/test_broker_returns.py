"""A broker that was killed and came back is asked again by those who had asked it before."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from deploy.local.backing import MONGO_URL, backing
from deploy.topics import ensure_topics
from services.kernel.incarnation import BusAway, Topic
from services.kernel.settings import EVENTS_TOPIC
from tests.faults.house import until

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.integration

GROUP = "readers"


async def test_how_far_a_group_is_can_be_asked_again_after_the_broker_was_killed(
    tmp_path: Path, mongo_url: str
) -> None:
    async with backing(tmp_path, environ={MONGO_URL: mongo_url}) as stores:
        await ensure_topics(stores.kafka_url)
        await a_group_has_read(stores.kafka_url)
        topic = Topic(stores.kafka_url, EVENTS_TOPIC)
        known = await topic.committed(GROUP)
        assert known[0] == 1

        await stores.processes["kafka"].kill()
        with pytest.raises(BusAway):
            await topic.committed(GROUP)
        await stores.processes["kafka"].start()

        async def is_answered() -> bool:
            with suppress(BusAway):
                return await topic.committed(GROUP) == known
            return False

        await until(is_answered, 30)


async def a_group_has_read(kafka_url: str) -> None:
    reader = AIOKafkaConsumer(
        EVENTS_TOPIC,
        bootstrap_servers=kafka_url,
        group_id=GROUP,
        auto_offset_reset="earliest",
        enable_auto_commit=False,
    )
    async with AIOKafkaProducer(bootstrap_servers=kafka_url) as writer, reader:
        await writer.send_and_wait(EVENTS_TOPIC, b"read", partition=0)
        await reader.getone()
        await reader.commit()
