"""What the machine must bring: each check answers what was found, or raises the sentence that says what to do."""

from __future__ import annotations

import asyncio
import ctypes
import os
import platform
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

from deploy.local import folder, jars, java, mongod
from deploy.local.trouble import Deferred, Trouble

if TYPE_CHECKING:
    from pathlib import Path

OLDEST_PYTHON = (3, 11)
# A journal's and a log's first files, and the downloads.
ROOM = 2 * 1024**3
CURL = "libcurl.so.4"


def system() -> str:
    found = f"{platform.system()} {platform.machine()}"
    if found != "Linux x86_64":
        raise Trouble(
            f"Mesin ini {found}, sedangkan mongod dan Kafka setempat memerlukan Linux x86-64; arahkan ADUAN_MONGO_URL "
            "dan ADUAN_KAFKA_URL ke server yang sudah ada."
        )
    return found


def python() -> str:
    if sys.version_info < OLDEST_PYTHON:
        raise Trouble(f"Python {platform.python_version()} terlalu lama; pasang Python 3.11 atau lebih baru.")
    return platform.python_version()


def curl(library: str = CURL) -> str:
    """Mongod is linked against the system's own."""
    try:
        ctypes.CDLL(library)
    except OSError as missing:
        raise Trouble(
            f"Pustaka {library} yang diperlukan mongod tidak ada; pasang dengan `apt install libcurl4`."
        ) from missing
    return library


def mongo_server() -> str:
    binary = mongod.binary()
    try:
        said = subprocess.run([binary, "--version"], capture_output=True, text=True, check=True, timeout=30)
    except (OSError, subprocess.SubprocessError) as wrong:
        raise Trouble(f"{binary} tidak dapat dijalankan ({wrong}); pasang ulang paket {mongod.PACKAGE}.") from wrong
    return said.stdout.splitlines()[0]


def java_runtime() -> str:
    found = java.found()
    if found is None:
        raise Deferred(f"belum ada Java {java.OLDEST}; `aduan up` akan mengunduhnya (35 MB).")
    return f"Java {java.version(found)} di {found}"


def kafka_jars() -> str:
    locked = jars.locked()
    missing = jars.missing(jars.folder(), locked)
    for jar in locked:
        if jar not in missing:
            jars.verify(jars.folder() / jar.name, jar)
    if missing:
        size = sum(jar.size for jar in missing) / 1e6
        raise Deferred(
            f"{len(missing)} dari {len(locked)} berkas belum ada; `aduan up` akan mengunduhnya ({size:.0f} MB)."
        )
    return f"{len(locked)} berkas cocok dengan kuncinya di {jars.folder()}"


def disk(data: Path) -> str:
    free = shutil.disk_usage(_standing(data)).free
    if free < ROOM:
        raise Trouble(
            f"Ruang cakram untuk {data} tinggal {free / 1024**2:.0f} MiB; kosongkan sampai {ROOM / 1024**3:.0f} GiB."
        )
    return f"{free / 1024**3:.0f} GiB bebas"


def data_folder(data: Path) -> str:
    """Looked at without making it."""
    if data.is_dir():
        asyncio.run(_held(data))
        return f"{data} dapat ditulis dan tidak sedang dipakai"
    standing = _standing(data)
    if not standing.is_dir() or not os.access(standing, os.W_OK):
        raise Trouble(f"Folder data {data} tidak dapat dibuat di {standing}; pilih folder lain dengan --data.")
    return f"{data} akan dibuat"


async def _held(data: Path) -> None:
    async with folder.held(data):
        pass


def _standing(data: Path) -> Path:
    """The folder itself, or the nearest above it that exists."""
    path = data.absolute()
    return next(above for above in (path, *path.parents) if above.exists())


def ports(data: Path) -> str:
    remembered = folder.remembered(data)
    taken = {name: port for name, port in remembered.items() if not folder.is_free(port)}
    if taken:
        listed = ", ".join(f"{name} {port}" for name, port in taken.items())
        raise Deferred(f"port yang diingat sedang dipakai ({listed}); `aduan up` akan memilih yang lain.")
    return ", ".join(f"{name} {port}" for name, port in remembered.items()) or "dipilih saat dinyalakan"
