"""Kafka's jars: pinned by sha256 in `kafka.lock`, fetched once, verified before every start."""

from __future__ import annotations

import asyncio
import hashlib
import os
import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

from deploy.local.trouble import Trouble

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from rich.console import Console

LOCK = Path(__file__).with_name("kafka.lock")
AT_ONCE = 4


@dataclass(frozen=True, kw_only=True, slots=True)
class Jar:
    """One line of the lock: sha256 (hex), size (bytes), Maven coordinates (group:artifact:version)."""

    sha256: str
    size: int
    coordinates: str

    @property
    def name(self) -> str:
        group, artifact, version = self.coordinates.split(":")
        return f"{group}.{artifact}-{version}.jar"


def cache() -> Path:
    """Where downloads are kept between runs, by the XDG base directory convention."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "aduan"


def folder() -> Path:
    return cache() / "kafka-4.3.1"


def locked(lock: Path = LOCK) -> tuple[Jar, ...]:
    rows = (line.split() for line in lock.read_text().splitlines())
    return tuple(Jar(sha256=sha256, size=int(size), coordinates=name) for sha256, size, name in rows)


def missing(folder: Path, jars: Sequence[Jar]) -> list[Jar]:
    return [jar for jar in jars if not (folder / jar.name).exists()]


def verify(path: Path, jar: Jar) -> None:
    """Refuse a jar that is not, byte for byte, the locked one."""
    with path.open("rb") as content:
        found = hashlib.file_digest(content, "sha256").hexdigest()
    if found != jar.sha256:
        raise Trouble(
            f"Berkas Kafka {path} bukan berkas yang dikunci (sha256 {found[:12]}…, seharusnya "
            f"{jar.sha256[:12]}…) sehingga ditolak; hapus berkas itu lalu jalankan lagi."
        )


async def provided(console: Console) -> list[Path]:
    """The class path; a download ends soon after this is cancelled, as nobody waits for it any more."""
    unwanted = Event()
    try:
        return await asyncio.to_thread(fetched, folder(), locked(), console, unwanted)
    except asyncio.CancelledError:
        unwanted.set()
        raise


def fetched(folder: Path, jars: Sequence[Jar], console: Console, unwanted: Event | None = None) -> list[Path]:
    """The class path, after downloading what is missing with a bar; blocks until done or `unwanted` is set.

    Raises:
        Trouble: the network or the folder fails, a jar is a wrong one, or it is unwanted.
    """
    if wanted := missing(folder, jars):
        try:
            folder.mkdir(parents=True, exist_ok=True)
            _download(folder, wanted, console, unwanted or Event())
        except (OSError, RuntimeError) as wrong:
            raise Trouble(
                f"Apache Kafka tidak dapat diunduh ke {folder} ({wrong}); periksa sambungan internet dan ruang "
                "cakram, atau arahkan ADUAN_KAFKA_URL ke Kafka yang sudah ada."
            ) from wrong
    for jar in jars:
        verify(folder / jar.name, jar)
    return [folder / jar.name for jar in jars]


def _download(folder: Path, jars: Sequence[Jar], console: Console, unwanted: Event) -> None:
    """Into a scratch folder first: jgo takes any file it finds for a whole one, also a download that was cut."""
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with (
        tempfile.TemporaryDirectory(dir=folder) as scratch,
        Progress(*columns, TimeRemainingColumn(), console=console) as progress,
        ThreadPoolExecutor(AT_ONCE) as pool,
    ):
        task = progress.add_task("Mengunduh Apache Kafka", total=sum(jar.size for jar in jars))

        def advance(size: int) -> None:
            if unwanted.is_set():
                raise InterruptedError("dihentikan")
            progress.advance(task, size)

        get = _getter(Path(scratch), advance)
        for jar, path in zip(jars, pool.map(get, jars), strict=True):
            verify(path, jar)
            path.replace(folder / jar.name)


def _getter(scratch: Path, advance: Callable[[int], None]) -> Callable[[Jar], Path]:
    from jgo.config import GlobalSettings
    from jgo.maven import MavenContext, PythonResolver

    @contextmanager
    def follow(_name: str, _size: int) -> Iterator[Callable[[int], None]]:
        yield advance

    # A mirror the person has set up for jgo is asked in place of its default; the lock judges what it gives.
    context = MavenContext(
        resolver=PythonResolver(progress_callback=follow),
        repo_cache=scratch,
        remote_repos=GlobalSettings.load().repositories or None,
        timeout=60,
    )

    def get(jar: Jar) -> Path:
        group, artifact, version = jar.coordinates.split(":")
        return Path(context.project(group, artifact).at_version(version).artifact().resolve())

    return get
