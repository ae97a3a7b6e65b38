"""The limits of a single text, number or value in a JSON Schema, and whether one schema's lie within another's."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

Schema = Mapping[str, Any]

_TYPES: Final[Mapping[str, Callable[[Any], bool]]] = {
    "null": lambda value: value is None,
    "boolean": lambda value: isinstance(value, bool),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "string": lambda value: isinstance(value, str),
}


def accepts(schema: Schema, value: Any) -> bool:
    """Tell whether `schema`, of one type or one value, takes the single value; lists and objects only as a constant."""
    if "const" in schema:
        return type(schema["const"]) is type(value) and bool(schema["const"] == value)
    if "type" in schema and not _TYPES.get(schema["type"], lambda _: False)(value):
        return False
    match value:
        case bool() | None:
            return True
        case str():
            return not list(string_misfits(_just(value, schema.get("pattern", "")), schema))
        case int() | float():
            return not list(number_misfits({"minimum": value, "maximum": value, "multipleOf": value or 1}, schema))
        case _:
            return "type" not in schema


def _just(value: str, pattern: str) -> Schema:
    """The schema of one text, having the `pattern` where the text does."""
    length = {"minLength": len(value), "maxLength": len(value)}
    return {**length, "pattern": pattern} if re.search(pattern, value) else length


def string_misfits(w: Schema, r: Schema) -> Iterator[str]:
    """What texts of `w` may be that `r` refuses."""
    if r.get("minLength", 0) > w.get("minLength", 0):
        yield f"panjang minimum naik dari {w.get('minLength', 0)} menjadi {r['minLength']}"
    if "maxLength" in r and w.get("maxLength", r["maxLength"] + 1) > r["maxLength"]:
        yield f"panjang maksimum turun dari {w.get('maxLength', 'tak terbatas')} menjadi {r['maxLength']}"
    for name, label in (("pattern", "pola"), ("format", "bentuk")):
        if name in r and w.get(name) != r[name]:
            yield f"{label} {r[name]} tidak sama dengan {w.get(name, 'tanpa ' + label)}"


def number_misfits(w: Schema, r: Schema) -> Iterator[str]:
    """What numbers of `w` may be that `r` refuses."""
    low, high = _low(r), _high(r)
    if low is not None and ((lowest := _low(w)) is None or lowest < low):
        yield f"batas bawah naik menjadi {low[0]}"
    if high is not None and ((highest := _high(w)) is None or highest > high):
        yield f"batas atas turun menjadi {high[0]}"
    if "multipleOf" in r and ("multipleOf" not in w or w["multipleOf"] % r["multipleOf"] != 0):
        yield f"harus kelipatan {r['multipleOf']}"


def _low(schema: Schema) -> tuple[float, int] | None:
    """The lower bound, ordered: an excluded number is a tighter bound than the number itself."""
    bounds = [(schema[name], tight) for name, tight in (("minimum", 0), ("exclusiveMinimum", 1)) if name in schema]
    whole = schema.get("type") == "integer"
    return max(((n + 1, 0) if whole and tight else (n, tight) for n, tight in bounds), default=None)


def _high(schema: Schema) -> tuple[float, int] | None:
    bounds = [(schema[name], -tight) for name, tight in (("maximum", 0), ("exclusiveMaximum", 1)) if name in schema]
    whole = schema.get("type") == "integer"
    return min(((n - 1, 0) if whole and tight else (n, tight) for n, tight in bounds), default=None)
