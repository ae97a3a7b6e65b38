"""Laws of the published language that no type checker knows: names, owners, and nothing personal in the clear."""

import re
import typing
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import BaseModel

import schemas.intake
import schemas.meeting
import schemas.notification
import schemas.reporting
import schemas.routing
from deploy.contract import FOLDER
from schemas.catalogue import LANGUAGE
from schemas.event import Event, File, Sealed, Subject
from schemas.published import sealed_fields

FACTS = list(LANGUAGE.facts.values())
MODULES = (schemas.intake, schemas.meeting, schemas.notification, schemas.reporting, schemas.routing)
each = pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact.type)

IRREGULAR = {"Made", "Given", "Held", "Sent", "Read", "Begun", "Taken", "Withdrawn", "Sealed"}
VAGUE = re.compile(r"Updated|Modified|^Status|Event$")

# A part of a field's name that speaks of a person.
PERSONAL = {
    *("name", "names", "address", "telephone", "phone", "email", "mail", "nik", "identity", "birth", "gender", "age"),
    *("story", "complainant", "party", "sender", "text", "note", "notes", "body", "reason", "review", "analysis"),
    *("proposal", "instruction", "supplement", "loss", "place", "attachment", "photo", "account", "person", "receiver"),
}
IN_THE_CLEAR = {
    ("intake.ComplaintFiled", "no_identity"): "a yes or no: whether an identity was given at all",
    ("intake.ComplaintFiled", "identity_hidden"): "a yes or no: the complainant's own switch",
    ("notification.ContactNoted", "no_identity"): "a yes or no: whether an identity was given at all",
    ("reporting.CaseNoted", "no_identity"): "a yes or no: whether an identity was given at all",
    ("notification.NotificationFailed", "reason"): "a code of a table, made by the sender and never typed by a person",
    ("notification.RecommendationReceived", "receiver"): "complainant, proxy or other: a word, not who it was",
}


def parts(annotation: Any) -> Iterator[Any]:
    """The types an annotation is made of; what is sealed is not looked into."""
    yield annotation
    if typing.get_origin(annotation) is not Sealed:
        for inner in typing.get_args(annotation):
            yield from parts(inner)


def open_fields(model: type[BaseModel], place: str = "") -> Iterator[tuple[str, Any]]:
    """Every field that is written unsealed, models within models included: its path and its annotation."""
    for name, field in model.model_fields.items():
        inside = list(parts(field.annotation))
        if not any(typing.get_origin(part) is Sealed for part in inside):
            yield f"{place}{name}", field.annotation
        for part in inside:
            if isinstance(part, type) and issubclass(part, BaseModel):
                yield from open_fields(part, f"{place}{name}.")


@each
def test_a_fact_is_named_for_what_has_happened(fact: type[Event]) -> None:
    words = re.findall(r"[A-Z][a-z]+", fact.__name__)
    last = words[-2] if words[-1] == "Complete" else words[-1]  # what it was declared to be
    assert last.endswith("ed") or last in IRREGULAR
    assert not VAGUE.search(fact.__name__)


@each
def test_the_wire_name_is_the_producer_and_the_class(fact: type[Event]) -> None:
    assert fact.type == f"{fact.__module__.removeprefix('schemas.')}.{fact.__name__}"
    assert fact.version >= 1


def test_no_fact_is_left_out_of_the_catalogue() -> None:
    written = {
        value
        for module in MODULES
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, Event) and value.__module__ == module.__name__
    }
    assert written == set(FACTS)


def test_every_step_up_to_todays_version_has_an_upcast() -> None:
    wanted = {(fact.type, n) for fact in FACTS for n in range(1, fact.version)}
    assert set(LANGUAGE.upcasts) == wanted


@each
def test_the_glossary_tells_what_it_is(fact: type[Event]) -> None:
    # A row names one fact, or several of one producer: `reporting.CaseNoted, LetterNoted`.
    rows = [
        line.split("|")[1] for line in (FOLDER / "README.md").read_text("utf-8").splitlines() if line.startswith("| ")
    ]
    producer = fact.type.partition(".")[0]
    spoken = [row for row in rows if fact.__name__ in re.findall(r"\w+", row)]
    assert [row for row in spoken if "." not in row or f"{producer}." in row]


@each
def test_its_docstring_says_what_is_recorded(fact: type[Event]) -> None:
    assert fact.__doc__
    assert len(fact.__doc__.split()) >= 5
    assert ("Internal:" in fact.__doc__) == fact.__name__.endswith("Noted")


@each
def test_it_says_neither_its_complaint_nor_its_office_nor_when(fact: type[Event]) -> None:
    known = {"opd", "office", "stream", "occurred_at", "recorded_at", "at", "timestamp"}
    known |= set() if fact is schemas.intake.NumberAssigned else {"complaint", "complaint_id"}
    assert not known & fact.model_fields.keys()


@each
def test_nothing_personal_is_written_in_the_clear(fact: type[Event]) -> None:
    found = {path for path, _ in open_fields(fact) if PERSONAL & set(re.split(r"[._]", path))}
    assert found - {path for type_, path in IN_THE_CLEAR if type_ == fact.type} == set()


def test_what_may_stay_in_the_clear_is_still_there() -> None:
    there = {(fact.type, path) for fact in FACTS for path, _ in open_fields(fact)}
    assert IN_THE_CLEAR.keys() <= there


@each
def test_a_text_of_several_lines_is_never_in_the_clear(fact: type[Event]) -> None:
    """What a person writes at length holds persons; one line, a code or a number may stand for ever."""
    longest = {
        path: limit
        for path, _ in open_fields(fact)
        for limit in [getattr(part, "max_length", None) for part in fact.model_fields[path.split(".")[0]].metadata]
        if limit is not None
    }
    assert all(limit <= 200 for limit in longest.values())
    free = [
        path for path, annotation in open_fields(fact) if annotation is str and not fact.model_fields[path].metadata
    ]
    assert free == []


@each
def test_what_is_sealed_is_a_model_or_a_text_under_a_known_key(fact: type[Event]) -> None:
    for _, key, content in sealed_fields(fact):
        assert key in (Subject, File)
        assert content is str or (issubclass(content, BaseModel) and content.__module__ == "schemas.vocabulary")
    deep = {path for path, field in fact.model_fields.items() if "Sealed" in repr(field.annotation)}
    assert deep == {name for name, _, _ in sealed_fields(fact)}
