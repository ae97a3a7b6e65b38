"""The check held against the models: what it calls readable is decoded, what it calls a break is met."""

import json
from collections.abc import Callable
from functools import cache
from typing import Any, Literal

import pytest
from hypothesis import Phase, find, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, PositiveInt, create_model

from schemas.compatibility import Direction, compare
from schemas.event import Event, File, Language, Sealed, Unreadable
from schemas.published import schema_of
from schemas.vocabulary import Code, Line
from tests.schemas.values import values

Fields = dict[str, Any]


class Part(BaseModel):
    name: Code
    weight: PositiveInt = 1


FIELDS: Fields = {
    "way": (Literal["direct", "study"], ...),
    "count": (PositiveInt, ...),
    "line": (Line | None, None),
    "parts": (tuple[Part, ...], ()),
    "body": (Sealed[File, str], ...),
}


def fact(fields: Fields) -> type[Event]:
    class Base(Event, type="routing.CaseOpened"):
        """A fact in one of its forms."""

    made = create_model("CaseOpened", __base__=Base, __cls_kwargs__={"type": "routing.CaseOpened"}, **fields)
    assert issubclass(made, Event)
    return made


OLD = fact(FIELDS)
UNSEALED = "no longer sealed"
FORMS: dict[str, Fields] = {
    "the same": {},
    "a field more, with a default": {"urgent": (bool, False)},
    "a list more, with a default": {"missing": (tuple[Code, ...], ())},
    "a field more, demanded": {"urgent": (bool, ...)},
    "a way less": {"way": (Literal["direct"], ...)},
    "a way more": {"way": (Literal["direct", "study", "meeting"], ...)},
    "a code instead of a way": {"way": (Code, ...)},
    "a number instead of a way": {"way": (int, ...)},
    "any number": {"count": (int, ...)},
    "null as well": {"count": (PositiveInt | None, ...)},
    "no longer null": {"line": (Line, "x")},
    "a single part": {"parts": (Part | None, None)},
    "codes instead of parts": {"parts": (tuple[Code, ...], ())},
    UNSEALED: {"body": (Line, ...)},
}
each = pytest.mark.parametrize("form", FORMS)


def readable(reader: type[Event], value: Any) -> bool:
    try:
        Language.of(reader).decode(reader.type, 1, json.dumps(value).encode())
    except Unreadable:
        return False
    return True


def told(value: Any) -> Any:
    """A line as it is written: without white space around it."""
    line = value.get("line")
    return {**value, "line": line.strip() or "x"} if isinstance(line, str) else value


@cache
def new(form: str) -> type[Event]:
    return fact({**FIELDS, **FORMS[form]})


@cache
def written(form: str | None) -> st.SearchStrategy[Any]:
    """What the new form's writer says, or the old one's where no form is named."""
    return values(schema_of(new(form) if form else OLD)).map(told)


def ways(form: str) -> list[tuple[Direction, st.SearchStrategy[Any], type[Event]]]:
    """Who reads what, and under which promise."""
    return [("backward", written(None), new(form)), ("forward", written(form), OLD)]


@cache
def broken(form: str) -> set[Direction]:
    return {one.direction for one in compare(schema_of(OLD), schema_of(new(form)))}


@each
@given(data=st.data())
@settings(max_examples=12, deadline=None)
def test_what_is_not_called_a_break_is_decoded(form: str, data: st.DataObject) -> None:
    for direction, facts, reader in ways(form):
        if direction not in broken(form):
            assert readable(reader, data.draw(facts))


@each
def test_what_is_called_a_break_is_met_by_some_value(form: str) -> None:
    """No cry of wolf: for every break of these forms there is a fact that the other side cannot read."""
    for direction, facts, reader in ways(form):
        if direction in broken(form) and form != UNSEALED:
            find(facts, unreadable_by(reader), settings=settings(max_examples=200, phases=[Phase.generate]))


def unreadable_by(reader: type[Event]) -> Callable[[Any], bool]:
    return lambda value: not readable(reader, value)


def test_unsealing_a_field_is_a_break_both_ways_though_some_values_would_pass() -> None:
    assert broken(UNSEALED) == {"backward", "forward"}


def test_every_kind_of_answer_is_among_the_forms() -> None:
    answers = [broken(form) for form in FORMS]
    assert all(answer in answers for answer in (set(), {"backward"}, {"forward"}, {"backward", "forward"}))
