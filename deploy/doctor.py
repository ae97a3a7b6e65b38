"""`aduan doctor`: everything a start needs, each found, to be fetched, or broken with what to do."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

import typer

from deploy.local import checks, machine
from deploy.local.backing import KAFKA_URL, MONGO_URL
from deploy.local.trouble import Deferred, Trouble

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from rich.console import Console

Ask = Callable[[], str]


class State(Enum):
    """The mark shown and its colour."""

    FINE = ("✓", "green")
    LATER = ("…", "yellow")
    BROKEN = ("✗", "red")


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    part: str
    state: State
    kalimat: str


def run(data: Path, console: Console, environ: Mapping[str, str] = os.environ) -> None:
    """Print every finding; exit code 1 when a part is broken, 0 when all is there or will be fetched."""
    broken = 0
    for part, ask in _questions(data, environ):
        finding = find(part, ask)
        mark, colour = finding.state.value
        console.print(f"[{colour}]{mark}[/] [bold]{part}[/]: ", end="")
        console.print(finding.kalimat, markup=False, highlight=False, soft_wrap=True)
        broken += finding.state is State.BROKEN
    if broken:
        console.print(f"{broken} bagian perlu dibenahi sebelum `aduan up`.", style="red")
        raise typer.Exit(1)
    console.print("Siap: jalankan `aduan up`.", style="green")


def find(part: str, ask: Ask) -> Finding:
    try:
        return Finding(part=part, state=State.FINE, kalimat=ask())
    except Deferred as later:
        return Finding(part=part, state=State.LATER, kalimat=later.kalimat)
    except Trouble as wrong:
        return Finding(part=part, state=State.BROKEN, kalimat=wrong.kalimat)


def _questions(data: Path, environ: Mapping[str, str]) -> Iterator[tuple[str, Ask]]:
    """What is given by an address is asked at that address, and nothing of this machine is needed for it."""
    mongo_url, kafka_url = environ.get(MONGO_URL), environ.get(KAFKA_URL)
    yield "Python", machine.python
    if not (mongo_url and kafka_url):
        yield from _of_children(data)
    if mongo_url:
        yield "MongoDB", lambda: _reached(checks.mongo, mongo_url)
    else:
        yield "libcurl4", machine.curl
        yield "mongod", machine.mongo_server
    if kafka_url:
        yield "Kafka", lambda: _reached(checks.kafka, kafka_url)
    else:
        yield "Java", machine.java_runtime
        yield "Apache Kafka", machine.kafka_jars


def _of_children(data: Path) -> Iterator[tuple[str, Ask]]:
    yield "Sistem", machine.system
    yield "Ruang cakram", lambda: machine.disk(data)
    yield "Folder data", lambda: machine.data_folder(data)
    yield "Port", lambda: machine.ports(data)


def _reached(check: Callable[[str], Awaitable[None]], url: str) -> str:
    async def ask() -> None:
        await check(url)

    asyncio.run(ask())
    return f"{checks.bare(url)} menjawab"
