"""The topics of `topics.yaml`, made where they are missing."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Annotated

import typer
from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic
from pydantic import BaseModel, ConfigDict, PositiveInt
from yaml import safe_load

from deploy.local.trouble import Trouble
from deploy.screen import console, told

TOPICS = Path(__file__).with_name("topics.yaml")
REPLICATION = "ADUAN_KAFKA_REPLICATION"
# Longest wait for the broker, seconds.
PATIENCE = 15.0


class Topic(BaseModel):
    """One entry of the file; `config` holds Kafka's own names, values as text."""

    model_config = ConfigDict(frozen=True, extra="forbid", coerce_numbers_to_str=True)

    partitions: PositiveInt
    replication: PositiveInt
    config: dict[str, str]


class Topics(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    topics: dict[str, Topic]


def described(path: Path = TOPICS) -> dict[str, Topic]:
    """The file, read and checked; ADUAN_KAFKA_REPLICATION replaces the replication of all."""
    topics = Topics.model_validate(safe_load(path.read_text())).topics
    if number := os.environ.get(REPLICATION):
        return {name: topic.model_copy(update={"replication": int(number)}) for name, topic in topics.items()}
    return topics


async def ensure_topics(kafka_url: str, path: Path = TOPICS) -> None:
    """Make every topic of the file that is missing; what is there stays as it is, so this may be repeated.

    Raises:
        Trouble: the broker does not answer or refuses, or a topic has another number of partitions than the file says.
    """
    await asyncio.to_thread(ensure, kafka_url, described(path))


def ensure(kafka_url: str, topics: dict[str, Topic]) -> None:
    """As `ensure_topics`, for topics in hand; blocks."""
    client = AdminClient({"bootstrap.servers": kafka_url, "log_level": 0})
    try:
        _create(client, topics)
        present = client.list_topics(timeout=PATIENCE).topics
    except KafkaException as wrong:
        raise Trouble(f"Topik di Kafka {kafka_url} tidak dapat dibuat ({wrong.args[0].str()}).") from wrong
    for name, topic in topics.items():
        if name in present:
            _compare(name, topic, len(present[name].partitions))


def _create(client: AdminClient, topics: dict[str, Topic]) -> None:
    wanted = [
        NewTopic(name, num_partitions=topic.partitions, replication_factor=topic.replication, config=topic.config)
        for name, topic in topics.items()
    ]
    for created in client.create_topics(wanted, request_timeout=PATIENCE).values():
        try:
            created.result()
        except KafkaException as refused:
            if refused.args[0].code() != KafkaError.TOPIC_ALREADY_EXISTS:
                raise


def _compare(name: str, topic: Topic, found: int) -> None:
    if found != topic.partitions:
        raise Trouble(
            f"Topik {name} mempunyai {found} partisi, sedangkan {TOPICS.name} menyebut {topic.partitions}; jumlah "
            "partisi tidak boleh diubah, jadi kembalikan angka di berkas itu atau buat topik versi berikutnya."
        )


def topics(
    kafka_url: Annotated[str, typer.Option(envvar="ADUAN_KAFKA_URL", help="Alamat Kafka.")],
) -> None:
    """Buat topik di topics.yaml yang belum ada; yang sudah ada tidak disentuh."""
    with told():
        asyncio.run(ensure_topics(kafka_url))
    console.print(f"Kafka {kafka_url}: {', '.join(described())} siap.")
