"""The bus's topics: made once, never changed."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

import pytest
from confluent_kafka.admin import AdminClient

from deploy import topics
from deploy.local.trouble import Trouble
from deploy.topics import described, ensure_topics

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ENTRY = "topics: {{ {name}: {{ partitions: {partitions}, replication: 1, config: {{ retention.ms: -1 }} }} }}\n"


@pytest.fixture
def name(kafka_url: str) -> Iterator[str]:
    chosen = f"test-{secrets.token_hex(6)}"
    yield chosen
    for deleted in AdminClient({"bootstrap.servers": kafka_url}).delete_topics([chosen]).values():
        deleted.exception()


def test_the_bus_has_twelve_partitions_kept_for_ever_and_takes_any_clock() -> None:
    bus = described()["complaints.events.v1"]

    assert bus.partitions == 12
    assert bus.config["retention.ms"] == "-1"
    assert bus.config["cleanup.policy"] == "delete"
    assert bus.config["message.timestamp.after.max.ms"] == str(2**63 - 1)
    assert bus.config["max.message.bytes"] == str(1024 * 1024)


def test_replication_is_replaced_where_there_are_more_brokers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ADUAN_KAFKA_REPLICATION", "3")

    assert {topic.replication for topic in described().values()} == {3}


@pytest.mark.integration
async def test_making_topics_twice_makes_them_once(kafka_url: str, name: str, tmp_path: Path) -> None:
    path = tmp_path / "topics.yaml"
    path.write_text(ENTRY.format(name=name, partitions=2))

    await ensure_topics(kafka_url, path)
    await ensure_topics(kafka_url, path)

    found = AdminClient({"bootstrap.servers": kafka_url}).list_topics(name, timeout=5)
    assert len(found.topics[name].partitions) == 2


@pytest.mark.integration
async def test_another_number_of_partitions_is_said_and_not_changed(kafka_url: str, name: str, tmp_path: Path) -> None:
    path = tmp_path / "topics.yaml"
    path.write_text(ENTRY.format(name=name, partitions=2))
    await ensure_topics(kafka_url, path)
    path.write_text(ENTRY.format(name=name, partitions=5))

    with pytest.raises(Trouble, match=r"mempunyai 2 partisi, sedangkan topics\.yaml menyebut 5"):
        await ensure_topics(kafka_url, path)

    found = AdminClient({"bootstrap.servers": kafka_url}).list_topics(name, timeout=5)
    assert len(found.topics[name].partitions) == 2


async def test_a_broker_that_does_not_answer_is_said_in_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(topics, "PATIENCE", 0.5)

    with pytest.raises(Trouble, match=r"Topik di Kafka 127\.0\.0\.1:1 tidak dapat dibuat"):
        await ensure_topics("127.0.0.1:1")
