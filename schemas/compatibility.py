"""May a schema take another's place? Pure: two published schemas in, the breaks between them out, in words.

Two promises. *Backward*: a new reader reads what the old writer wrote, which stays on the bus for ever. *Forward*: an
old reader, at a subscriber who has not moved yet, reads what the new writer writes. Writers are closed, readers open,
so a field may be added with a default and nothing else may change. What the check does not know, it calls a break.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from schemas.limits import Schema
from schemas.subset import misfits

Direction = Literal["backward", "forward"]

_ANNOTATIONS: Final = {"x-sealed": "kelas kunci segel", "x-content": "isi segel", "contentEncoding": "pengodean isi"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Break:
    """`place` is the path to the field, empty for the whole."""

    direction: Direction
    place: str
    words: str

    def __str__(self) -> str:
        who = {
            "backward": "pembaca baru tidak dapat membaca fakta lama",
            "forward": "pembaca lama tidak dapat membaca fakta baru",
        }
        return f"{self.place or '(seluruhnya)'}: {self.words} ({who[self.direction]})"


def compare(old: Schema, new: Schema) -> list[Break]:
    """The breaks that putting the published schema `new` in the place of `old` makes; none when it may be done."""
    backward = misfits(old, reader(new))
    forward = misfits(new, reader(old))
    return [
        *(Break(direction="backward", place=place, words=words) for place, words in backward),
        *(Break(direction="forward", place=place, words=words) for place, words in forward),
        *(Break(direction="backward", place=place, words=words) for place, words in _meanings(old, new)),
    ]


def reader(writer: Schema) -> Schema:
    """The open form of a published schema: whatever else a newer writer adds is passed over."""
    opened = {key: _opened(value) for key, value in writer.items()}
    if opened.get("additionalProperties") is False:
        del opened["additionalProperties"]
    return opened


def _opened(value: Any) -> Any:
    match value:
        case dict():
            return reader(value)
        case list():
            return [_opened(item) for item in value]
        case _:
            return value


def _meanings(old: Any, new: Any, place: str = "") -> Iterator[tuple[str, str]]:
    """What every validator passes and yet changes how old facts are understood: defaults, and what is sealed."""
    if not isinstance(old, Mapping) or not isinstance(new, Mapping):
        return
    yield from ((place, words) for words in _said_otherwise(old, new))
    for name in sorted(old.get("properties", {}).keys() - new.get("properties", {}).keys()):
        yield f"{place}.{name}".lstrip("."), "isian hilang, dan dengan itu arti fakta lama"
    for before, after, where in _within(old, new, place):
        yield from _meanings(before, after, where)


def _said_otherwise(old: Schema, new: Schema) -> Iterator[str]:
    if "default" in old and "default" in new and old["default"] != new["default"]:
        yield f"nilai bawaan berubah dari {old['default']!r} menjadi {new['default']!r}"
    if old.get("additionalProperties", False) is not False and new.get("additionalProperties") is False:
        yield "isian bebas hilang, dan dengan itu arti fakta lama"
    if old.get("type") == new.get("type") == "string":
        for name, label in _ANNOTATIONS.items():
            if old.get(name) != new.get(name):
                yield f"{label} berubah dari {old.get(name)!r} menjadi {new.get(name)!r}"


def _within(old: Schema, new: Schema, place: str) -> Iterator[tuple[Any, Any, str]]:
    for name in ("properties", "$defs"):
        before, after = old.get(name, {}), new.get(name, {})
        yield from ((before[key], after[key], f"{place}.{key}".lstrip(".")) for key in sorted(before.keys() & after))
    for name in ("items", "additionalProperties"):
        yield old.get(name), new.get(name), f"{place}[]"
    for name in ("anyOf", "oneOf", "prefixItems"):
        yield from ((*pair, place) for pair in zip(old.get(name, ()), new.get(name, ()), strict=False))
