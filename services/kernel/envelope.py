"""How a fact is written on the bus: CloudEvents 1.0, Kafka binary mode, each record chained to the one before it.

The bytes are made once, at the append. Whatever copies them (relay, republish, a subscriber's archive) carries the
same key, headers, timestamp and value, so the hash of a record can be checked by anyone who holds the record.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from cloudevents.core.base import BaseCloudEvent
from cloudevents.core.bindings.kafka import to_binary
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent

from schemas.event import Event, Language
from services.kernel.recorded import REGISTERS, Recorded, key_of, opd_of

GENESIS = "0" * 64
CHAIN = "ce_chain"
SCHEMA = "urn:aduan:"
JSON = "application/json"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_STREAM = re.compile(r"\w+/[\w.-]+/[\w.-]+|office/[\w.-]+", re.ASCII)
_FRAMES = b"%d:%b%d:%b"
_CIRCUMSTANCES = {"ce_commandid", "ce_fingerprint", "ce_actor", "ce_correlationid"}
_LAST_SEQUENCE = 10**10 - 1


class Untrusted(Exception):
    """A record that no journal of ours can have written: it says nothing reliable about any stream."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """Who, when and why, as an append takes it; `fingerprint` is the hash of the request's body."""

    command_id: str
    fingerprint: str
    actor: str
    occurred_at: datetime
    recorded_at: datetime
    correlation: str
    cause: str | None = None
    recorded_by: str | None = None
    evidence: str | None = None


@dataclass(frozen=True, slots=True)
class Wire:
    """One fact as it goes on the bus. `headers` are in the order they are sent."""

    type: str
    version: int
    headers: tuple[tuple[str, bytes], ...]
    value: bytes

    @property
    def chain(self) -> str:
        return dict(self.headers)[CHAIN].decode()

    @property
    def size(self) -> int:
        return len(self.value) + sum(len(name) + len(value) for name, value in self.headers)


class _AsWritten(JSONFormat):
    """The data is JSON already, made by its model; the binding must not make it again."""

    def write_data(self, data: Any, datacontenttype: str | None) -> bytes:  # noqa: ARG002 - the SDK's signature
        return data if isinstance(data, bytes) else bytes(data)


_FORMAT = _AsWritten()


def encode(event: Event, stream: str, sequence: int, previous: str, at: Circumstances) -> Wire:
    """Write `event` as number `sequence` of `stream`, chained to the record whose hash is `previous`."""
    value = event.model_dump_json().encode()
    message = to_binary(_cloud_event(event, stream, sequence, previous, at, value), _FORMAT)
    headers = tuple(sorted(message.headers.items()))
    link = chain_of(key_of(stream).encode(), milliseconds(at.recorded_at), headers, value)
    return Wire(event.type, event.version, (*headers, (CHAIN, link.encode())), value)


def _cloud_event(
    event: Event, stream: str, sequence: int, previous: str, at: Circumstances, value: bytes
) -> BaseCloudEvent:
    optional = {"causationid": at.cause, "recordedby": at.recorded_by, "evidence": at.evidence}
    return CloudEvent(
        attributes={
            **_place(stream, sequence, event.type, event.version),
            "datacontenttype": JSON,
            "time": instant(milliseconds(at.occurred_at)),
            "actor": at.actor,
            "correlationid": at.correlation,
            "commandid": at.command_id,
            "fingerprint": at.fingerprint,
            "chainprev": previous,
            **{name: text for name, text in optional.items() if text},
        },
        data=value,
    )


def _place(stream: str, sequence: int, type_: str, version: int) -> dict[str, str]:
    """The attributes that say nothing but where a fact stands and what it is: written so, and checked so."""
    return {
        "specversion": "1.0",
        "id": f"{stream}@{sequence}",
        "source": f"/{stream}",
        "type": type_,
        "subject": stream.rsplit("/", 1)[1],
        "dataschema": f"{SCHEMA}{type_}:{version}",
        "partitionkey": key_of(stream),
        "sequence": f"{sequence:010d}",
        "opd": opd_of(stream),
    }


def chain_of(key: bytes, timestamp: int, headers: tuple[tuple[str, bytes], ...], value: bytes) -> str:
    """Return the SHA-256 of a whole record but for the `ce_chain` header, every part framed by its length."""
    frames = [_FRAMES % (len(key), key, len(stamp := b"%d" % timestamp), stamp), b"%d:%b" % (len(value), value)]
    frames += [_FRAMES % (len(raw := name.encode()), raw, len(text), text) for name, text in headers if name != CHAIN]
    return sha256(b"".join(frames)).hexdigest()


