"""The whole house on one machine: MongoDB, Kafka, the topics, a letterbox, the services as processes of their own."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from deploy import household
from deploy.local.backing import backing
from deploy.local.folder import held, ports
from deploy.local.process import running
from deploy.mail import letterbox
from deploy.running import addresses, programs
from deploy.topics import ensure_topics

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence
    from pathlib import Path

    from rich.console import Console

    from deploy.local.backing import Backing
    from deploy.local.process import Process
    from deploy.mail import Letterbox


@dataclass(frozen=True, kw_only=True, slots=True)
class Home:
    """Where everything answers, the children by name, and the letters that came."""

    backing: Backing
    addresses: Mapping[str, str]
    processes: Mapping[str, Process]
    letters: Letterbox | None


@asynccontextmanager
async def home(
    data: Path, console: Console, *, services: Sequence[str], environ: Mapping[str, str] | None = None
) -> AsyncIterator[Home]:
    """Start what is missing and yield it ready; stop it in the opposite order. Goes on where `data` was left.

    Raises:
        Trouble: a part is missing or broken, or the folder is held by another.
    """
    data = await asyncio.to_thread(data.absolute)
    async with backing(data, console, environ=environ) as stores, AsyncExitStack() as stack:
        await ensure_topics(stores.kafka_url)
        if not services:
            yield Home(backing=stores, addresses={}, processes=stores.processes, letters=None)
            return
        if not stores.processes:  # both stores are elsewhere, so nobody holds the folder yet
            await stack.enter_async_context(held(data))
        places = ports(data, [*services, "smtp"])
        told = household.environment(data, stores, places["smtp"])
        box = stack.enter_context(letterbox(data / "letters", places["smtp"]))
        wanted = programs(data, places, told, services)
        with console.status("Menunggu layanan siap …") as status:
            async with running(wanted) as processes:
                status.stop()
                yield Home(
                    backing=stores,
                    addresses=addresses(places, services),
                    processes={**stores.processes, **processes},
                    letters=box,
                )
