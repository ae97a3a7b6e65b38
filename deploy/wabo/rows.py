"""The log, read line by line: each line is a row of it, or says why it is none."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from deploy.local.trouble import Trouble
from deploy.wabo.mapping import ACTIVITIES, CHANNELS, OFFICES

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

COLUMNS: Final = (
    "case:channel",
    "case:concept:name",
    "case:enddate",
    "case:group",
    "case:responsible",
    "case:startdate",
    "concept:instance",
    "concept:name",
    "lifecycle:transition",
    "org:resource",
    "time:timestamp",
)
MAY_BE_EMPTY: Final = frozenset({"case:enddate", "case:group"})
QUOTED: Final = 40
_NAME = re.compile(r"[A-Za-z0-9._-]{1,48}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Attributes:
    """What each row of a case repeats about the case. Times keep the offset they were written with."""

    channel: str
    opd: str
    arrived_at: datetime
    closed_at: datetime | None
    responsible: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One activity of one case; `task` is the log's own identity for it."""

    line: int
    case: str
    about: Attributes
    task: str
    activity: str
    resource: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class BadRow:
    """A line that is left out, and why, in Indonesian. Lines are counted from 1, the header included."""

    line: int
    reason: str


class Unreadable(Exception):
    """Why a line is no row."""


def read(lines: Iterable[str], now: datetime) -> Iterator[Row | BadRow]:
    """Yield what each line is; empty lines are passed over.

    A record is one line: a quotation mark left open spoils its own line and not the rest of the file.

    Raises:
        Trouble: the first line does not name the columns of the log.
    """
    numbered = enumerate(lines, start=1)
    header = _header(next(numbered, (1, ""))[1])
    for number, line in numbered:
        try:
            fields = _fields(line)
            if fields:
                yield _row(number, _named(header, fields), now)
        except Unreadable as why:
            yield BadRow(line=number, reason=str(why))


def _header(line: str) -> Sequence[str]:
    try:
        header = _fields(line)
    except Unreadable:
        header = []
    missing = [name for name in COLUMNS if name not in header]
    if missing:
        raise Trouble(f"Berkas ini bukan log WABO: kolom {', '.join(missing)} tidak ada di baris pertama.")
    return header


def _fields(line: str) -> list[str]:
    if any("\udc80" <= letter <= "\udcff" for letter in line):
        raise Unreadable("memuat bita yang bukan UTF-8")
    try:
        return next(csv.reader([line], strict=True), [])
    except csv.Error as fault:
        raise Unreadable(f"bukan CSV yang benar ({fault})") from fault


def _named(header: Sequence[str], fields: Sequence[str]) -> Mapping[str, str]:
    if len(fields) != len(header):
        raise Unreadable(f"berisi {len(fields)} kolom, seharusnya {len(header)}")
    named = {name: field.strip() for name, field in zip(header, fields, strict=True)}
    empty = [name for name in COLUMNS if not named[name] and name not in MAY_BE_EMPTY]
    if empty:
        raise Unreadable(f"kolom {', '.join(empty)} kosong")
    return named


def _row(number: int, named: Mapping[str, str], now: datetime) -> Row:
    if named["lifecycle:transition"] != "complete":
        raise Unreadable(f"peralihan {quoted(named['lifecycle:transition'])} bukan 'complete'")
    return Row(
        line=number,
        case=_name(named, "case:concept:name"),
        about=_attributes(named, now),
        task=_name(named, "concept:instance"),
        activity=_known(named, "concept:name", "kegiatan", ACTIVITIES),
        resource=_name(named, "org:resource"),
        at=_moment(named, "time:timestamp", now),
    )


def _attributes(named: Mapping[str, str], now: datetime) -> Attributes:
    return Attributes(
        channel=CHANNELS[_known(named, "case:channel", "saluran", CHANNELS)],
        opd=OFFICES[_known(named, "case:group", "kelompok", OFFICES)],
        arrived_at=_moment(named, "case:startdate", now),
        closed_at=_moment(named, "case:enddate", now) if named["case:enddate"] else None,
        responsible=_name(named, "case:responsible"),
    )


def _known(named: Mapping[str, str], column: str, what: str, table: Collection[str]) -> str:
    if named[column] not in table:
        raise Unreadable(f"{what} {quoted(named[column])} tidak dikenal")
    return named[column]


def _name(named: Mapping[str, str], column: str) -> str:
    if not _NAME.fullmatch(named[column]):
        raise Unreadable(f"{column} {quoted(named[column])} memuat huruf yang tidak diizinkan atau terlalu panjang")
    return named[column]


def _moment(named: Mapping[str, str], column: str, now: datetime) -> datetime:
    try:
        moment = datetime.fromisoformat(named[column])
    except ValueError:
        raise Unreadable(f"{column} {quoted(named[column])} bukan waktu") from None
    if moment.tzinfo is None:
        raise Unreadable(f"{column} {quoted(named[column])} tanpa zona waktu")
    if moment > now:
        raise Unreadable(f"{column} {quoted(named[column])} di masa depan")
    return moment


def quoted(value: str) -> str:
    """The value as a person may be shown it: short, and without control characters."""
    return ascii(value if len(value) <= QUOTED else f"{value[:QUOTED]}...")
