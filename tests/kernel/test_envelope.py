"""A record on the bus: what is written, what the chain shows, and which records are not believed."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

from cloudevents.core.bindings.kafka import KafkaMessage, from_kafka_event
from hypothesis import given, settings
from hypothesis import strategies as st

from services.kernel.envelope import (
    GENESIS,
    Arrival,
    Circumstances,
    Wire,
    arrive,
    encode,
    fingerprint,
    instant,
    milliseconds,
)
from services.kernel.recorded import key_of
from tests.kernel.samples import LANGUAGE, STREAM, WHEN, Noted, at

Headers = dict[str, Any]
STAMP = milliseconds(WHEN)
FULL = replace(
    at("http/budi/notes/7"), cause="intake/kota-1/n-1@3", recorded_by="person/siti", evidence="surat 12/2026"
)


def record(stream: str = STREAM, circumstances: Circumstances = FULL) -> Wire:
    return encode(Noted(text="Lampu jalan padam"), stream, 7, GENESIS, circumstances)


def arrived(wire: Wire, stream: str = STREAM, stamp: int = STAMP) -> Arrival:
    return arrive(key_of(stream).encode(), wire.headers, wire.value, stamp)


def test_the_same_fact_is_always_the_same_bytes() -> None:
    assert record() == record()


def test_a_record_is_written_exactly_so() -> None:
    """Every byte of it is public for ever: a change here changes the chain of every stream to come."""
    wire = encode(Noted(text="Lampu jalan padam"), STREAM, 7, GENESIS, FULL)

    assert wire.value == b'{"text":"Lampu jalan padam"}'
    assert wire.headers == (
        ("ce_actor", b"person/budi"),
        ("ce_causationid", b"intake/kota-1/n-1@3"),
        ("ce_chainprev", GENESIS.encode()),
        ("ce_commandid", b"http/budi/notes/7"),
        ("ce_correlationid", b"request/http/budi/notes/7"),
        ("ce_dataschema", b"urn:aduan:notes.Noted:1"),
        ("ce_evidence", b"surat 12/2026"),
        ("ce_fingerprint", fingerprint("http/budi/notes/7").encode()),
        ("ce_id", b"notes/kota-1/n-1@7"),
        ("ce_opd", b"kota-1"),
        ("ce_partitionkey", b"n-1"),
        ("ce_recordedby", b"person/siti"),
        ("ce_sequence", b"0000000007"),
        ("ce_source", b"/notes/kota-1/n-1"),
        ("ce_specversion", b"1.0"),
        ("ce_subject", b"n-1"),
        ("ce_time", b"2026-03-02T01:30:15.250000Z"),
        ("ce_type", b"notes.Noted"),
        ("content-type", b"application/json"),
        ("ce_chain", b"d4972996fe7f88c8cc1e251518fee597c77467b815e28a83aeabc554b8ead499"),
    )


def test_the_cloudevents_sdk_reads_a_record_to_the_same_attributes() -> None:
    wire = record()

    event = from_kafka_event(KafkaMessage(headers=dict(wire.headers), key=b"n-1", value=wire.value))

    named = {name.removeprefix("ce_"): text.decode() for name, text in wire.headers}
    named["datacontenttype"] = named.pop("content-type")
    read = event.get_attributes()
    assert read.pop("time") == FULL.occurred_at
    assert named.pop("time") == "2026-03-02T01:30:15.250000Z"
    assert read == named
    assert event.get_data() == {"text": "Lampu jalan padam"}


instants = st.integers(0, 2**42).map(instant)
words = st.text(min_size=1)
segments = st.from_regex(r"[A-Za-z0-9_.-]{1,12}", fullmatch=True)


@settings(deadline=None)
@given(
    text=st.text(),
    owner=st.sampled_from(["notes", "register"]),
    opd=segments,
    last=segments,
    sequence=st.integers(1, 10**10 - 1),
    circumstances=st.builds(
        Circumstances,
        command_id=words,
        fingerprint=words,
        actor=words,
        occurred_at=instants,
        recorded_at=instants,
        correlation=words,
        cause=st.none() | words,
        recorded_by=st.none() | words,
        evidence=st.none() | words,
    ),
)
def test_whatever_is_written_is_read_back(
    text: str, owner: str, opd: str, last: str, sequence: int, circumstances: Circumstances
) -> None:
    stream = f"{owner}/{opd}/{last}"
    wire = encode(Noted(text=text), stream, sequence, GENESIS, circumstances)

    there = arrived(wire, stream, milliseconds(circumstances.recorded_at))
    fact = there.read(LANGUAGE)

    assert fact.event == Noted(text=text)
    assert (fact.stream, fact.sequence, fact.actor) == (stream, sequence, circumstances.actor)
    assert (fact.cause, fact.correlation) == (circumstances.cause, circumstances.correlation)
    assert (fact.occurred_at, fact.recorded_at) == (circumstances.occurred_at, circumstances.recorded_at)
    assert there.circumstances == circumstances


def test_instants_are_told_in_utc_to_the_millisecond_whatever_zone_they_came_in() -> None:
    jakarta = datetime(2026, 3, 2, 8, 30, 15, 250_999, tzinfo=timezone(timedelta(hours=7)))

    fact = arrived(record(circumstances=replace(FULL, occurred_at=jakarta))).read(LANGUAGE)

    assert fact.occurred_at.isoformat() == "2026-03-02T01:30:15.250000+00:00"


bodies = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


def shuffled(body: Any) -> Any:
    match body:
        case dict():
            return {name: shuffled(body[name]) for name in reversed(list(body))}
        case list():
            return [shuffled(one) for one in body]
        case _:
            return body


@settings(deadline=None)
@given(bodies)
def test_a_fingerprint_does_not_depend_on_the_order_of_names(body: Any) -> None:
    assert fingerprint(shuffled(body)) == fingerprint(body)


@settings(deadline=None)
@given(bodies, bodies)
def test_two_bodies_have_two_fingerprints(one: Any, other: Any) -> None:
    same = json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)

    assert (fingerprint(one) == fingerprint(other)) is same
