"""Which records are not believed, whoever computed their hash."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.kernel.envelope import CHAIN, GENESIS, Arrival, Untrusted, arrive, chain_of, encode, milliseconds
from tests.kernel.samples import STREAM, WHEN, Noted, at

STAMP = milliseconds(WHEN)
RECORD = encode(Noted(text="Lampu jalan padam"), STREAM, 7, GENESIS, at("c7"))


def forged(
    changes: dict[str, bytes | None], key: bytes = b"n-1", value: bytes = b'{"text":"x"}', stamp: int = STAMP
) -> Arrival:
    """A record whose hash is right, by someone who can compute one, with `changes` made to its headers."""
    named: dict[str, bytes | None] = {name: text for name, text in RECORD.headers if name != CHAIN}
    named |= {name if name.startswith("content") else f"ce_{name}": text for name, text in changes.items()}
    headers = tuple((name, text) for name, text in named.items() if text is not None)
    link = chain_of(key, stamp, headers, value).encode()
    return arrive(key, (*headers, (CHAIN, link)), value, stamp)


def test_a_forgery_without_a_contradiction_is_for_the_streams_past_to_find() -> None:
    assert forged({}).stream == STREAM


@pytest.mark.parametrize(
    "changes",
    [
        *({name: None} for name in ("source", "type", "dataschema", "sequence", "id", "opd", "time", "specversion")),
        *({name: None} for name in ("actor", "correlationid", "commandid", "fingerprint", "chainprev")),
        *({name: None} for name in ("subject", "partitionkey", "content-type")),
        {"opd": b"kota-2"},
        {"subject": b"n-2"},
        {"partitionkey": b"n-2"},
        {"specversion": b"0.3"},
        {"content-type": b"text/plain"},
        {"id": b"notes/kota-1/n-1@8"},
        {"source": b"/notes/kota-1/n-2"},
        {"source": b"notes/kota-1/n-1"},
        {"source": b"/notes/kota-1/n-1\n", "id": b"notes/kota-1/n-1\n@7", "subject": b"n-1\n"},
        {"source": b"", "id": b"@7"},
        {"type": b"intake.Noted", "dataschema": b"urn:aduan:intake.Noted:1"},
        {"dataschema": b"urn:aduan:notes.Closed:1"},
        {"dataschema": b"urn:aduan:notes.Noted:one"},
        {"dataschema": b"urn:aduan:notes.Noted:0_1"},
        {"sequence": b"7"},
        {"sequence": b"seven"},
        {"sequence": "\u0660\u0660\u0660\u0660\u0660\u0660\u0660\u0660\u0660\u0667".encode()},
        {"sequence": b"0000000000", "id": b"notes/kota-1/n-1@0"},
        {"sequence": b"-000000007", "id": b"notes/kota-1/n-1@-7"},
        {"sequence": b"9" * 30, "id": b"notes/kota-1/n-1@" + b"9" * 30},
        {"time": b"yesterday"},
        {"time": b"2026-03-02T01:30:15"},
        {"time": b"2026-03-02"},
        {"actor": b"\xff"},
        {"chainprev": b"short"},
    ],
    ids=repr,
)
def test_headers_no_journal_can_have_written_are_not_trusted(changes: dict[str, bytes | None]) -> None:
    with pytest.raises(Untrusted):
        forged(changes)


def test_the_earliest_and_latest_time_a_clock_can_show_are_not_trusted() -> None:
    for time in (b"0001-01-01T00:00:00+14:00", b"9999-12-31T23:59:59-12:00"):
        with pytest.raises(Untrusted):
            forged({"time": time})


@pytest.mark.parametrize("stamp", [2**63 - 1, -(2**63)])
def test_a_timestamp_outside_all_calendars_is_not_trusted(stamp: int) -> None:
    with pytest.raises(Untrusted):
        forged({}, stamp=stamp)


def test_another_key_is_not_trusted() -> None:
    with pytest.raises(Untrusted):
        forged({}, key=b"n-2")


@pytest.mark.parametrize(("key", "value"), [(None, b"{}"), (b"n-1", None), (b"n-1", b"")])
def test_a_record_without_key_or_data_is_not_trusted(key: bytes | None, value: bytes | None) -> None:
    with pytest.raises(Untrusted):
        arrive(key, RECORD.headers, value, STAMP)


def test_a_header_twice_or_without_a_value_is_not_trusted() -> None:
    """Kafka carries both, and its clients hand them on."""
    wire = RECORD
    without_value: Any = (*wire.headers, ("ce_more", None))

    with pytest.raises(Untrusted):
        arrive(b"n-1", (*wire.headers, ("ce_more", b"1"), ("ce_more", b"1")), wire.value, STAMP)
    with pytest.raises(Untrusted):
        arrive(b"n-1", without_value, wire.value, STAMP)


def test_a_header_this_release_has_never_heard_of_is_a_newer_writers_business() -> None:
    assert forged({"traceparent": b"00-1-2-03"}).headers["ce_traceparent"] == "00-1-2-03"


@settings(deadline=None)
@given(
    st.binary() | st.none(),
    st.lists(st.tuples(st.sampled_from([name for name, _ in RECORD.headers]), st.binary())),
    st.binary() | st.none(),
    st.integers(-(2**63), 2**63 - 1),
)
def test_arriving_says_untrusted_and_nothing_else(
    key: bytes | None, headers: list[tuple[str, bytes]], value: bytes | None, stamp: int
) -> None:
    mixed = dict(RECORD.headers) | dict(headers) if headers else {}

    with pytest.raises(Untrusted):
        arrive(key, tuple(mixed.items()), value, stamp)
