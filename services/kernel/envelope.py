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
from services.kernel.recorded import REGISTERS, Recorded, key_of

GENESIS = "0" * 64
CHAIN = "ce_chain"
SCHEMA = "urn:aduan:"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SOURCE = re.compile(r"^/(\w+)/([\w.-]+)/[\w.-]+$|^/(office)/([\w.-]+)$")


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
            "specversion": "1.0",
            "id": f"{stream}@{sequence}",
            "source": f"/{stream}",
            "type": event.type,
            "subject": stream.rsplit("/", 1)[1],
            "time": at.occurred_at,
            "datacontenttype": "application/json",
            "dataschema": f"{SCHEMA}{event.type}:{event.version}",
            "partitionkey": key_of(stream),
            "sequence": f"{sequence:010d}",
            "opd": stream.split("/", 2)[1],
            "actor": at.actor,
            "correlationid": at.correlation,
            "commandid": at.command_id,
            "fingerprint": at.fingerprint,
            "chainprev": previous,
            **{name: text for name, text in optional.items() if text},
        },
        data=value,
    )


def chain_of(key: bytes, timestamp: int, headers: tuple[tuple[str, bytes], ...], value: bytes) -> str:
    """Return the SHA-256 of a whole record but for the `ce_chain` header, every part framed by its length."""
    parts = [key, b"%d" % timestamp, value]
    for name, text in headers:
        if name != CHAIN:
            parts += (name.encode(), text)
    return sha256(b"".join([b"%d:%b" % (len(part), part) for part in parts])).hexdigest()


def milliseconds(instant: datetime) -> int:
    """Return `instant` as Kafka counts it: milliseconds since 1970, UTC."""
    return (instant - EPOCH) // timedelta(milliseconds=1)


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
            occurred_at=datetime.fromisoformat(self.headers["ce_time"]),
            recorded_at=EPOCH + timedelta(milliseconds=self.timestamp),
            cause=self.headers.get("ce_causationid"),
            correlation=self.headers["ce_correlationid"],
        )


def arrive(key: bytes | None, headers: tuple[tuple[str, bytes], ...], value: bytes | None, timestamp: int) -> Arrival:
    """Check what can be checked without the stream's past, and take the record apart.

    Raises:
        Untrusted: missing or foreign headers, an office that is not the stream's, another key, a wrong hash.
    """
    try:
        named = {name: text.decode() for name, text in headers}
        stream, type_ = named["ce_source"].removeprefix("/"), named["ce_type"]
        schema, _, version = named["ce_dataschema"].rpartition(":")
        sequence = int(named["ce_sequence"])
        datetime.fromisoformat(named["ce_time"])
        trusted = (
            value is not None
            and _SOURCE.match(named["ce_source"]) is not None
            and named["ce_id"] == f"{stream}@{sequence}"
            and named["ce_opd"] == stream.split("/", 2)[1]
            and schema == f"{SCHEMA}{type_}"
            and (stream.split("/", 1)[0] in {*REGISTERS, type_.split(".", 1)[0]})
            and key == key_of(stream).encode()
            and named[CHAIN] == chain_of(key, timestamp, headers, value)
            and {"ce_actor", "ce_correlationid", "ce_chainprev"} <= named.keys()
        )
        if not trusted or value is None:
            raise Untrusted("the record contradicts itself")
        return Arrival(stream, sequence, type_, int(version), named, value, timestamp)
    except (KeyError, ValueError, IndexError) as fault:
        raise Untrusted(f"bad headers: {type(fault).__name__}") from None


def fingerprint(body: object) -> str:
    """Return the hash by which two requests under one Idempotency-Key are told apart."""
    return sha256(json.dumps(body, sort_keys=True, default=str, separators=(",", ":")).encode()).hexdigest()
