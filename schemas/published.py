"""The published form of the language: JSON Schema 2020-12 of what is written, one for each type and version.

A schema is the writer's: closed, so a subscriber's own test finds a field we should not have written. A reader ought
to be open (see `schemas.compatibility.reader`). What the sealed values hold is published too, under `sealed`: a
subscriber that was given keys reads it, and it must not be broken either.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final, get_args, get_origin

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema

from schemas.event import Event, Language, Sealed

Schema = dict[str, Any]

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
URN: Final = "urn:aduan:"


class _Plain(GenerateJsonSchema):
    """A title made from a field's name says nothing that the name does not."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002 - pydantic's signature
        return False


def published(language: Language) -> dict[str, Schema]:
    """Every schema of `language`, by its path under `schemas/json`."""
    found = {path_of(fact.type, fact.version): schema_of(fact) for fact in language.facts.values()}
    for model in contents(language):
        found[f"sealed/{model.__name__}.json"] = _schema(model, f"{URN}sealed:{model.__name__}")
    return dict(sorted(found.items()))


def path_of(type_: str, version: int) -> str:
    """`intake.ComplaintFiled` 1 -> `intake/ComplaintFiled/1.json`."""
    return f"{type_.replace('.', '/')}/{version}.json"


def schema_of(fact: type[Event]) -> Schema:
    return _schema(fact, f"{URN}{fact.type}:{fact.version}")


def text_of(schema: Mapping[str, Any]) -> str:
    """The file's text: the same for the same schema, whatever the order in which it was made."""
    return json.dumps(schema, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def contents(language: Language) -> list[type[BaseModel]]:
    """The models that facts hold sealed, each once, by name."""
    found = {
        content.__name__: content
        for fact in language.facts.values()
        for _, _, content in sealed_fields(fact)
        if issubclass(content, BaseModel)
    }
    return [found[name] for name in sorted(found)]


def sealed_fields(fact: type[Event]) -> Iterator[tuple[str, type, Any]]:
    """Every sealed field of `fact`: its name, its key class (Subject or File) and what is sealed."""
    for name, field in fact.model_fields.items():
        for part in (field.annotation, *get_args(field.annotation)):
            if get_origin(part) is Sealed:
                key, content = get_args(part)
                yield name, key, content


def _schema(model: type[BaseModel], urn: str) -> Schema:
    made = model.model_json_schema(mode="serialization", schema_generator=_Plain)
    return {"$schema": DIALECT, "$id": urn, **made}
