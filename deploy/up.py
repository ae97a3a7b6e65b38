"""`aduan up`: the backing services, the topics and the five services, until Ctrl-C."""

from __future__ import annotations

import asyncio
import signal
from contextlib import suppress
from typing import TYPE_CHECKING

from deploy.home import home
from deploy.local.trouble import Trouble
from deploy.screen import told
from deploy.serve import SERVICES

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from rich.console import Console

    from deploy.home import Home
    from deploy.local.process import Process


def run(data: Path, console: Console, *, services: bool = True) -> None:
    with told(), suppress(asyncio.CancelledError):
        asyncio.run(stay(data, console, services=services))
    console.print("Semua sudah berhenti; data tetap tersimpan.")


async def stay(data: Path, console: Console, *, services: bool) -> None:
    """Everything up, in order; down again in the opposite order on Ctrl-C, SIGTERM or the end of a part.

    Raises:
        Trouble: something could not start, or ended by itself.
    """
    end_on_signals()
    async with home(data, console, services=SERVICES if services else ()) as household:
        _show(household, data, console)
        await until_one_ends(household.processes.values())


def end_on_signals() -> None:
    """Ctrl-C and SIGTERM cancel the calling task, so that what it opened is closed in order."""
    task, loop = asyncio.current_task(), asyncio.get_running_loop()
    if task is not None:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, task.cancel)


async def until_one_ends(processes: Iterable[Process]) -> None:
    """Stay as long as all of them run; for ever when there are none.

    Raises:
        Trouble: one ended by itself.
    """
    ends = {asyncio.create_task(process.wait()): process for process in processes}
    try:
        if not ends:
            await asyncio.Event().wait()
        over, _ = await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for waiting in ends:
            waiting.cancel()
    program = ends[over.pop()].program
    raise Trouble(f"{program.title} berhenti sendiri; jalankan lagi `aduan up`.", log=program.log)


def _show(household: Home, data: Path, console: Console) -> None:
    console.print(f"MongoDB  [bold]{household.backing.mongo_url}[/]")
    console.print(f"Kafka    [bold]{household.backing.kafka_url}[/]")
    for name, address in household.addresses.items():
        console.print(f"{name:<13}[bold]{address}[/]  {address}/openapi.json")
    if household.processes:
        console.print(f"Data     [bold]{data}[/]")
    console.print("Tekan Ctrl-C untuk berhenti.")
