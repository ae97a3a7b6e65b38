"""A program running as our child: its pid, its end, its next start."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from deploy.local.trouble import Trouble

if TYPE_CHECKING:
    from asyncio.subprocess import Process as Child
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence

TETHER = Path(__file__).with_name("tether.py")
LOG_KEPT = 16 * 1024 * 1024
READY_WITHIN = 90.0
STOPPED_WITHIN = 15.0
BETWEEN_PROBES = 0.05


@dataclass(frozen=True, kw_only=True, slots=True)
class Program:
    """What to run, where it writes, and the question that tells whether it is ready.

    `ready` is asked again and again; it answers False while the part is still coming up.
    `keeps` are file descriptors the program inherits, `title` is how a person knows it.
    """

    title: str
    command: Sequence[str]
    folder: Path
    log: Path
    ready: Callable[[], Awaitable[bool]]
    environment: Mapping[str, str] = field(default_factory=dict)
    keeps: Sequence[int] = ()


class Process:
    """One program under our hand; what the fault tests hold on to."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self._child: Child | None = None

    @property
    def pid(self) -> int:
        """Of the running (or last) child; another one after each restart."""
        return self._begun().pid

    @property
    def running(self) -> bool:
        return self._child is not None and self._child.returncode is None

    async def start(self) -> None:
        """Start and wait until it is ready.

        Raises:
            Trouble: it ended by itself or was not ready in time; names the log. Nothing is left running.
        """
        self._child = await spawned(self.program)
        try:
            await self._until_ready()
        except BaseException:
            await self.kill()
            raise

    async def restart(self) -> None:
        """Stop it if it runs, start it again on the same ports and data, wait until it is ready."""
        await self.stop()
        await self.start()

    async def kill(self) -> None:
        """SIGKILL, and wait until it is gone."""
        self._signal(signal.SIGKILL)
        if self._child is not None:
            await self.wait()

    async def stop(self) -> None:
        """Ask it to end in good order, also when it was paused; insist after a while."""
        self._signal(signal.SIGTERM)
        self._signal(signal.SIGCONT)
        if self.running:
            with suppress(TimeoutError):
                await asyncio.wait_for(self.wait(), STOPPED_WITHIN)
        await self.kill()

    async def wait(self) -> int:
        """Wait for its end; answers the exit code (negative: the signal's number)."""
        return await self._begun().wait()

    def pause(self) -> None:
        """SIGSTOP: it keeps its sockets and answers nothing."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        self._signal(signal.SIGCONT)

    def _begun(self) -> Child:
        if self._child is None:
            raise RuntimeError(f"{self.program.title} was never started")
        return self._child

    def _signal(self, number: signal.Signals) -> None:
        if self.running:
            with suppress(ProcessLookupError):
                self._begun().send_signal(number)

    async def _until_ready(self) -> None:
        deadline = asyncio.get_running_loop().time() + READY_WITHIN
        while not await self.program.ready():
            if not self.running:
                raise self._trouble("berhenti sendiri ketika dinyalakan")
            if asyncio.get_running_loop().time() > deadline:
                raise self._trouble(f"belum siap setelah {READY_WITHIN:.0f} detik")
            await asyncio.sleep(BETWEEN_PROBES)

    def _trouble(self, what: str) -> Trouble:
        return Trouble(
            f"{self.program.title} {what}; jalankan `aduan doctor` dan baca catatannya.", log=self.program.log
        )


async def spawned(program: Program) -> Child:
    """Start it, tethered to us, its output at the end of its log; does not wait for anything."""
    program.folder.mkdir(parents=True, exist_ok=True)
    _make_room(program.log)
    with program.log.open("ab") as log:
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-I", "-S", str(TETHER), str(os.getpid()), *program.command),
            cwd=program.folder,
            env={**os.environ, **program.environment},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            pass_fds=tuple(program.keeps),
            # Ctrl-C in the terminal is for the parent, which ends its children in order.
            start_new_session=True,
        )


@asynccontextmanager
async def running(programs: Mapping[str, Program]) -> AsyncIterator[dict[str, Process]]:
    """All of them started side by side, ready; stopped side by side at the end, also when one could not start.

    Raises:
        Trouble: of the first that could not start.
    """
    processes = {name: Process(program) for name, program in programs.items()}
    try:
        outcomes = await asyncio.gather(*(one.start() for one in processes.values()), return_exceptions=True)
        for outcome in outcomes:
            if outcome is not None:
                raise outcome
        yield processes
    finally:
        await asyncio.gather(*(one.stop() for one in processes.values()))


def _make_room(log: Path) -> None:
    if log.exists() and log.stat().st_size > LOG_KEPT:
        log.replace(log.with_suffix(log.suffix + ".1"))
