"""Values that a published schema allows, as hypothesis draws them.

hypothesis-jsonschema makes the single values; objects and lists are put together here, because its own strategy for
objects does not work with today's hypothesis.
"""

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import cache
from typing import Any

from hypothesis import strategies as st
from hypothesis_jsonschema import from_schema

Schema = Mapping[str, Any]

_LIMITS = {"type", "enum", "const", "pattern", "format", "minLength", "maxLength", "multipleOf"}
_LIMITS |= {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"}
# Moments are written in UTC, in years that any zone can show.
_MOMENTS = st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
_TIMES = {"date": st.dates().map(date.isoformat), "date-time": _MOMENTS.map(datetime.isoformat)}


def values(schema: Schema, root: Schema | None = None) -> st.SearchStrategy[Any]:
    """Every field that may be absent is now there and now not."""
    root = schema if root is None else root
    if "$ref" in schema:
        return values(root["$defs"][schema["$ref"].removeprefix("#/$defs/")], root)
    if "anyOf" in schema:
        return st.one_of([values(branch, root) for branch in schema["anyOf"]])
    match schema.get("type"):
        case "object":
            return _objects(schema, root)
        case "string" if schema.get("format") in _TIMES:
            return _TIMES[schema["format"]]
        case "array":
            few = min(schema.get("maxItems", 4), 4)
            return st.lists(values(schema["items"], root), min_size=schema.get("minItems", 0), max_size=few)
        case _:
            return _single(json.dumps({name: value for name, value in schema.items() if name in _LIMITS}))


@cache
def _single(schema: str) -> st.SearchStrategy[Any]:
    return from_schema(json.loads(schema))


def _objects(schema: Schema, root: Schema) -> st.SearchStrategy[dict[str, Any]]:
    fields = {name: values(field, root) for name, field in schema.get("properties", {}).items()}
    if isinstance(schema.get("additionalProperties"), Mapping):
        return st.dictionaries(st.text(max_size=5), values(schema["additionalProperties"], root), max_size=3)
    always = set(schema.get("required", ()))
    return st.fixed_dictionaries(
        {name: field for name, field in fields.items() if name in always},
        optional={name: field for name, field in fields.items() if name not in always},
    )
