"""Rules of the tree that no linter knows."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("services", "schemas", "deploy", "tests")
SERVICES = ("intake", "routing", "meeting", "notification", "reporting")
ROOMS = ("commands", "domain", "policy", "projections", "api", "subscriptions", "main")
LONGEST = 250
# A table of examples is read row by row.
LONGEST_OF_TESTS = 400
TEXT = {".md", ".py", ".toml", ".yaml", ".yml", ".lock", ".json", ".properties", ".txt", ".sh", ""}

MODULES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
LOCKS = sorted((ROOT / "requirements").glob("*.lock"))


def written() -> list[Path]:
    """Every text file a person wrote; what tools leave in hidden folders is not ours, CI is."""
    loose = [path for path in ROOT.iterdir() if path.is_file() and not path.name.startswith(".coverage")]
    folders = (*PACKAGES, "docs", "requirements", ".ci")
    deep = [path for folder in folders for path in (ROOT / folder).rglob("*") if path.is_file()]
    return [path for path in (*loose, *deep) if path.suffix in TEXT and "__pycache__" not in path.parts]


def named(paths: list[Path]) -> list[str]:
    return [str(path.relative_to(ROOT)) for path in paths]


def matching(pattern: str, paths: list[Path]) -> list[str]:
    """`file:line` of each line in which the pattern is found."""
    sought = re.compile(pattern)
    return [
        f"{path.relative_to(ROOT)}:{number}"
        for path in paths
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if sought.search(line)
    ]


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_has_every_room_as_a_module_or_as_a_package(service: str) -> None:
    home = ROOT / "services" / service

    assert not [
        room for room in ROOMS if not ((home / f"{room}.py").exists() or (home / room / "__init__.py").exists())
    ]


def test_there_are_five_services_and_one_kernel() -> None:
    found = {path.parent.name for path in (ROOT / "services").glob("*/__init__.py")}

    assert found == {*SERVICES, "kernel"}


def test_no_module_is_longer_than_can_be_read_in_one_go() -> None:
    longest = {path: LONGEST_OF_TESTS if path.is_relative_to(ROOT / "tests") else LONGEST for path in MODULES}

    assert named([path for path in MODULES if len(path.read_text().splitlines()) > longest[path]]) == []


def test_packages_say_nothing_at_import() -> None:
    assert named([path for path in MODULES if path.name == "__init__.py" and path.stat().st_size]) == []


def test_every_folder_with_modules_is_a_package() -> None:
    assert named(sorted({path.parent for path in MODULES if not (path.parent / "__init__.py").exists()})) == []


def test_one_module_knows_the_driver() -> None:
    assert named([path for path in MODULES if "motor" in imported(path)]) == ["services/kernel/mongo.py"]


def test_nothing_names_a_folder_of_one_machine() -> None:
    assert matching(r"(?<![\w.}/])/(?:home|root|Users|work)/", written()) == []


def test_lock_files_name_versions_and_hashes_and_no_place_to_fetch_them_from() -> None:
    assert LOCKS
    assert matching(r"://|--index|--extra-index|--find-links|--trusted-host| @ ", LOCKS) == []
    for lock in LOCKS:
        for wanted in re.split(r"(?<!\\)\n", lock.read_text()):
            assert not wanted or wanted.startswith("#") or "--hash=sha256:" in wanted, f"{lock.name}: {wanted}"


def test_the_image_runs_the_versions_the_tests_ran_with() -> None:
    tested = pinned("dev.lock")

    assert [name for name in ("run.lock", "build.lock") if not pinned(name) <= tested] == []


def test_nothing_is_left_to_be_done_later_in_a_comment() -> None:
    assert matching("TO" + r"DO|FIX" + "ME", MODULES) == []


def test_tests_wait_for_conditions_and_never_for_time() -> None:
    tests = [path for path in MODULES if path.is_relative_to(ROOT / "tests")]

    assert [f"{path.relative_to(ROOT)}:{line}" for path in tests for line in naps(path)] == []


def imported(path: Path) -> set[str]:
    """Top-level names of what the module imports."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add((node.module or "").partition(".")[0])
    return found


def pinned(lock: str) -> set[str]:
    return set(re.findall(r"^[a-z0-9][^ ;\\]*==[^ ;\\]+", (ROOT / "requirements" / lock).read_text(), re.MULTILINE))


def naps(path: Path) -> list[int]:
    """Lines of sleeps that are not pauses between two looks at a condition."""
    tree = ast.parse(path.read_text())
    loops = [node for node in ast.walk(tree) if isinstance(node, ast.While) and asks(node)]
    fine = {id(call) for loop in loops for call in ast.walk(loop)}
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and id(node) not in fine]
    return [call.lineno for call in calls if sleeps(call)]


def asks(loop: ast.While) -> bool:
    """Whether it ends by what it finds: by its own test, or from within."""
    return not isinstance(loop.test, ast.Constant) or any(
        isinstance(node, ast.Return | ast.Break) for node in ast.walk(loop)
    )


def sleeps(call: ast.Call) -> bool:
    """Handing over to other tasks (`sleep(0)`) is not sleeping."""
    called = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    return called == "sleep" and getattr(call.args[0], "value", None) != 0
