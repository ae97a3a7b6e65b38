"""Does every value of one JSON Schema fit another? Answered from the schemas alone, for the part of 2020-12 we publish.

A keyword this does not know must be the same on both sides, so an answer of "fits" can be relied on; "does not fit" may
be too careful.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from schemas.limits import Schema, accepts, number_misfits, string_misfits

Misfit = tuple[str, str]
"""The path to the field, and what the reader does not take there."""

_SILENT: Final = frozenset(
    {"$schema", "$id", "$defs", "$ref", "title", "description", "default", "examples", "deprecated", "discriminator"}
    | {"contentEncoding", "contentMediaType", "x-sealed", "x-content"}
)
_HANDLED: Final = frozenset(
    {"type", "enum", "const", "anyOf", "oneOf", "properties", "required", "additionalProperties"}
    | {"items", "prefixItems", "minItems", "maxItems", "minLength", "maxLength", "pattern", "format"}
    | {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"}
)
_FEW: Final[Mapping[Any, tuple[bool | None, ...]]] = {"null": (None,), "boolean": (False, True)}
_WIDER: Final = {"integer": {"integer", "number"}}


def misfits(writer: Schema, reader: Schema) -> list[Misfit]:
    """What `writer` allows and `reader` refuses; empty when every value of the one fits the other."""
    return sorted(set(_Pair(writer, reader).of(writer, reader, "", frozenset())))


@dataclass(frozen=True, slots=True)
class _Pair:
    """The two documents, where references are looked up."""

    writer: Schema
    reader: Schema

    def of(self, writer: Any, reader: Any, place: str, met: frozenset[tuple[str, str]]) -> Iterator[Misfit]:
        step = (_ref(writer) or "", _ref(reader) or "")
        if any(step) and step in met:
            return
        met = met | {step}
        wanted = _resolved(reader, self.reader)
        if not wanted.keys() - _SILENT:
            return
        accepted = list(_alternatives(wanted, self.reader))
        for written in _alternatives(_resolved(writer, self.writer), self.writer):
            yield from self._one(written, accepted, place, met)

    def _one(
        self, written: Schema, accepted: list[Schema], place: str, met: frozenset[tuple[str, str]]
    ) -> list[Misfit]:
        """The misfits with the alternative that comes nearest: none with any of them is what counts."""
        answers = [(option, list(self._plain(written, option, place, met))) for option in accepted]
        if any(not found for _, found in answers):
            return []
        alike = [found for option, found in answers if len(answers) == 1 or _alike(written, option)]
        if len(alike) == 1 and "const" not in written:
            return alike[0]
        return [(place, f"dapat berisi {_said(written)}, yang tidak diterima")]

    def _plain(self, w: Schema, r: Schema, place: str, met: frozenset[tuple[str, str]]) -> Iterator[Misfit]:
        if "const" in w:
            if not accepts(r, w["const"]):
                yield place, f"nilai {w['const']!r} tidak diterima"
            return
        if "const" in r or not _WIDER.get(w.get("type", ""), {w.get("type")}) >= (
            {r["type"]} if "type" in r else set()
        ):
            yield place, f"jenis {_said(w)} menjadi {_said(r)}"
            return
        yield from ((place, words) for words in (*string_misfits(w, r), *number_misfits(w, r), *_unknown(w, r)))
        if w.get("type") in (None, "array"):
            yield from self._array(w, r, place, met)
        if w.get("type") in (None, "object"):
            yield from self._object(w, r, place, met)

    def _array(self, w: Schema, r: Schema, place: str, met: frozenset[tuple[str, str]]) -> Iterator[Misfit]:
        if r.get("minItems", 0) > w.get("minItems", 0):
            yield place, f"jumlah butir minimum {r['minItems']}"
        if "maxItems" in r and w.get("maxItems", r["maxItems"] + 1) > r["maxItems"]:
            yield place, f"jumlah butir maksimum {r['maxItems']}"
        ahead = max(len(w.get("prefixItems", ())), len(r.get("prefixItems", ())))
        for n in range(min(ahead, w.get("maxItems", ahead))):
            yield from self.of(_item(w, n), _item(r, n), f"{place}[{n}]", met)
        if w.get("maxItems", ahead + 1) > ahead:
            yield from self.of(w.get("items", True), r.get("items", True), f"{place}[]", met)

    def _object(self, w: Schema, r: Schema, place: str, met: frozenset[tuple[str, str]]) -> Iterator[Misfit]:
        written, read = w.get("properties", {}), r.get("properties", {})
        others = w.get("additionalProperties", True)
        always = {name for name in w.get("required", ()) if name in written or others is not False}
        for name in sorted(set(r.get("required", ())) - always):
            yield _under(place, name), "wajib bagi pembaca, tetapi tidak selalu ditulis"
        for name in sorted(written.keys() | read.keys()):
            value = written.get(name, others)
            wanted = read.get(name, r.get("additionalProperties", True))
            if value is not False and wanted is False:
                yield _under(place, name), "tidak dikenal pembaca, yang menolak isian asing"
            elif value is not False:
                yield from self.of(value, wanted, _under(place, name), met)
        if others is not False:
            yield from self.of(others, r.get("additionalProperties", True), f"{place}.*".lstrip("."), met)


def _resolved(schema: Any, root: Schema) -> Schema:
    """`schema` without a reference; what stands beside the reference stays."""
    if isinstance(schema, bool):
        return {} if schema else {"enum": []}
    while (ref := _ref(schema)) is not None:
        beside = {key: value for key, value in schema.items() if key != "$ref"}
        schema = {**root["$defs"][ref.removeprefix("#/$defs/")], **beside}
    return dict(schema)


def _ref(schema: Any) -> str | None:
    return schema.get("$ref") if isinstance(schema, Mapping) else None


def _alternatives(schema: Schema, root: Schema) -> Iterator[Schema]:
    """`schema` taken apart into schemas of one type or one value each."""
    union = next((name for name in ("anyOf", "oneOf") if name in schema), None)
    if union is None:
        yield from _kinds(schema)
        return
    beside = {key: value for key, value in schema.items() if key != union}
    for branch in schema[union]:
        yield from _alternatives({**beside, **_resolved(branch, root)}, root)


def _kinds(schema: Schema) -> Iterator[Schema]:
    kind = schema.get("type")
    if isinstance(kind, list):
        for name in kind:
            yield from _kinds({**schema, "type": name})
    elif "enum" in schema:
        yield from ({"const": value} for value in schema["enum"])
    elif kind in _FEW and "const" not in schema:
        yield from ({"const": value} for value in _FEW[kind])
    else:
        yield schema


def _item(schema: Schema, n: int) -> Any:
    ahead = schema.get("prefixItems", ())
    return ahead[n] if n < len(ahead) else schema.get("items", True)


def _unknown(w: Schema, r: Schema) -> Iterator[str]:
    for name in sorted(r.keys() - _SILENT - _HANDLED):
        if w.get(name) != r[name] or "$ref" in str(r[name]):
            yield f"batasan {name} tidak dapat diperiksa"


def _alike(one: Schema, other: Schema) -> bool:
    """Tell whether two branches of unions are meant to be the same one: of one type, and of one model if of any."""
    return all(one.get(name) == other.get(name) for name in ("type", "title"))


def _said(schema: Schema) -> str:
    if "const" in schema:
        return f"nilai {schema['const']!r}"
    return str(schema.get("title", schema.get("type", "apa saja")))


def _under(place: str, name: str) -> str:
    return f"{place}.{name}".lstrip(".")