def milliseconds(moment: datetime) -> int:
    """Return `moment` as Kafka counts it: milliseconds since 1970, UTC."""
    return (moment - EPOCH) // timedelta(milliseconds=1)


def instant(milliseconds: int) -> datetime:
    """Return the instant that Kafka counts as `milliseconds`, UTC."""
    return EPOCH + timedelta(milliseconds=milliseconds)


@dataclass(frozen=True, slots=True)
class Arrival:
    """A record whose headers can be trusted; its data has not been read yet."""

    stream: str
    sequence: int
    type: str
    version: int
    headers: Mapping[str, str]
    value: bytes
    timestamp: int

    @property
    def chain(self) -> str:
        return self.headers[CHAIN]

    @property
    def previous(self) -> str:
        return self.headers["ce_chainprev"]

    @property
    def circumstances(self) -> Circumstances:
        return Circumstances(
            command_id=self.headers["ce_commandid"],
            fingerprint=self.headers["ce_fingerprint"],
            actor=self.headers["ce_actor"],
            occurred_at=_utc(self.headers["ce_time"]),
            recorded_at=instant(self.timestamp),
            correlation=self.headers["ce_correlationid"],
            cause=self.headers.get("ce_causationid"),
            recorded_by=self.headers.get("ce_recordedby"),
            evidence=self.headers.get("ce_evidence"),
        )

    def read(self, language: Language) -> Recorded[Any]:
        """Decode the data.

        Raises:
            UnknownType, Unreadable: see `Language.decode`.
        """
        return Recorded(
            event=language.decode(self.type, self.version, self.value),
            stream=self.stream,
            sequence=self.sequence,
            actor=self.headers["ce_actor"],
            occurred_at=_utc(self.headers["ce_time"]),
            recorded_at=instant(self.timestamp),
            cause=self.headers.get("ce_causationid"),
            correlation=self.headers["ce_correlationid"],
        )


def arrive(key: bytes | None, headers: tuple[tuple[str, bytes], ...], value: bytes | None, timestamp: int) -> Arrival:
    """Check what can be checked without the stream's past, and take the record apart.

    Raises:
        Untrusted: no data, missing or foreign headers, an office that is not the stream's, another key, a wrong hash.
    """
    if key is None or not value:
        raise Untrusted("no key or no data")
    try:
        named = _named(headers)
        stream, sequence = named["ce_source"].removeprefix("/"), int(named["ce_sequence"])
        version = int(named["ce_dataschema"].rpartition(":")[2])
        arrival = Arrival(stream, sequence, named["ce_type"], version, named, value, timestamp)
        sound = _sound(arrival, key) and arrival.chain == chain_of(key, timestamp, headers, value)
    except (KeyError, ValueError, OverflowError) as fault:
        raise Untrusted(f"bad headers: {type(fault).__name__}") from None
    if not sound:
        raise Untrusted("the record contradicts itself")
    return arrival


def _named(headers: tuple[tuple[str, bytes | None], ...]) -> dict[str, str]:
    """The headers by name; the broker also takes a header twice, or without a value."""
    named = {name: text.decode() for name, text in headers if text is not None}
    if len(named) != len(headers):
        raise ValueError(headers)
    return named


def _sound(arrival: Arrival, key: bytes) -> bool:
    """Tell whether the headers agree with one another and all circumstances can be read."""
    if not _STREAM.fullmatch(arrival.stream) or not 1 <= arrival.sequence <= _LAST_SEQUENCE:
        return False
    place = _place(arrival.stream, arrival.sequence, arrival.type, arrival.version)
    return (
        key == key_of(arrival.stream).encode()
        and all(arrival.headers[f"ce_{name}"] == text for name, text in place.items())
        and arrival.headers["content-type"] == JSON
        and arrival.stream.partition("/")[0] in {*REGISTERS, arrival.type.partition(".")[0]}
        and len(arrival.previous) == len(GENESIS)
        and arrival.headers.keys() >= _CIRCUMSTANCES
        and _utc(arrival.headers["ce_time"]) is not None
        and instant(arrival.timestamp) is not None
    )


def _utc(text: str) -> datetime:
    """Read an instant; one without an offset says nothing."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(text)
    return moment.astimezone(UTC)


def fingerprint(body: object) -> str:
    """Return the hash by which two requests under one Idempotency-Key are told apart."""
    return sha256(json.dumps(body, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
