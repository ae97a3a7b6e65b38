"""Values that a published schema allows, as hypothesis draws them.

hypothesis-jsonschema makes the single values; objects and lists are put together here, because its own strategy for
objects does not work with today's hypothesis.
"""

from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st
from hypothesis_jsonschema import from_schema

Schema = Mapping[str, Any]


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
        case "array":
            few = min(schema.get("maxItems", 4), 4)
            return st.lists(values(schema["items"], root), min_size=schema.get("minItems", 0), max_size=few)
        case _:
            return from_schema({name: value for name, value in schema.items() if not name.startswith("content")})


def _objects(schema: Schema, root: Schema) -> st.SearchStrategy[dict[str, Any]]:
    fields = {name: values(field, root) for name, field in schema.get("properties", {}).items()}
    if not fields:
        return st.dictionaries(st.text(max_size=5), values(schema["additionalProperties"], root), max_size=3)
    always = set(schema.get("required", ()))
    return st.fixed_dictionaries(
        {name: field for name, field in fields.items() if name in always},
        optional={name: field for name, field in fields.items() if name not in always},
    )
