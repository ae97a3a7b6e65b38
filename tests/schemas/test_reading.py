"""What a published schema allows, the models read; what it forbids, they never write."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from schemas.catalogue import LANGUAGE
from schemas.event import Event, Unreadable
from schemas.published import schema_of
from tests.schemas.values import values

FACTS = list(LANGUAGE.facts.values())
NAMES = [fact.type for fact in FACTS]


def as_written(value: Any) -> Any:
    """Our writers cut the white space around a text, which a schema has no way to say."""
    match value:
        case str():
            return value.strip() or "x"
        case list():
            return [as_written(item) for item in value]
        case dict():
            return {name: as_written(item) for name, item in value.items()}
        case _:
            return value


def decoded(fact: type[Event], value: Any) -> Event:
    return LANGUAGE.decode(fact.type, fact.version, json.dumps(value).encode())


@pytest.mark.parametrize("fact", FACTS, ids=NAMES)
@given(data=st.data())
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_every_value_the_schema_allows_is_read_and_written_again_within_it(
    fact: type[Event], data: st.DataObject
) -> None:
    schema = schema_of(fact)
    value = as_written(data.draw(values(schema)))
    event = decoded(fact, value)
    again = json.loads(event.model_dump_json())
    Draft202012Validator(schema).validate(again)
    assert decoded(fact, again) == event


@pytest.mark.parametrize("fact", FACTS, ids=NAMES)
@given(data=st.data())
@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_field_of_a_newer_writer_is_passed_over(fact: type[Event], data: st.DataObject) -> None:
    value = as_written(data.draw(values(schema_of(fact))))
    assert decoded(fact, {**value, "of_tomorrow": {"anything": [1]}}) == decoded(fact, value)


@pytest.mark.parametrize(
    "fact", [fact for fact in FACTS if schema_of(fact).get("required")], ids=lambda fact: fact.type
)
def test_without_a_required_field_nothing_is_read(fact: type[Event]) -> None:
    with pytest.raises(Unreadable):
        decoded(fact, {})


@pytest.mark.parametrize("version", [-1, 0, 2, 10**9])
def test_a_version_of_no_known_way_is_unreadable(version: int) -> None:
    with pytest.raises(Unreadable):
        LANGUAGE.decode("routing.CaseOpened", version, b"{}")
