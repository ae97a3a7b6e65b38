"""Kafka's jars: only the locked ones run."""

from __future__ import annotations

import hashlib
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest
from rich.console import Console

from deploy.local.jars import Jar, fetched, locked
from deploy.local.trouble import Trouble

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CONTENT = b"a jar"
JAR = Jar(sha256=hashlib.sha256(CONTENT).hexdigest(), size=len(CONTENT), coordinates="id.go.example:thing:1.0")
QUIET = Console(quiet=True)


class Silent(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
        """Say nothing."""


@pytest.fixture
def published(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where the jar lies in a Maven repository of our own, set up as the person's mirror."""
    jar = tmp_path / "repository" / "id" / "go" / "example" / "thing" / "1.0" / "thing-1.0.jar"
    jar.parent.mkdir(parents=True)
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Silent, directory=tmp_path / "repository")) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        config = tmp_path / "home" / ".config" / "jgo.conf"
        config.parent.mkdir(parents=True)
        config.write_text(f"[repositories]\nours = http://127.0.0.1:{server.server_port}\n")
        monkeypatch.setenv("HOME", str(tmp_path / "home"))
        yield jar
        server.shutdown()


def test_the_lock_names_every_jar_once_and_no_address() -> None:
    jars = locked()

    assert len({jar.coordinates for jar in jars}) == len(jars) == 46
    assert all(len(jar.sha256) == 64 for jar in jars)
    assert not any("/" in jar.coordinates for jar in jars)
    assert "org.apache.kafka:kafka_2.13:4.3.1" in {jar.coordinates for jar in jars}


def test_jars_that_are_there_are_not_asked_for_again(tmp_path: Path) -> None:
    (tmp_path / JAR.name).write_bytes(CONTENT)

    assert fetched(tmp_path, [JAR], QUIET) == [tmp_path / JAR.name]


def test_a_jar_changed_on_disk_is_refused(tmp_path: Path) -> None:
    (tmp_path / JAR.name).write_bytes(b"another jar")

    with pytest.raises(Trouble, match="bukan berkas yang dikunci"):
        fetched(tmp_path, [JAR], QUIET)


def test_a_missing_jar_is_fetched_and_kept(tmp_path: Path, published: Path) -> None:
    published.write_bytes(CONTENT)

    (kept,) = fetched(tmp_path / "jars", [JAR], QUIET)

    assert kept.read_bytes() == CONTENT
    assert [path.name for path in kept.parent.iterdir()] == [JAR.name]


def test_a_wrong_jar_from_the_network_is_refused_and_not_kept(tmp_path: Path, published: Path) -> None:
    published.write_bytes(b"something else")

    with pytest.raises(Trouble, match="bukan berkas yang dikunci"):
        fetched(tmp_path / "jars", [JAR], QUIET)

    assert not list((tmp_path / "jars").iterdir())


def test_a_jar_nobody_gives_is_said_with_what_to_do(tmp_path: Path, published: Path) -> None:
    with pytest.raises(Trouble, match=r"Apache Kafka tidak dapat diunduh .* ADUAN_KAFKA_URL"):
        fetched(tmp_path / "jars", [JAR], QUIET)


def test_a_download_nobody_waits_for_any_more_ends(tmp_path: Path, published: Path) -> None:
    published.write_bytes(CONTENT)
    unwanted = threading.Event()
    unwanted.set()

    with pytest.raises(Trouble, match="dihentikan"):
        fetched(tmp_path / "jars", [JAR], QUIET, unwanted)

    assert not list((tmp_path / "jars").iterdir())
