# ruff: noqa: TID251 - this is the edge of the tests: a run is told to its workers through the environment
"""The backing services of one test run: found in the environment, or held by a process all workers share."""

from __future__ import annotations

import fcntl
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from deploy.local.backing import KAFKA_URL, MONGO_URL
from tests.backing.addresses import Addresses

RUN = "ADUAN_TEST_RUN"
KIND = "ADUAN_TEST_BACKING"
KINDS = ("", "env", "containers", "processes")
ROOT = Path(__file__).parents[2]
# The downloads of a first start are within it, seconds.
STARTED_WITHIN = 600.0
ENDED_WITHIN = 60.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Run:
    """One call of pytest: its (controlling) process and a folder that all its workers know."""

    pytest_pid: int
    folder: Path

    @classmethod
    def opened(cls) -> Run:
        """Named in the environment before any worker starts, which is how they learn of it."""
        run = cls(pytest_pid=os.getpid(), folder=Path(tempfile.mkdtemp(prefix="aduan-tests-")))
        os.environ[RUN] = f"{run.pytest_pid}:{run.folder}"
        return run

    @staticmethod
    def is_open() -> bool:
        return RUN in os.environ

    @classmethod
    def current(cls) -> Run:
        pid, _, folder = os.environ[RUN].partition(":")
        return cls(pytest_pid=int(pid), folder=Path(folder))

    def close(self) -> None:
        """End the holder (it would end with us anyway) and wait, so that nothing is left when pytest returns."""
        os.environ.pop(RUN, None)
        if (pid := self.folder / "host.pid").exists():
            _end(int(pid.read_text()))
        shutil.rmtree(self.folder, ignore_errors=True)

    def addresses(self, kind: str) -> Addresses:
        """Of the services, started by the first who asks."""
        answer = self.folder / "addresses.json"
        with (self.folder / "start.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not answer.exists():
                self._start(kind, answer)
        return Addresses.read(answer)

    def _start(self, kind: str, answer: Path) -> None:
        log = self.folder / "host.log"
        command = (sys.executable, "-m", "tests.backing.host", str(self.folder), str(self.pytest_pid), kind)
        with log.open("wb") as output:
            host = subprocess.Popen(command, cwd=ROOT, stdout=output, stderr=output, start_new_session=True)
        (self.folder / "host.pid").write_text(str(host.pid))
        deadline = time.monotonic() + STARTED_WITHIN
        while not answer.exists():
            if host.poll() is not None or time.monotonic() > deadline:
                pytest.exit(f"no backing services ({KIND} chooses others):\n{log.read_text()}", returncode=3)
            time.sleep(0.05)


def _end(pid: int) -> None:
    with suppress(ProcessLookupError):
        watched = os.pidfd_open(pid)
        os.kill(pid, signal.SIGTERM)
        select.select([watched], [], [], ENDED_WITHIN)
        os.close(watched)


def addresses() -> Addresses:
    """By ADUAN_TEST_BACKING: `env`, `containers` or `processes`; unset, the first of the three that can be had."""
    kind = os.environ.get(KIND, "")
    if kind not in KINDS:
        pytest.exit(f"{KIND} is {kind!r}; it may be env, containers or processes", returncode=4)
    mongo_url, kafka_url = os.environ.get(MONGO_URL), os.environ.get(KAFKA_URL)
    if kind in {"", "env"} and mongo_url and kafka_url:
        return Addresses(mongo_url=mongo_url, kafka_url=kafka_url)
    if kind == "env":
        pytest.exit(f"{KIND}=env needs {MONGO_URL} and {KAFKA_URL}", returncode=4)
    return Run.current().addresses(kind)
