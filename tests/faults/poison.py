"""Records that should never be on the bus, by what is wrong with them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from services.kernel.envelope import CHAIN, GENESIS, Circumstances, chain_of, encode, milliseconds
from services.kernel.recorded import key_of
from tests.situations import FILED

OPD = "dpmptsp-agam"
WHEN = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)
STAMP = milliseconds(WHEN)
# Below what the topic takes, and above what any relay sends.
VERY_LARGE = 1_000_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Raw:
    """A record as a producer sends it."""

    key: bytes | None
    headers: tuple[tuple[str, bytes], ...]
    value: bytes | None


def sound(complaint: str) -> Raw:
    """What a relay might have sent, of a complaint nobody filed."""
    stream = f"intake/{OPD}/{complaint}"
    at = Circumstances(
        command_id=f"http/penyusup/{complaint}",
        fingerprint="f",
        actor="pengadu",
        occurred_at=WHEN,
        recorded_at=WHEN,
        correlation=complaint,
    )
    wire = encode(FILED, stream, 1, GENESIS, at)
    return Raw(key=key_of(stream).encode(), headers=wire.headers, value=wire.value)


def saying(raw: Raw, **headers: str) -> Raw:
    """With other headers (`opd` is `ce_opd`), and the hash made to fit: whoever can write can count."""
    told = {f"ce_{name}": text.encode() for name, text in headers.items()}
    return hashed(replace(raw, headers=tuple((name, told.get(name, text)) for name, text in raw.headers)))


def hashed(raw: Raw) -> Raw:
    kept = tuple((name, text) for name, text in raw.headers if name != CHAIN)
    return replace(raw, headers=(*kept, (CHAIN, chain_of(raw.key or b"", STAMP, kept, raw.value or b"").encode())))


# Nobody can tell whose they are, so every consumer sets them aside.
STRANGERS = {
    "no headers": Raw(key=b"x", headers=(), value=b"{}"),
    "nothing at all": Raw(key=None, headers=(), value=None),
    "very large": Raw(key=b"x", headers=(), value=bytes(VERY_LARGE)),
    "headers that are no text": Raw(key=b"x", headers=(("ce_id", b"\xff\xfe"), ("ce_type", b"\x00")), value=b"\xff"),
    "CloudEvents of another bus": Raw(key=b"x", headers=(("ce_id", b"1"), ("ce_source", b"urn:lain")), value=b"{}"),
}
# They claim to be intake's: its readers set them aside.
UNTRUSTED = {
    "no value": replace(sound("palsu-1"), value=None),
    "no key": replace(sound("palsu-2"), key=None),
    "another's key": replace(sound("palsu-3"), key=b"palsu-4"),
    "another office": saying(sound("palsu-5"), opd="disdik-agam"),
    "a source of another office": saying(sound("palsu-6"), source="/intake/disdik-agam/palsu-6"),
    "a changed value": replace(sound("palsu-7"), value=(sound("palsu-7").value or b"").replace(b"web", b"box")),
    "a header twice": replace(sound("palsu-8"), headers=(*sound("palsu-8").headers, ("ce_opd", OPD.encode()))),
    "a sequence that is none": saying(sound("palsu-9"), sequence="satu"),
    "a time without zone": saying(sound("palsu-10"), time="2026-03-02T01:30:00"),
    "a type of another service": saying(
        sound("palsu-11"), type="routing.CaseOpened", dataschema="urn:aduan:routing.CaseOpened:1"
    ),
}
# Whole in form, and not to be read: their stream waits for a person.
UNREADABLE = {
    "no json": hashed(replace(sound("aneh-1"), value=b"\xff\x00 bukan json")),
    "json of another shape": hashed(replace(sound("aneh-2"), value=b'{"channel": 5}')),
    "very deep": hashed(replace(sound("aneh-3"), value=b"[" * 100_000)),
    "a version to come": saying(sound("aneh-4"), dataschema="urn:aduan:intake.ComplaintFiled:99"),
}
# Projections pass it by, policies wait until a release knows it.
UNKNOWN_TYPE = saying(sound("aneh-5"), type="intake.ComplaintSung", dataschema="urn:aduan:intake.ComplaintSung:1")
