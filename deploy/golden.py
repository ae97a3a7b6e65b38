"""Golden examples: whole records of the bus as fixed literals, sealed once under keys that are published with them.

They are made once and never again (a JWE's nonce is random, and a promise is not rewritten). Records of one stream
continue one another, so together they are a short history that any reader can fold and whose chain anyone can check.
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel, ValidationError

from deploy.contract import FOLDER
from deploy.local.trouble import Trouble
from schemas.event import Event, Language, Sealed
from schemas.published import path_of, sealed_fields
from services.kernel.envelope import GENESIS, Arrival, Circumstances, arrive, encode, fingerprint, instant, milliseconds
from services.kernel.recorded import key_of
from services.kernel.sealing import KEY_BYTES, Keyring, open_, seal

GOLDEN: Final = FOLDER / "golden"
FIRST: Final = datetime(2026, 3, 2, 1, 30, 15, 250_000, tzinfo=UTC)
STEP: Final = timedelta(minutes=10)

Draw = Callable[[int], bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """What a new record is to say; `data` holds in the clear what will be sealed, or a JWE of an earlier example."""

    type: str
    stream: str
    data: Mapping[str, Any]
    complaint: str
    name: str = "typical"
    actor: str = "staf:contoh-staf"
    cause: str | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Golden:
    """A record read back. `sealed` is what its sealed fields hold, `complaint` whose keys open them."""

    path: Path
    arrival: Arrival
    complaint: str
    sealed: Mapping[str, Any]


def add(language: Language, example: Example, draw: Draw, folder: Path = GOLDEN) -> Path:
    """Write a new golden record after those of its stream and return its path; `draw` gives random bytes.

    Raises:
        Trouble: there is one already, no such type, or the data does not fit it.
    """
    fact = language.facts.get(example.type)
    if fact is None:
        raise Trouble(f"Tidak ada fakta bernama {example.type}.")
    path = folder / Path(path_of(fact.type, fact.version)).with_suffix("") / f"{example.name}.json"
    if path.exists():
        raise Trouble(f"{path} sudah ada; contoh yang sudah ada tidak pernah dibuat ulang.")
    event = _event(fact, example.data, _claimed(folder, example.complaint, draw))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(_record(event, example, _last(folder, example.stream), keyring(folder, example.complaint)), "utf-8")
    return path


def records(folder: Path = GOLDEN) -> list[Golden]:
    """Every golden record, stream by stream and in order. Raises Untrusted for one that is not as it was made."""
    found = [read(path) for path in sorted(folder.glob("*/*/*/*.json"))]
    return sorted(found, key=lambda golden: (golden.arrival.stream, golden.arrival.sequence))


def read(path: Path) -> Golden:
    written = json.loads(path.read_text("utf-8"))
    parts = (line.partition(": ") for line in written["headers"])
    headers = tuple((name, text.encode()) for name, _, text in parts)
    arrival = arrive(written["key"].encode(), headers, written["value"].encode(), written["timestamp"])
    return Golden(path, arrival, written["complaint"], written["sealed"])


def keyring(folder: Path, complaint: str) -> Keyring:
    """The published keys of an example's complaint; they seal nothing but examples."""
    keys = json.loads((folder / "keys" / f"{complaint}.json").read_text("utf-8"))
    return Keyring(complaint, *(urlsafe_b64decode(keys[part] + "=") for part in ("subject", "file")))


def opened(ring: Keyring, fact: Event) -> dict[str, Any]:
    """What the sealed fields of `fact` hold, as JSON values."""
    held = ((name, getattr(fact, name), content) for name, _, content in sealed_fields(type(fact)))
    return {name: _clear(open_(ring, value, content)) for name, value, content in held if value is not None}


def _claimed(folder: Path, complaint: str, draw: Draw) -> Keyring:
    path = folder / "keys" / f"{complaint}.json"
    if not path.exists():
        keys = {part: urlsafe_b64encode(draw(KEY_BYTES)).rstrip(b"=").decode() for part in ("file", "subject")}
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(keys, indent=2) + "\n", "utf-8")
    return keyring(folder, complaint)


def _event(fact: type[Event], data: Mapping[str, Any], ring: Keyring) -> Event:
    try:
        sealed = {
            name: _sealed(ring, key, content, data[name])
            for name, key, content in sealed_fields(fact)
            if data.get(name)
        }
        return fact.model_validate_json(json.dumps({**data, **sealed}))
    except ValidationError as fault:
        raise Trouble(f"Isi tidak sesuai dengan {fact.type}: {fault}") from None


def _sealed(ring: Keyring, key: Any, content: Any, value: Any) -> str:
    if isinstance(value, str) and value.startswith("eyJ"):
        return value
    made: Sealed[Any, Any] = seal(ring, key, value if content is str else content.model_validate(value))
    return made.jwe


def _clear(value: BaseModel | str) -> Any:
    return value if isinstance(value, str) else value.model_dump(mode="json")


def _last(folder: Path, stream: str) -> Arrival | None:
    return _latest(golden.arrival for golden in records(folder) if golden.arrival.stream == stream)


def _latest(arrivals: Iterable[Arrival]) -> Arrival | None:
    return max(arrivals, key=lambda arrival: arrival.sequence, default=None)


def _record(event: Event, example: Example, last: Arrival | None, ring: Keyring) -> str:
    at = example.at or (instant(last.timestamp) + STEP if last else FIRST)
    sequence, previous = (last.sequence + 1, last.chain) if last else (1, GENESIS)
    wire = encode(event, example.stream, sequence, previous, _circumstances(example, sequence, at))
    written = {
        "key": key_of(example.stream),
        "timestamp": milliseconds(at),
        "headers": [f"{name}: {text.decode()}" for name, text in wire.headers],
        "value": wire.value.decode(),
        "complaint": example.complaint,
        "sealed": opened(ring, event),
    }
    return json.dumps(written, indent=2, ensure_ascii=False) + "\n"


def _circumstances(example: Example, sequence: int, at: datetime) -> Circumstances:
    return Circumstances(
        command_id=f"golden/{example.stream}/{sequence}",
        fingerprint=fingerprint(example.data),
        actor=example.actor,
        occurred_at=at,
        recorded_at=at,
        correlation=f"golden/{example.complaint}",
        cause=example.cause,
    )
