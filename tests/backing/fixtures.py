"""What a test asks for: addresses that answer, and names of its own on them."""

from __future__ import annotations

import secrets
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from confluent_kafka.admin import AdminClient
from pymongo import MongoClient

from deploy import topics
from tests.backing import run
from tests.backing.addresses import Addresses  # noqa: TC001 - fixtures are introspected

if TYPE_CHECKING:
    from collections.abc import Iterator

PARTITIONS = 3


@pytest.fixture(scope="session")
def backing() -> Addresses:
    """MongoDB and Kafka for the whole run; see `tests.backing.run.addresses`."""
    return run.addresses()


@pytest.fixture(scope="session")
def mongo_url(backing: Addresses) -> str:
    return backing.mongo_url


@pytest.fixture(scope="session")
def kafka_url(backing: Addresses) -> str:
    return backing.kafka_url


@pytest.fixture
def database_name(mongo_url: str) -> Iterator[str]:
    """A database nobody else has; it and every database whose name begins with it are dropped afterwards."""
    with own_databases(mongo_url) as name:
        yield name


@pytest.fixture
def topic(kafka_url: str) -> Iterator[str]:
    """A topic nobody else has, configured as the bus is, of three partitions; deleted afterwards."""
    with own_topic(kafka_url) as name:
        yield name


@contextmanager
def own_databases(mongo_url: str) -> Iterator[str]:
    name = f"test-{secrets.token_hex(6)}"
    yield name
    client: MongoClient[dict[str, Any]] = MongoClient(mongo_url)
    with client:
        for database in client.list_database_names():
            if database.startswith(name):
                client.drop_database(database)


@contextmanager
def own_topic(kafka_url: str) -> Iterator[str]:
    name = f"test-{secrets.token_hex(6)}"
    (bus,) = topics.described().values()
    topics.ensure(kafka_url, {name: bus.model_copy(update={"partitions": PARTITIONS, "replication": 1})})
    yield name
    client = AdminClient({"bootstrap.servers": kafka_url, "log_level": 0})
    for deleted in client.delete_topics([name]).values():
        deleted.exception()  # a test may have deleted it itself
