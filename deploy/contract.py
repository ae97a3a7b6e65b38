"""The published contract, as files under `schemas/`: written from the models, held against them and a release."""

import json
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from deploy import asyncapi
from deploy.local.trouble import Trouble
from schemas.compatibility import compare
from schemas.event import Language
from schemas.published import URN, path_of, published, text_of

FOLDER: Final = Path(__file__).parents[1] / "schemas"
RELEASES: Final = "v*"


def files(language: Language) -> dict[str, str]:
    """The text of every file made from the models, by its path under `schemas/`."""
    made = {f"json/{path}": text_of(schema) for path, schema in published(language).items()}
    return {**made, "asyncapi.yaml": asyncapi.text_of(asyncapi.document(language))}


def write(language: Language, folder: Path = FOLDER) -> list[str]:
    """Write what differs and return its paths. Nothing is deleted: an older version's file is still promised."""
    made = files(language)
    changed = [path for path, text in made.items() if _read(folder / path) != text]
    for path in changed:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(made[path], "utf-8")
    return changed


def differences(language: Language, folder: Path = FOLDER) -> list[str]:
    """In words, where the files and the models do not say the same."""
    made = files(language)
    differing = [
        f"{path}: tidak sama dengan model; jalankan `aduan schemas write`"
        for path, text in made.items()
        if _read(folder / path) != text
    ]
    found = (str(path.relative_to(folder)) for path in sorted((folder / "json").rglob("*.json")))
    return [*differing, *(why for path in found if path not in made and (why := _stray(language, folder / path)))]


def broken(language: Language, old: Mapping[str, str], folder: Path = FOLDER) -> list[str]:
    """In words, what of the published files `old` (path under `schemas/`, text) is promised no longer."""
    return [f"{path}: {why}" for path, text in sorted(old.items()) for why in _broken(language, path, text, folder)]


def latest_release(root: Path = FOLDER) -> str | None:
    """The newest tag `v*` among this commit's ancestors, by version."""
    tags = _git(root, "tag", "--merged", "HEAD", "--list", RELEASES, "--sort=-v:refname").split()
    return tags[0] if tags else None


def released(ref: str, root: Path = FOLDER) -> dict[str, str]:
    """The schemas and golden records as they were at the git ref `ref`.

    Raises:
        Trouble: no git, no repository, or no such ref.
    """
    listed = _git(root, "ls-tree", "-r", "--name-only", ref, "json", "golden").splitlines()
    return {path: _git(root, "show", f"{ref}:./{path}") for path in listed if path.endswith(".json")}


def _broken(language: Language, path: str, text: str, folder: Path) -> Iterator[str]:
    now = _read(folder / path)
    if path.startswith("golden/"):
        if now != text:
            yield "contoh rekaman yang sudah terbit diubah atau dihapus"
        return
    made = published(language).get(path.removeprefix("json/"))
    if made is not None:
        yield from map(str, compare(json.loads(text), made))
    elif now != text:
        yield "skema yang sudah terbit diubah atau dihapus"
    elif why := _stray(language, folder / path):
        yield why


def _stray(language: Language, path: Path) -> str | None:
    """Why a file that no model of today makes has no place here; None for an older version that is still read."""
    name, _, version = str(_json(path).get("$id", "")).removeprefix(URN).rpartition(":")
    fact = language.facts.get(name)
    if name == "sealed":
        return None
    if (
        fact is None
        or not version.isdigit()
        or int(version) >= fact.version
        or path_of(name, int(version)) != _tail(path)
    ):
        return f"{path.name}: bukan versi dari fakta mana pun ({name or 'tanpa nama'})"
    missing = [n for n in range(int(version), fact.version) if (name, n) not in language.upcasts]
    return f"{name} v{version}: tidak ada jalan dari v{missing[0]} ke v{missing[0] + 1}" if missing else None


def _tail(path: Path) -> str:
    return "/".join(path.parts[-3:])


def _json(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text("utf-8"))
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _read(path: Path) -> str | None:
    return path.read_text("utf-8") if path.is_file() else None


def _git(root: Path, *words: str) -> str:
    try:
        ran = subprocess.run(["git", *words], cwd=root, check=True, capture_output=True, encoding="utf-8")
    except FileNotFoundError:
        raise Trouble("Perintah git tidak ada; pasang git untuk membandingkan dengan rilis.") from None
    except subprocess.CalledProcessError as fault:
        raise Trouble(f"git {words[0]}: {fault.stderr.strip()}") from None
    return ran.stdout
