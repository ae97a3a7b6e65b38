"""What the benchmarks stand on: one MongoDB and one Kafka, names of their own on them, and services as processes."""

from __future__ import annotations

import json
import os
import secrets
import socket
import sys
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from deploy import household, running, topics
from deploy.local.process import Program
from deploy.local.process import running as kept_running
from services.kernel.settings import EVENTS_TOPIC

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence

    from deploy.local.backing import Backing

ROOT = Path(__file__).parents[2]
OPD = next(iter(household.OFFICES))
NO_SMTP = 9


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A topic and databases that nobody else uses."""

    ground: Ground
    name: str
    partitions: int

    @property
    def environment(self) -> Mapping[str, str]:
        return {
            **household.environment(self.ground.folder, self.ground.backing, NO_SMTP),
            "ADUAN_TOPIC": self.name,
            "ADUAN_DATABASE_PREFIX": self.name,
            "PYTHONPATH": str(ROOT),
        }


def cpu_seconds(*pids: int) -> float:
    """What processes have computed so far; unlike a rate, it hardly depends on what else the machine does."""
    stats = [Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split() for pid in pids]
    return sum(int(fields[11]) + int(fields[12]) for fields in stats) / os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    port: int
    pid: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    backing: Backing
    folder: Path

    @property
    def stores(self) -> Sequence[int]:
        """The processes of MongoDB and Kafka, where they are ours."""
        return [process.pid for process in self.backing.processes.values()]

    def place(self, word: str) -> Place:
        """Make a topic like the real one and name databases after it."""
        name = f"bench-{word}-{secrets.token_hex(3)}"
        like = topics.described()[EVENTS_TOPIC]
        topics.ensure(self.backing.kafka_url, {name: like})
        return Place(ground=self, name=name, partitions=like.partitions)

    @asynccontextmanager
    async def serving(self, commands: Mapping[str, tuple[Place, Sequence[str]]]) -> AsyncIterator[dict[str, Server]]:
        """Run `python -m <command> --port <port>` for each, until ready."""
        ports = {who: _free_port() for who in commands}
        programs = {who: self._program(who, place, command, ports[who]) for who, (place, command) in commands.items()}
        async with kept_running(programs) as processes:
            yield {who: Server(port=ports[who], pid=process.pid) for who, process in processes.items()}

    def _program(self, who: str, place: Place, command: Sequence[str], port: int) -> Program:
        return Program(
            title=who,
            command=(sys.executable, "-m", *command, "--port", str(port)),
            folder=self.folder,
            log=self.folder / f"{place.name}.log",
            ready=lambda: running.ready(f"http://127.0.0.1:{port}"),
            environment=place.environment,
        )


INTAKE = ("deploy", "serve", "intake")


def filing() -> bytes:
    """A complaint as a browser would send it, each with an Idempotency-Key of its own."""
    key = secrets.token_hex(8).encode()
    return b"%sIdempotency-Key: %s\r\n\r\n%s" % (_HEAD, key, _BODY)


_BODY = json.dumps(
    {
        "complainant": {"name": "Siti Aminah", "email": "siti@example.id", "telephone": "081234567890"},
        "story": {
            "what_happened": "Izin usaha saya sudah lewat empat puluh hari kerja sejak berkas dinyatakan lengkap, dan "
            "setiap kali saya datang ke loket saya diminta menunggu lagi tanpa penjelasan tertulis."
        },
    }
).encode()
_HEAD = (
    f"POST /public/{OPD}/complaints HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\n"
    f"Content-Length: {len(_BODY)}\r\n"
).encode()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
