"""The hash chain of a stream shows every change of what was appended."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

import pytest

from services.kernel.commit import START, Broken, commit_of, verified
from tests.kernel.samples import OTHER, Closed, Noted, at, wish

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from services.kernel.commit import Commit
    from services.kernel.envelope import Wire

FULL = replace(
    at("http/budi/notes/7"), cause="intake/kota-1/n-1@3", recorded_by="person/siti", evidence="surat 12/2026"
)


def test_the_position_is_outside_the_chain() -> None:
    commit = commit_of(wish("c1"))

    assert verified([commit.at(5)]) == verified([commit.at(6)]) == commit.head


def commits() -> list[Commit]:
    first = commit_of(replace(wish("c1", [Noted(text="a"), Noted(text="b")]), circumstances=FULL))
    second = commit_of(wish("c2", [Closed()], head=first.head))
    return [first, second, commit_of(wish("c3", head=second.head))]


def test_an_untouched_stream_verifies_from_the_start_and_from_any_commit_on() -> None:
    whole = commits()

    assert verified(whole) == whole[-1].head
    assert verified(whole[1:], whole[0].head) == whole[-1].head
    assert verified([]) == START


def touched(wire: Wire, h: int, name: str | None = None, text: bytes | None = None) -> Wire:
    headers = list(wire.headers)
    headers[h] = (headers[h][0] if name is None else name, headers[h][1] if text is None else text)
    return replace(wire, headers=tuple(headers))


def with_first_wire(change: Callable[[Wire], Wire]) -> list[Commit]:
    first, *rest = commits()
    return [replace(first, events=(change(first.events[0]), *first.events[1:])), *rest]


def flipped(text: bytes, i: int) -> bytes:
    return bytes([*text[:i], text[i] ^ 1, *text[i + 1 :]])


@pytest.mark.parametrize("i", range(len(commits()[0].events[0].value)))
def test_any_changed_byte_of_data_is_detected(i: int) -> None:
    with pytest.raises(Broken):
        verified(with_first_wire(lambda wire: replace(wire, value=flipped(wire.value, i))))


def test_any_changed_byte_of_any_header_is_detected() -> None:
    for h, (_, text) in enumerate(commits()[0].events[0].headers):
        for i in range(len(text)):
            with pytest.raises(Broken):
                verified(with_first_wire(partial(touched, h=h, text=flipped(text, i))))


HEADERS = range(len(commits()[0].events[0].headers))


@pytest.mark.parametrize("h", HEADERS)
def test_a_header_lost_renamed_or_moved_is_detected(h: int) -> None:
    def lost(wire: Wire) -> Wire:
        return replace(wire, headers=wire.headers[:h] + wire.headers[h + 1 :])

    def renamed(wire: Wire) -> Wire:
        return touched(wire, h, name=wire.headers[h][0] + "x")

    def added(wire: Wire) -> Wire:
        return replace(wire, headers=(*wire.headers[:h], ("ce_more", b""), *wire.headers[h:]))

    def swapped(wire: Wire) -> Wire:
        headers = list(wire.headers)
        headers[h], headers[h - 1] = headers[h - 1], headers[h]
        return replace(wire, headers=tuple(headers))

    for change in (lost, renamed, added, *((swapped,) if h not in {0, HEADERS[-1]} else ())):
        with pytest.raises(Broken):
            verified(with_first_wire(change))


def later(commit: Commit) -> datetime:
    return commit.circumstances.recorded_at + timedelta(milliseconds=1)


FIELDS: dict[str, Callable[[Commit], Commit]] = {
    "stream": lambda c: replace(c, stream=OTHER),
    "version": lambda c: replace(c, version=9),
    "first sequence": lambda c: replace(c, first_sequence=9),
    "previous": lambda c: replace(c, previous="1" * 64),
    "type": lambda c: replace(c, events=(replace(c.events[0], type="notes.Closed"), *c.events[1:])),
    "schema version": lambda c: replace(c, events=(replace(c.events[0], version=2), *c.events[1:])),
    "an event lost": lambda c: replace(c, events=c.events[:-1]),
    "an event doubled": lambda c: replace(c, events=(*c.events, c.events[-1])),
    "events swapped": lambda c: replace(c, events=c.events[::-1]),
    "command id": lambda c: replace(c, circumstances=replace(c.circumstances, command_id="x")),
    "fingerprint": lambda c: replace(c, circumstances=replace(c.circumstances, fingerprint="x")),
    "actor": lambda c: replace(c, circumstances=replace(c.circumstances, actor="x")),
    "occurred at": lambda c: replace(c, circumstances=replace(c.circumstances, occurred_at=later(c))),
    "recorded at": lambda c: replace(c, circumstances=replace(c.circumstances, recorded_at=later(c))),
    "correlation": lambda c: replace(c, circumstances=replace(c.circumstances, correlation="x")),
    "cause": lambda c: replace(c, circumstances=replace(c.circumstances, cause=None)),
    "recorded by": lambda c: replace(c, circumstances=replace(c.circumstances, recorded_by=None)),
    "evidence": lambda c: replace(c, circumstances=replace(c.circumstances, evidence=None)),
}


@pytest.mark.parametrize("change", FIELDS.values(), ids=FIELDS)
def test_any_changed_field_of_a_commit_is_detected(change: Callable[[Commit], Commit]) -> None:
    first, *rest = commits()

    with pytest.raises(Broken):
        verified([change(first), *rest])


def test_a_commit_lost_doubled_or_moved_is_detected() -> None:
    first, second, third = commits()

    for order in ([second, third], [first, third], [first, first, second], [first, third, second]):
        with pytest.raises(Broken):
            verified(order)
