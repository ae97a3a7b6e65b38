"""What may change in a published version and what may not, each kind of break planted once; jsonschema is the judge."""

from collections.abc import Callable, Mapping
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from pydantic import BaseModel, ConfigDict, Field

from schemas.compatibility import compare, reader
from schemas.event import File, Instant, Sealed, Subject
from schemas.vocabulary import Code, Line, NoticeKind
from tests.schemas.values import values

Schema = dict[str, Any]
Change = Callable[[Schema], object]


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: Line
    weight: int = Field(default=1, ge=1, le=10)


class Other(BaseModel):
    model_config = ConfigDict(extra="forbid")

    note: str


class Sample(BaseModel):
    """A fact with one field of every kind we publish."""

    model_config = ConfigDict(extra="forbid")

    code: Code
    line: Line
    kind: NoticeKind
    count: int = Field(ge=0, lt=100)
    ratio: float = 0.5
    flag: bool = False
    at: Instant | None = None
    tags: tuple[NoticeKind, ...] = Field(default=(), max_length=5)
    parts: tuple[Part, ...] = ()
    either: Part | Other | None = None
    variables: dict[str, str] = {}
    story: Sealed[Subject, Part] | None = None
    notes: Sealed[File, str] | None = None


OLD: Schema = Sample.model_json_schema(mode="serialization")


def field(name: str) -> Callable[[Schema], Schema]:
    return lambda schema: schema["properties"][name]


def put(name: str, **keywords: Any) -> Change:
    return lambda schema: field(name)(schema).update(keywords)


def drop(name: str, *keywords: str) -> Change:
    return lambda schema: [field(name)(schema).pop(keyword) for keyword in keywords]


def instead(name: str, **keywords: Any) -> Change:
    return lambda schema: schema["properties"].update({name: keywords})


def both(*changes: Change) -> Change:
    return lambda schema: [change(schema) for change in changes]


def changed(change: Change) -> Schema:
    new = deepcopy(OLD)
    change(new)
    return new


def part(schema: Schema) -> Schema:
    found: Schema = schema["$defs"]["Part"]
    return found


ALLOWED: dict[str, Change] = {
    "nothing": lambda _: None,
    "a field is added with a default": instead("more", type="string", default=""),
    "a field is added with null as default": instead(
        "more", anyOf=[{"type": "string"}, {"type": "null"}], default=None
    ),
    "a nested field is added with a default": lambda s: part(s)["properties"].update(
        more={"type": "string", "default": ""}
    ),
    "descriptions and titles change": lambda s: s.update(description="other", title="Other"),
    "the same union in another order": lambda s: field("at")(s)["anyOf"].reverse(),
    "the same values in another order": lambda s: field("kind")(s)["enum"].reverse(),
    "the same bound said otherwise": both(drop("count", "minimum"), put("count", exclusiveMinimum=-1)),
    "the same model under another name": lambda s: s.update(
        {
            "$defs": {**s["$defs"], "Piece": part(s)},
            "properties": {
                **s["properties"],
                "parts": {"type": "array", "items": {"$ref": "#/$defs/Piece"}, "default": []},
            },
        }
    ),
}

# What old facts or old readers meet: (change, directions that break, the place named).
BROKEN: dict[str, tuple[Change, set[str], str]] = {
    "required added": (
        both(instead("more", type="string"), lambda s: s["required"].append("more")),
        {"backward"},
        "more",
    ),
    "optional made required": (lambda s: s["required"].append("flag"), {"backward"}, "flag"),
    "required made optional": (lambda s: s["required"].remove("code"), {"forward"}, "code"),
    "required removed": (
        both(lambda s: s["properties"].pop("code"), lambda s: s["required"].remove("code")),
        {"forward", "backward"},
        "code",
    ),
    "optional removed": (lambda s: s["properties"].pop("flag"), {"backward"}, "flag"),
    "type changed": (instead("flag", type="string", default=""), {"backward", "forward"}, "flag"),
    "integer becomes number": (put("count", type="number"), {"forward"}, "count"),
    "number becomes integer": (put("ratio", type="integer"), {"backward"}, "ratio"),
    "enum narrowed": (put("kind", enum=["receipt"]), {"backward"}, "kind"),
    "enum widened": (put("kind", enum=["receipt", "recommendation", "reminder"]), {"forward"}, "kind"),
    "enum opened": (drop("kind", "enum"), {"forward"}, "kind"),
    "nullable added": (
        instead("code", anyOf=[OLD["properties"]["code"], {"type": "null"}]),
        {"forward"},
        "code",
    ),
    "nullable removed": (instead("at", type="string", format="date-time", default=None), {"backward"}, "at"),
    "pattern changed": (put("code", pattern="^[a-z]+$"), {"backward", "forward"}, "code"),
    "pattern added": (
        lambda s: s["$defs"]["Other"]["properties"]["note"].update(pattern="^x"),
        {"backward"},
        "either.note",
    ),
    "pattern dropped": (drop("code", "pattern"), {"forward"}, "code"),
    "format changed": (
        instead("at", anyOf=[{"type": "string", "format": "date"}, {"type": "null"}], default=None),
        {"backward", "forward"},
        "at",
    ),
    "maximum length lowered": (put("line", maxLength=100), {"backward"}, "line"),
    "maximum length raised": (put("line", maxLength=300), {"forward"}, "line"),
    "minimum length raised": (put("line", minLength=2), {"backward"}, "line"),
    "lower bound raised": (put("count", minimum=1), {"backward"}, "count"),
    "upper bound lowered": (put("count", exclusiveMaximum=50), {"backward"}, "count"),
    "upper bound lifted": (drop("count", "exclusiveMaximum"), {"forward"}, "count"),
    "multiple asked for": (put("count", multipleOf=2), {"backward"}, "count"),
    "items changed": (put("tags", items={"type": "integer"}), {"backward", "forward"}, "tags[]"),
    "item values narrowed": (put("tags", items={"enum": ["receipt"], "type": "string"}), {"backward"}, "tags[]"),
    "fewer items allowed": (put("tags", maxItems=3), {"backward"}, "tags"),
    "items demanded": (put("tags", minItems=1), {"backward"}, "tags"),
    "list becomes single": (instead("tags", type="string", default=""), {"backward", "forward"}, "tags"),
    "nested required added": (
        both(
            lambda s: part(s)["properties"].update(more={"type": "string"}),
            lambda s: part(s)["required"].append("more"),
        ),
        {"backward"},
        "parts[].more",
    ),
    "nested limit tightened": (
        lambda s: part(s)["properties"]["weight"].update(maximum=5),
        {"backward"},
        "parts[].weight",
    ),
    "union branch removed": (lambda s: field("either")(s)["anyOf"].pop(1), {"backward"}, "either"),
    "union branch added": (lambda s: field("either")(s)["anyOf"].append({"type": "boolean"}), {"forward"}, "either"),
    "free values typed": (
        put("variables", additionalProperties={"type": "integer"}),
        {"backward", "forward"},
        "variables.*",
    ),
}

