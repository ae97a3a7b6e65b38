"""`aduan schemas`: what differs from the models, and what was promised by a release, is said in words."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from deploy import contract
from deploy.local.trouble import Trouble
from deploy.schemas import app
from schemas.event import Event, File, Language, Sealed

GIT = (
    "git",
    "-c",
    "user.name=t",
    "-c",
    "user.email=t@example",
    "-c",
    "commit.gpgsign=false",
    "-c",
    "tag.gpgsign=false",
)


class Opened(Event, type="routing.CaseOpened"):
    """A first form."""

    title: str


class OpenedWithMore(Event, type="routing.CaseOpened"):
    """The first form, and a field with a default."""

    title: str
    urgent: bool = False


class OpenedOtherwise(Event, type="routing.CaseOpened"):
    """The first form, broken."""

    title: int


class OpenedAnew(Event, type="routing.CaseOpened", version=2):
    """A second form."""

    title: int


class Reviewed(Event, type="routing.ComplaintReviewed"):
    """Another fact."""

    review: Sealed[File, str]


OLD = Language.of(Opened, Reviewed)
LIFT = {("routing.CaseOpened", 1): lambda raw: {**raw, "title": len(raw["title"])}}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A repository whose release v1.0.0 published OLD, with one golden record."""
    contract.write(OLD, tmp_path)
    golden = tmp_path / "golden" / "routing" / "CaseOpened" / "1" / "typical.json"
    golden.parent.mkdir(parents=True)
    golden.write_text("{}")
    for words in (["init", "-q"], ["add", "."], ["commit", "-qm", "x"], ["tag", "v1.0.0"], ["tag", "other"]):
        subprocess.run([*GIT, *words], cwd=tmp_path, check=True)
    return tmp_path


def since_release(language: Language, folder: Path) -> list[str]:
    contract.write(language, folder)
    return contract.broken(language, contract.released("v1.0.0", folder), folder)


def test_written_once_nothing_differs(tmp_path: Path) -> None:
    assert contract.write(OLD, tmp_path) == list(contract.files(OLD))
    assert contract.write(OLD, tmp_path) == []
    assert contract.differences(OLD, tmp_path) == []


def test_a_changed_model_a_changed_file_and_a_missing_file_are_named(tmp_path: Path) -> None:
    contract.write(OLD, tmp_path)
    (tmp_path / "json/routing/ComplaintReviewed/1.json").unlink()
    found = contract.differences(Language.of(OpenedOtherwise, Reviewed), tmp_path)
    assert [line.partition(":")[0] for line in found] == [
        "json/routing/CaseOpened/1.json",
        "json/routing/ComplaintReviewed/1.json",
        "asyncapi.yaml",
    ]


def test_a_file_of_no_fact_is_named(tmp_path: Path) -> None:
    contract.write(OLD, tmp_path)
    stray = tmp_path / "json/routing/CaseOpened/7.json"
    stray.write_text(json.dumps({"$id": "urn:aduan:routing.CaseOpened:7"}))
    assert ["7.json" in line for line in contract.differences(OLD, tmp_path)] == [True]


def test_the_latest_release_is_the_highest_version_among_the_ancestors(folder: Path) -> None:
    for tag in ("v1.2.0", "v1.10.0", "v1.9.0"):
        subprocess.run([*GIT, "tag", tag], cwd=folder, check=True)
    assert contract.latest_release(folder) == "v1.10.0"


def test_before_the_first_release_nothing_is_frozen(tmp_path: Path) -> None:
    for words in (["init", "-q"], ["commit", "-q", "--allow-empty", "-m", "x"]):
        subprocess.run([*GIT, *words], cwd=tmp_path, check=True)
    assert contract.latest_release(tmp_path) is None


def test_after_a_release_a_field_with_a_default_may_come(folder: Path) -> None:
    assert since_release(Language.of(OpenedWithMore, Reviewed), folder) == []


def test_after_a_release_another_form_under_the_same_version_is_a_break(folder: Path) -> None:
    found = since_release(Language.of(OpenedOtherwise, Reviewed), folder)
    assert found
    assert all(line.startswith("json/routing/CaseOpened/1.json: title: ") for line in found)


def test_a_new_version_with_a_way_up_keeps_the_promise(folder: Path) -> None:
    language = Language.of(OpenedAnew, Reviewed, upcasts=LIFT)
    assert since_release(language, folder) == []
    assert (folder / "json/routing/CaseOpened/1.json").is_file()
    assert contract.differences(language, folder) == []


def test_a_new_version_without_a_way_up_is_a_break(folder: Path) -> None:
    assert [
        "tidak ada jalan dari v1 ke v2" in line for line in since_release(Language.of(OpenedAnew, Reviewed), folder)
    ] == [True]


def test_a_fact_that_is_gone_is_a_break(folder: Path) -> None:
    assert ["bukan versi dari fakta mana pun" in line for line in since_release(Language.of(Opened), folder)] == [True]


@pytest.mark.parametrize(
    "harm",
    [lambda path: path.unlink(), lambda path: path.write_text('{"key": "other"}')],
    ids=["deleted", "rewritten"],
)
@pytest.mark.parametrize("path", ["golden/routing/CaseOpened/1/typical.json", "json/routing/CaseOpened/1.json"])
def test_what_was_published_is_neither_deleted_nor_rewritten(
    folder: Path, path: str, harm: Callable[[Path], Any]
) -> None:
    language = Language.of(OpenedAnew, Reviewed, upcasts=LIFT)
    contract.write(language, folder)
    harm(folder / path)
    found = contract.broken(language, contract.released("v1.0.0", folder), folder)
    assert [line.partition(":")[0] for line in found] == [path]


def test_an_unknown_ref_is_said_plainly(folder: Path) -> None:
    with pytest.raises(Trouble, match="git ls-tree"):
        contract.released("v9.9.9", folder)


def test_the_command_says_what_is_wrong_and_ends_with_1(folder: Path) -> None:
    said = CliRunner().invoke(app, ["check", "--folder", str(folder)])
    assert said.exit_code == 1
    assert "json/routing/CaseOpened/1.json: tidak sama dengan model" in said.output
    assert "json/routing/CaseOpened/1.json: title: isian hilang" in said.output


def test_the_command_says_so_when_nothing_was_released_yet(tmp_path: Path) -> None:
    for words in (["init", "-q"], ["commit", "-q", "--allow-empty", "-m", "x"]):
        subprocess.run([*GIT, *words], cwd=tmp_path, check=True)
    assert CliRunner().invoke(app, ["write", "--folder", str(tmp_path)]).exit_code == 0
    said = CliRunner().invoke(app, ["check", "--folder", str(tmp_path)])
    assert (said.exit_code, "Belum ada rilis" in said.output) == (0, True), said.output


def test_the_project_itself_keeps_its_contract() -> None:
    said = CliRunner().invoke(app, ["check"])
    assert (said.exit_code, "esuai dengan model" in said.output) == (0, True), said.output


def test_a_new_golden_record_is_refused_in_one_sentence_when_its_data_is_no_json(tmp_path: Path) -> None:
    data = tmp_path / "data.json"
    data.write_text("{")
    said = CliRunner().invoke(app, ["golden", "routing.CaseOpened", str(data)])
    assert (said.exit_code, "bukan JSON" in said.output) == (1, True), said.output
