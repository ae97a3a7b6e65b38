"""The data folder: one holder at a time, and the ports it was given."""

from __future__ import annotations

import asyncio
import fcntl
import json
import os
import secrets
import socket
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from deploy.local.trouble import Trouble

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence
    from pathlib import Path

LOCK = "aduan.lock"
PORTS = "ports.json"
LOWEST_PORT = 20_000
# A killed parent's children need a moment to be gone; they hold the lock until then.
GRACE = 10.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """A held folder: its path, a port for each name asked for, and the lock's descriptor, which children keep open."""

    data: Path
    ports: Mapping[str, int]
    keeps: tuple[int, ...]


@asynccontextmanager
async def placed(data: Path, names: Sequence[str]) -> AsyncIterator[Place]:
    """The folder held, with ports; for no names nothing is held or made."""
    if not names:
        yield Place(data=data, ports={}, keeps=())
        return
    data = await asyncio.to_thread(data.absolute)  # children work in other folders
    async with held(data) as lock:
        yield Place(data=data, ports=ports(data, names), keeps=(lock,))


@asynccontextmanager
async def held(data: Path) -> AsyncIterator[int]:
    """Hold the folder, made when missing; yields the lock's file descriptor.

    Children inherit the descriptor, so the lock ends with the last of them and not with the parent: who gets it finds
    no mongod or broker still writing.

    Raises:
        Trouble: another living process holds it, or it cannot be written.
    """
    descriptor = _opened(data)
    try:
        await _lock(descriptor, data)
        os.truncate(descriptor, 0)
        os.pwrite(descriptor, str(os.getpid()).encode(), 0)
        yield descriptor
    finally:
        os.close(descriptor)


def _opened(data: Path) -> int:
    try:
        data.mkdir(parents=True, exist_ok=True)
        return os.open(data / LOCK, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as wrong:
        raise Trouble(
            f"Folder data {data} tidak dapat ditulis ({wrong.strerror}); pilih folder lain dengan --data "
            "atau perbaiki hak aksesnya."
        ) from wrong


async def _lock(descriptor: int, data: Path) -> None:
    deadline = asyncio.get_running_loop().time() + GRACE
    while True:
        with suppress(BlockingIOError):
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        holder = os.pread(descriptor, 32, 0).decode()
        if _lives(holder) or asyncio.get_running_loop().time() > deadline:
            raise Trouble(
                f"Folder data {data} sedang dipakai proses {holder or 'lain'}; hentikan proses itu dahulu "
                "atau pilih folder lain dengan --data."
            )
        await asyncio.sleep(0.05)


def _lives(holder: str) -> bool:
    try:
        os.kill(int(holder), 0)
    except (ValueError, ProcessLookupError):
        return False
    except PermissionError:
        return True
    return True


def ports(data: Path, names: Sequence[str]) -> dict[str, int]:
    """A free port on 127.0.0.1 for each name: the remembered one while it is free, else another, then remembered."""
    before = remembered(data)
    chosen: dict[str, int] = {}
    for name in names:
        port = before.get(name)
        taken = set(chosen.values())
        chosen[name] = port if port and port not in taken and is_free(port) else _another(taken)
    (data / PORTS).write_text(json.dumps({**before, **chosen}, indent=2, sort_keys=True) + "\n")
    return chosen


def remembered(data: Path) -> dict[str, int]:
    """A torn or foreign file is as good as none: other ports are found."""
    with suppress(OSError, ValueError):
        read = json.loads((data / PORTS).read_text())
        if isinstance(read, dict):
            return {str(name): port for name, port in read.items() if isinstance(port, int)}
    return {}


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _another(taken: set[int]) -> int:
    """Below the range lent to outgoing connections: one of those could sit on the port while a part restarts."""
    span = _first_lent_port() - LOWEST_PORT
    for _ in range(1_000):
        port = LOWEST_PORT + secrets.randbelow(span)
        if port not in taken and is_free(port):
            return port
    raise Trouble("Tidak ada port bebas di 127.0.0.1; hentikan program lain yang memakainya lalu coba lagi.")


def _first_lent_port() -> int:
    with open("/proc/sys/net/ipv4/ip_local_port_range", encoding="ascii") as lent:  # noqa: PTH123
        return max(int(lent.read().split()[0]), LOWEST_PORT + 1_000)
