"""Apache Kafka (KRaft) on one node: broker and controller in one Java process."""

from __future__ import annotations

import asyncio
import base64
import os
import secrets
import shutil
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from deploy.local.process import Program, spawned
from deploy.local.trouble import Trouble

if TYPE_CHECKING:
    from collections.abc import Sequence

    from deploy.local.folder import Place

LOGGING = Path(__file__).with_name("log4j2.properties")
# Longest wait for one answer of the broker, seconds.
PATIENCE = 2.0

# Each says why it is not left at its default.
SETTINGS = {
    "process.roles": "broker,controller",
    "node.id": "1",
    "controller.listener.names": "CONTROLLER",
    "listener.security.protocol.map": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT",
    # Relative to the working folder: an absolute path with a comma or a letter outside Latin-1 would be misread.
    "log.dirs": "log",
    # One node cannot hold three copies.
    "offsets.topic.replication.factor": "1",
    "offsets.topic.num.partitions": "4",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "share.coordinator.state.topic.replication.factor": "1",
    "share.coordinator.state.topic.min.isr": "1",
    # A group forms at once; nobody else is about to join on a laptop.
    "group.initial.rebalance.delay.ms": "0",
    # After kill -9 the controller waits out the dead broker's session: 4 s in place of 12 s.
    "broker.session.timeout.ms": "2000",
    "broker.heartbeat.interval.ms": "500",
    # A topic made by a typing error would have the wrong partitions for ever.
    "auto.create.topics.enable": "false",
    # The bus is rebuildable but keeps everything, and a clock that jumped must not block the relay.
    "log.retention.ms": "-1",
    "log.message.timestamp.after.max.ms": str(2**63 - 1),
}


def properties(client: int, controller: int) -> str:
    """`server.properties` for the two ports."""
    placed = {
        "listeners": f"PLAINTEXT://127.0.0.1:{client},CONTROLLER://127.0.0.1:{controller}",
        "advertised.listeners": f"PLAINTEXT://127.0.0.1:{client}",
        "controller.quorum.voters": f"1@127.0.0.1:{controller}",
    }
    return "".join(f"{name}={value}\n" for name, value in (SETTINGS | placed).items())


async def program(place: Place, java: Path, class_path: Sequence[Path]) -> Program:
    """Write its settings, format its folder when that was never finished, and answer how to run it.

    Raises:
        Trouble: the folder could not be formatted.
    """
    port = place.ports["kafka"]
    broker = Program(
        title="Apache Kafka",
        command=(*_java(java, class_path), "kafka.Kafka", "server.properties"),
        folder=place.data / "kafka",
        log=place.data / "kafka.log",
        ready=lambda: answers(port),
        keeps=place.keeps,
    )
    broker.folder.mkdir(parents=True, exist_ok=True)
    (broker.folder / "server.properties").write_text(properties(port, place.ports["controller"]))
    shutil.copyfile(LOGGING, broker.folder / LOGGING.name)
    await _format(broker, _java(java, class_path))
    return broker


def _java(java: Path, class_path: Sequence[Path]) -> list[str]:
    """Small and quick to start: a serial collector and the first compiler are enough for one node."""
    return [
        *(str(java), "-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"),
        *(f"-Dlog4j2.configurationFile={LOGGING.name}", "-cp", os.pathsep.join(str(jar) for jar in class_path)),
    ]


async def _format(broker: Program, java: Sequence[str]) -> None:
    """Once; a format cut half way is thrown away, as no broker has ever run on it."""
    done = broker.folder / "formatted"
    if done.exists():
        return
    shutil.rmtree(broker.folder / "log", ignore_errors=True)
    cluster = base64.urlsafe_b64encode(secrets.token_bytes(16)).decode().rstrip("=")
    # With an equals sign: an id may begin with a dash.
    tool = ("kafka.tools.StorageTool", "format", f"--cluster-id={cluster}", "--config", "server.properties")
    child = await spawned(replace(broker, command=(*java, *tool)))
    if await child.wait() != 0:
        raise Trouble(
            "Folder data Kafka tidak dapat disiapkan; periksa ruang cakram dan Java dengan `aduan doctor`.",
            log=broker.log,
        )
    done.write_text(cluster)


async def answers(port: int) -> bool:
    """Whether the broker is let in by its controller and leads every partition it has."""
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    return await asyncio.to_thread(_leads_all, f"127.0.0.1:{port}")


def _leads_all(address: str) -> bool:
    try:
        seen = AdminClient({"bootstrap.servers": address, "log_level": 0}).list_topics(timeout=PATIENCE)
    except KafkaException:
        return False
    partitions = (part for topic in seen.topics.values() for part in topic.partitions.values())
    return bool(seen.brokers) and all(part.leader >= 0 for part in partitions)