# jsonschema cannot see these: what is read differently, and what is sealed.
UNSEEN: dict[str, tuple[Change, str]] = {
    "free object closed": (put("variables", additionalProperties=False, properties={}), "variables"),
    "default changed": (put("flag", default=True), "flag"),
    "other key class": (lambda s: field("story")(s)["anyOf"][0].update({"x-sealed": "file"}), "story"),
    "other sealed content": (lambda s: field("story")(s)["anyOf"][0].update({"x-content": "Other"}), "story"),
    "no longer sealed": (
        lambda s: [field("notes")(s)["anyOf"][0].pop(name) for name in ("x-sealed", "x-content", "contentEncoding")],
        "notes",
    ),
}  # fmt: skip


def refused(schema: Mapping[str, Any], value: Any) -> bool:
    return not Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER).is_valid(value)


@pytest.mark.parametrize("change", ALLOWED.values(), ids=list(ALLOWED))
def test_a_change_that_breaks_nobody_is_allowed(change: Change) -> None:
    assert compare(OLD, changed(change)) == []


@pytest.mark.parametrize(("change", "directions", "place"), BROKEN.values(), ids=list(BROKEN))
def test_a_planted_break_is_named_with_its_place_and_its_victims(
    change: Change, directions: set[str], place: str
) -> None:
    found = compare(OLD, changed(change))
    assert {one.direction for one in found} == directions
    assert place in {one.place for one in found}
    assert all(place in str(one) and one.words for one in found if one.place == place)


@pytest.mark.parametrize(("change", "place"), UNSEEN.values(), ids=list(UNSEEN))
def test_what_every_validator_passes_and_yet_means_another_thing_is_a_break(change: Change, place: str) -> None:
    assert place in {one.place for one in compare(OLD, changed(change))}


@given(st.data(), st.sampled_from(sorted(ALLOWED)))
@settings(max_examples=40, deadline=None)
def test_after_an_allowed_change_either_side_reads_the_other(data: st.DataObject, name: str) -> None:
    new = changed(ALLOWED[name])
    assert not refused(reader(new), data.draw(values(OLD)))
    assert not refused(reader(OLD), data.draw(values(new)))


@given(st.data(), st.sampled_from(sorted(BROKEN)))
@settings(max_examples=80, deadline=None)
def test_a_direction_that_is_not_called_broken_is_read(data: st.DataObject, name: str) -> None:
    """The checker may be too careful, never too trusting."""
    new = changed(BROKEN[name][0])
    directions = {one.direction for one in compare(OLD, new)}
    if "backward" not in directions:
        assert not refused(reader(new), data.draw(values(OLD)))
    if "forward" not in directions:
        assert not refused(reader(OLD), data.draw(values(new)))


def test_a_model_that_holds_itself_is_compared_to_its_end() -> None:
    tree = {
        "$ref": "#/$defs/Tree",
        "$defs": {
            "Tree": {
                "type": "object",
                "additionalProperties": False,
                "properties": {
                    "name": {"type": "string"},
                    "under": {"type": "array", "items": {"$ref": "#/$defs/Tree"}},
                },
            }
        },
    }
    shorter = deepcopy(tree)
    shorter["$defs"]["Tree"]["properties"]["name"]["maxLength"] = 3  # type: ignore[index]
    assert compare(tree, tree) == []
    assert [one.place for one in compare(tree, shorter)] == ["name"]


def test_what_the_checker_does_not_know_is_a_break() -> None:
    new = changed(lambda schema: schema.update({"dependentRequired": {"at": ["flag"]}}))
    assert [one.direction for one in compare(OLD, new)] == ["backward"]
