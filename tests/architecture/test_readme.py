"""The README's commands are the Makefile's targets and the commands `aduan` knows; none is missing on either side."""

import re
from pathlib import Path

import pytest
from typer.main import get_command

from deploy.cli import app
from deploy.lazy import ELSEWHERE

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
TARGETS = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
HERE = {command.name or getattr(command.callback, "__name__", "") for command in app.registered_commands}
COMMANDS = {*HERE, *ELSEWHERE}


def told(program: str) -> set[str]:
    """The sub-commands of `program` that the README names anywhere in code."""
    return set(re.findall(rf"[`$ ]{program} ([a-z]+)", README))


def test_every_make_target_the_readme_names_exists() -> None:
    assert {"demo", "test", "check", "bench", "setup", "unit"} <= told("make") <= TARGETS


def test_every_aduan_command_is_in_the_readme_and_the_other_way_round() -> None:
    assert told("aduan") == COMMANDS


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_a_command_can_be_asked_for_help(name: str) -> None:
    group = get_command(app)
    command = group.get_command(group.make_context("aduan", [], resilient_parsing=True), name)  # type: ignore[attr-defined]  # a group has them

    assert command is not None
    assert command.get_short_help_str()


def test_every_file_the_readme_points_at_is_there() -> None:
    targets = re.findall(r"\]\(([^)#]+)\)", README)

    assert targets
    assert not [target for target in targets if "://" not in target and not (ROOT / target).exists()]
