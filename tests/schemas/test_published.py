"""JSON Schema per type and version: made from the models, committed, closed, and saying what is sealed."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from pydantic.json_schema import GenerateJsonSchema

from deploy.contract import FOLDER, differences, files
from schemas.catalogue import LANGUAGE
from schemas.compatibility import reader
from schemas.event import Event
from schemas.published import contents, published, schema_of, sealed_fields, text_of

FACTS = list(LANGUAGE.facts.values())
NAMES = [fact.type for fact in FACTS]


def objects(schema: Any) -> Iterator[Mapping[str, Any]]:
    """Every schema of an object within `schema`."""
    match schema:
        case dict():
            if "properties" in schema or schema.get("type") == "object":
                yield schema
            for value in schema.values():
                yield from objects(value)
        case list():
            for value in schema:
                yield from objects(value)
        case _:
            return


def test_the_committed_files_say_what_the_models_say() -> None:
    assert differences(LANGUAGE) == []


def test_every_type_and_every_sealed_content_has_a_file() -> None:
    made = published(LANGUAGE)
    assert len(made) == len(FACTS) + len(contents(LANGUAGE))
    assert all((FOLDER / "json" / path).is_file() for path in made)


def test_the_text_does_not_depend_on_the_order_of_making() -> None:
    schema = schema_of(FACTS[0])
    assert text_of(dict(reversed(schema.items()))) == text_of(schema)
    assert text_of(schema).endswith("}\n")
    assert files(LANGUAGE) == files(LANGUAGE)


@pytest.mark.parametrize("path", published(LANGUAGE))
def test_a_schema_is_valid_2020_12_and_closed(path: str) -> None:
    schema = published(LANGUAGE)[path]
    Draft202012Validator.check_schema(schema)
    assert all("additionalProperties" in found for found in objects(schema))
    assert all(found["additionalProperties"] is False for found in objects(schema) if "properties" in found)


@pytest.mark.parametrize("fact", FACTS, ids=NAMES)
def test_the_id_is_what_the_envelope_names_as_dataschema(fact: type[Event]) -> None:
    assert schema_of(fact)["$id"] == f"urn:aduan:{fact.type}:{fact.version}"


@pytest.mark.parametrize("fact", FACTS, ids=NAMES)
def test_the_open_form_is_what_our_own_readers_take(fact: type[Event]) -> None:
    class Plain(GenerateJsonSchema):
        def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002 - pydantic's signature
            return False

    ours = reader(fact.model_json_schema(mode="validation", schema_generator=Plain))
    theirs = {name: value for name, value in reader(schema_of(fact)).items() if name not in {"$schema", "$id"}}
    assert theirs == ours


@pytest.mark.parametrize("fact", FACTS, ids=NAMES)
def test_a_sealed_field_says_under_which_key_and_what_it_holds(fact: type[Event]) -> None:
    marked = {name for name, field in schema_of(fact)["properties"].items() if "x-sealed" in json.dumps(field)}
    assert marked == {name for name, _, _ in sealed_fields(fact)}
    for name, key, content in sealed_fields(fact):
        field = schema_of(fact)["properties"][name]
        said = next(part for part in field.get("anyOf", [field]) if "x-sealed" in part)
        held = "string" if content is str else content.__name__
        assert (said["contentEncoding"], said["x-sealed"], said["x-content"]) == ("jwe", key.__name__.lower(), held)
        assert held == "string" or (FOLDER / "json" / "sealed" / f"{held}.json").is_file()
