from __future__ import annotations

import traceback
from typing import Any, assert_type

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.event import Event, File, Model, Sealed, Subject
from services.kernel.refusal import TooLarge
from services.kernel.sealing import (
    LARGEST,
    Erased,
    Foreign,
    Keyring,
    Misread,
    Tampered,
    WrongKey,
    open_,
    seal,
    token,
)

SUBJECT, FILE, OTHER = b"\x11" * 31 + b"a", b"\x22" * 31 + b"b", b"\x33" * 31 + b"c"
RING = Keyring("c-1", SUBJECT, FILE)
STORY = "Siti Rahmawati, 3674-0123-4567"


class Person(Model):
    name: str
    phone: str | None = None


class Filed(Event, type="test.Filed"):
    who: Sealed[Subject, Person]
    note: Sealed[File, str]


def said(fault: BaseException) -> str:
    """Everything an exception could show anyone, its causes and contexts included."""
    seen, link = [], [fault]
    while link:
        now = link.pop()
        seen += [repr(now), str(now), repr(now.args), *traceback.format_exception(now)]
        link += [other for other in (now.__cause__, now.__context__) if other is not None]
    return "\n".join(seen)


@given(text=st.text(alphabet=st.characters(), max_size=400))
def test_any_text_comes_back_as_it_went_in(text: str) -> None:
    assert open_(RING, seal(RING, Subject, text), str) == text


@given(name=st.text(max_size=80), phone=st.none() | st.text(max_size=20))
def test_any_model_comes_back_as_it_went_in(name: str, phone: str | None) -> None:
    person = Person(name=name, phone=phone)
    assert open_(RING, seal(RING, Subject, person), Person) == person


def test_types_say_what_a_sealed_value_opens_to() -> None:
    sealed = seal(RING, Subject, Person(name="A"))
    assert_type(sealed, Sealed[Subject, Person])
    assert_type(open_(RING, sealed, Person), Person)
    assert_type(open_(RING, seal(RING, File, "catatan"), str), str)


def test_a_sealed_value_travels_in_an_event_and_back() -> None:
    event = Filed(who=seal(RING, Subject, Person(name="A")), note=seal(RING, File, "n"))
    read = Filed.model_validate_json(event.model_dump_json())
    assert open_(RING, read.who, Person).name == "A"
    assert open_(RING, read.note, str) == "n"


def test_the_same_value_never_looks_the_same_twice() -> None:
    assert seal(RING, Subject, STORY) != seal(RING, Subject, STORY)


def test_a_model_of_a_newer_writer_is_read_leaving_out_what_is_unknown() -> None:
    class Newer(Person):
        nik: str = "1"

    newer: Sealed[Subject, Any] = seal(RING, Subject, Newer(name="A"))
    assert open_(RING, newer, Person) == Person(name="A")


@settings(max_examples=300)
@given(data=st.data())
def test_a_token_with_any_byte_changed_is_refused(data: st.DataObject) -> None:
    jwe = seal(RING, Subject, STORY).jwe
    at = data.draw(st.integers(0, len(jwe) - 1))
    other = data.draw(st.characters(codec="ascii").filter(lambda c: c != jwe[at]))
    with pytest.raises((Tampered, Foreign, WrongKey)) as refusal:
        open_(RING, Sealed[Subject, str](jwe[:at] + other + jwe[at + 1 :]), str)
    assert STORY not in said(refusal.value)


@given(jwe=st.text(max_size=60) | st.binary(max_size=60).map(lambda b: b.decode("latin-1") + "...."))
def test_what_is_no_token_is_refused(jwe: str) -> None:
    with pytest.raises(Tampered):
        open_(RING, Sealed[Subject, str](jwe), str)


def test_another_complaints_value_is_foreign_even_under_the_same_key() -> None:
    with pytest.raises(Foreign):
        open_(Keyring("c-2", SUBJECT, FILE), seal(RING, Subject, STORY), str)


def test_a_wrong_key_is_told_from_a_changed_token() -> None:
    with pytest.raises(WrongKey):
        open_(Keyring("c-1", OTHER, FILE), seal(RING, Subject, STORY), str)


def test_the_office_key_does_not_open_what_is_the_complainants() -> None:
    swapped = Keyring("c-1", FILE, SUBJECT)
    with pytest.raises(WrongKey):
        open_(swapped, seal(RING, Subject, STORY), str)


def test_after_an_erasure_the_subject_part_is_closed_and_the_file_part_opens() -> None:
    who, note = seal(RING, Subject, STORY), seal(RING, File, "catatan")
    left = Keyring("c-1", None, FILE)
    with pytest.raises(Erased) as refusal:
        open_(left, who, str)
    assert STORY not in said(refusal.value)
    assert open_(left, note, str) == "catatan"
    with pytest.raises(Erased):
        seal(left, Subject, STORY)


def test_a_value_of_another_kind_is_misread_without_being_told() -> None:
    sealed: Sealed[Subject, Any] = seal(RING, Subject, STORY)
    with pytest.raises(Misread) as refusal:
        open_(RING, sealed, Person)
    assert "Siti" not in said(refusal.value)


def test_the_largest_value_opens_and_a_larger_one_is_refused_at_sealing() -> None:
    text = "x" * LARGEST
    assert open_(RING, seal(RING, Subject, text), str) == text
    with pytest.raises(TooLarge) as refusal:
        seal(RING, Subject, text + "x")
    assert "xxx" not in said(refusal.value).replace(__file__, "")


def test_a_keyring_shows_no_key() -> None:
    shown = repr(RING) + str(RING) + f"{RING}"
    assert shown == "Keyring(complaint='c-1')" * 3


@pytest.mark.parametrize("length", [0, 16, 31, 33])
def test_a_key_of_another_length_is_refused(length: int) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        Keyring("c", b"k" * length, FILE)


@pytest.mark.parametrize(
    "typed", ["K7QM-2RWX-9TBD", "k7qm2rwx9tbd", " k7qm 2rwx\u20139tbd\u200b", "\uff2b7QM-2RWX-9TBD"]
)
def test_a_code_gives_one_token_however_it_is_typed(typed: str) -> None:
    assert token(SUBJECT, typed) == token(SUBJECT, "K7QM-2RWX-9TBD")


@given(one=st.text("ABCDEFGH23456789", min_size=1), two=st.text("ABCDEFGH23456789", min_size=1))
def test_tokens_differ_with_the_text_and_with_the_key(one: str, two: str) -> None:
    assert (token(SUBJECT, one) == token(SUBJECT, two)) == (one == two)
    assert token(SUBJECT, one) != token(FILE, one)


def test_addresses_that_differ_in_a_dot_have_different_tokens() -> None:
    assert token(SUBJECT, "a.b@c.id") != token(SUBJECT, "ab@c.id")


def test_a_short_token_key_is_refused() -> None:
    with pytest.raises(ValueError, match="at least"):
        token(b"short", "x")
