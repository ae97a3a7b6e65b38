"""What `aduan import wabo`, `recap` and `evaluate` say before any service was asked."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from deploy.cli import app
from deploy.token import demo_issuer, issue
from services.kernel import clock
from services.kernel.principal import Principal
from tests.wabo.samples import small_log

if TYPE_CHECKING:
    from pathlib import Path


def said(*words: str) -> tuple[int, str]:
    answer = CliRunner(env={"ADUAN_TOKEN": None}).invoke(app, list(words))
    return answer.exit_code, " ".join(answer.output.split())


@pytest.fixture
def log(tmp_path: Path) -> str:
    path = tmp_path / "log.csv"
    path.write_text("".join(small_log()), encoding="utf-8")
    return str(path)


@pytest.fixture
def data(tmp_path: Path) -> str:
    return str(tmp_path / "data")


def token(tmp_path: Path, opd: str) -> str:
    key, trust = demo_issuer(tmp_path / "issuer")
    importer = Principal(person="impor", name=None, opd=opd, roles=frozenset({"importer"}))
    return issue(key, trust, importer, timedelta(minutes=5), clock.now())


def test_a_file_that_is_not_there_or_not_the_log_is_said(tmp_path: Path, data: str) -> None:
    other = tmp_path / "other.csv"
    other.write_bytes(b"\xff\xfe\x00")

    for path in (tmp_path / "none.csv", tmp_path):
        code, sentence = said("import", "wabo", str(path), "--data", data)
        assert code == 1
        assert "tidak dapat dibaca" in sentence
    code, sentence = said("import", "wabo", str(other), "--data", data)
    assert code == 1
    assert "bukan log WABO" in sentence


def test_without_a_demo_household_a_token_is_asked_for(log: str, data: str) -> None:
    for words in (("import", "wabo", log), ("recap", "--opd", "dinkes-agam"), ("evaluate",)):
        code, sentence = said(*words, "--data", data)
        assert code == 1
        assert "isi ADUAN_TOKEN" in sentence


def test_an_office_without_a_token_is_named_before_anything_is_filed(log: str, data: str, tmp_path: Path) -> None:
    mine = token(tmp_path, "disdik-agam")

    code, sentence = said("import", "wabo", log, "--data", data, "--token", mine)

    assert code == 1
    assert "Tidak ada token untuk OPD dinkes-agam, dpmptsp-agam" in sentence


def test_a_token_for_one_office_imports_that_office_s_cases(log: str, data: str, tmp_path: Path) -> None:
    mine = token(tmp_path, "disdik-agam")

    _, sentence = said("import", "wabo", log, "--data", data, "--token", mine, "--opd", "disdik-agam")

    assert "Alamat layanan intake, routing, notification, reporting belum diketahui" in sentence


def test_what_is_no_token_and_no_office_of_the_log_is_said(log: str, data: str) -> None:
    assert "bukan token" in said("recap", "--data", data, "--token", "rahasia")[1]
    assert "OPD dinsos tidak menerima" in said("import", "wabo", log, "--data", data, "--opd", "dinsos")[1]


def test_a_service_that_is_not_there_is_said_at_once(log: str, data: str, tmp_path: Path) -> None:
    nobody = "http://127.0.0.1:1"
    addresses = [part for name in ("intake", "routing", "notification", "reporting") for part in (f"--{name}", nobody)]
    mine = token(tmp_path, "disdik-agam")
    words = ("--data", data, "--token", mine, "--opd", "disdik-agam")

    assert "Layanan intake tidak menjawab" in said("import", "wabo", log, *words, *addresses)[1]
    assert "Layanan reporting tidak menjawab" in said("recap", *words, "--reporting", nobody)[1]
