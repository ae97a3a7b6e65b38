"""MongoDB and Kafka as containers, by the official images."""

from __future__ import annotations

import asyncio
from contextlib import ExitStack, asynccontextmanager
from typing import TYPE_CHECKING

from deploy.local import folder, kafka, mongod
from tests.backing.addresses import Addresses

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from pathlib import Path

    from testcontainers.core.container import DockerContainer

READY_WITHIN = 120.0


def engine_answers() -> bool:
    from docker.errors import DockerException  # type: ignore[import-untyped] # it publishes no types
    from testcontainers.core.docker_client import DockerClient

    try:
        DockerClient().client.close()  # asks the engine for its version
    except DockerException:
        return False
    return True


@asynccontextmanager
async def containers(data: Path) -> AsyncIterator[Addresses]:
    """Both, ready, on ports chosen before: the broker and the set's member must name the port seen from outside."""
    ports = folder.ports(data, ("mongod", "kafka"))
    with ExitStack() as stack:
        for container in (_mongo(ports["mongod"]), _kafka(ports["kafka"])):
            await asyncio.to_thread(stack.enter_context, container)
        await _until(lambda: mongod.is_primary(ports["mongod"]), "MongoDB")
        await _until(lambda: kafka.answers(ports["kafka"]), "Kafka")
        yield Addresses(mongo_url=mongod.url(ports["mongod"]), kafka_url=f"127.0.0.1:{ports['kafka']}")


def _mongo(port: int) -> DockerContainer:
    from testcontainers.core.container import DockerContainer

    command = f"mongod --bind_ip_all --replSet {mongod.SET} --port {port} --wiredTigerCacheSizeGB 0.25 --quiet"
    # The same port inside and outside: the member's address must be right for the server itself and for the tests.
    return _published(DockerContainer("mongo:6.0").with_command(command), port, port)


def _kafka(port: int) -> DockerContainer:
    from testcontainers.core.container import DockerContainer

    inside = 9092
    container = DockerContainer("apache/kafka:4.3.1")
    placed = {
        "listeners": f"PLAINTEXT://:{inside},CONTROLLER://:9093",
        "advertised.listeners": f"PLAINTEXT://127.0.0.1:{port}",
        "controller.quorum.voters": "1@127.0.0.1:9093",
        "log.dirs": "/tmp/kafka",  # noqa: S108 - in the container, which dies with its data
    }
    for name, value in (kafka.SETTINGS | placed).items():
        container.with_env("KAFKA_" + name.replace(".", "_").upper(), value)
    return _published(container, inside, port)


def _published(container: DockerContainer, inside: int, outside: int) -> DockerContainer:
    """On 127.0.0.1 alone; `with_bind_ports` would open it to the network."""
    container.ports[f"{inside}/tcp"] = ("127.0.0.1", outside)  # type: ignore[assignment] # docker takes the pair
    return container


async def _until(ready: Callable[[], Awaitable[bool]], what: str) -> None:
    try:
        async with asyncio.timeout(READY_WITHIN):
            while not await ready():  # noqa: ASYNC110 - it is another process that becomes ready
                await asyncio.sleep(0.1)
    except TimeoutError as late:
        raise RuntimeError(f"{what} in its container was not ready within {READY_WITHIN:.0f} s") from late
