"""What must be true of a house at rest, whatever befell it. Pure: reads journals, the topic and rows as data.

Every finding is a sentence that names what is wrong; no finding means that the promises were kept.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from schemas.catalogue import LANGUAGE
from services.kernel.commit import Broken, verified
from services.kernel.envelope import milliseconds
from services.kernel.recorded import key_of, opd_of
from services.kernel.views import BOOKKEEPING, row_id

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from services.kernel.commit import Commit
    from services.kernel.projection import Document, Projection


@dataclass(frozen=True, kw_only=True, slots=True)
class Published:
    """A record as it stands in the topic. `timestamp` is in milliseconds since 1970."""

    partition: int
    timestamp: int
    key: bytes | None
    headers: tuple[tuple[str, bytes], ...]
    value: bytes | None

    @property
    def id(self) -> str:
        return dict(self.headers).get("ce_id", b"").decode(errors="replace")


@dataclass(frozen=True, kw_only=True, slots=True)
class Table:
    """The rows that serve a projection."""

    projection: Projection
    rows: Sequence[Document]


@dataclass(frozen=True, kw_only=True, slots=True)
class Evidence:
    """All that is found. `journals` by service in the order of positions, `letters` the notifications that came."""

    journals: Mapping[str, Sequence[Commit]]
    published: Sequence[Published] = ()
    tables: Sequence[Table] = ()
    letters: Sequence[str] = ()
    set_aside: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Told:
    """A fact by name, with its data as JSON."""

    stream: str
    sequence: int
    type: str
    data: Mapping[str, Any] = field(repr=False)


def findings(evidence: Evidence, acknowledged: Mapping[str, str | None]) -> list[str]:
    """Everything that is not as it should be. `acknowledged` are complaints with their numbers, as people were told."""
    return [
        *(found for name, commits in evidence.journals.items() for found in of_journal(name, commits)),
        *of_bus(evidence.journals, evidence.published),
        *of_filings(evidence.journals["intake"], acknowledged),
        *of_registers(evidence.journals["intake"]),
        *(found for table in evidence.tables for found in of_rows(table, evidence.journals)),
        *of_letters(evidence.journals.get("notification", ()), evidence.letters),
        *(f"set aside: {what}" for what in evidence.set_aside),
    ]


def of_journal(name: str, commits: Sequence[Commit]) -> Iterator[str]:
    """Positions without holes, no command twice, every stream's versions, sequences and hash chain whole."""
    positions = sorted(commit.position for commit in commits)
    if positions != list(range(1, len(commits) + 1)):
        missing = sorted(set(range(1, len(commits) + 1)) - set(positions))
        yield f"{name}: positions are not 1..{len(commits)}, first missing {missing[:1]}"
    for command, times in Counter(commit.circumstances.command_id for commit in commits).items():
        if times > 1:
            yield f"{name}: command {command} was carried out {times} times"
    for stream, its in _by_stream(commits).items():
        try:
            verified(sorted(its, key=lambda commit: commit.version))
        except Broken as broken:
            yield f"{name}: the chain of {stream} breaks at {broken}"


def of_bus(journals: Mapping[str, Sequence[Commit]], published: Sequence[Published]) -> Iterator[str]:
    """The topic, a fact counted once, is the journals; a record that is there twice is byte for byte the same."""
    expected = {record.id: record for commits in journals.values() for record in _records(commits)}
    met: set[str] = set()
    partitions: dict[bytes | None, set[int]] = defaultdict(set)
    for record in published:
        met.add(record.id)
        partitions[record.key].add(record.partition)
        if (own := expected.get(record.id)) is None:
            yield f"bus: {record.id or 'a record without identity'} is in no journal"
        elif _bytes(record) != _bytes(own):
            yield f"bus: {record.id} is not what the journal holds"
    for missing in sorted(expected.keys() - met):
        yield f"bus: {missing} never arrived"
    for key, places in partitions.items():
        if len(places) > 1:
            yield f"bus: key {key!r} lies in partitions {sorted(places)}"


def of_filings(intake: Sequence[Commit], acknowledged: Mapping[str, str | None]) -> Iterator[str]:
    """Exactly the acknowledged complaints were filed, once each, under the numbers people were told."""
    facts = list(_told(intake))
    filed = Counter(_subject(fact) for fact in facts if fact.type == "intake.ComplaintFiled")
    receipts = {_subject(fact): fact.data["number"] for fact in facts if fact.type == "intake.ReceiptIssued"}
    for complaint in sorted(acknowledged.keys() - filed.keys()):
        yield f"complaint {complaint} was acknowledged and is not in the journal"
    for complaint in sorted(filed.keys() - acknowledged.keys()):
        yield f"complaint {complaint} was filed and nobody was told"
    for complaint, number in acknowledged.items():
        if number is not None and receipts.get(complaint) != number:
            yield f"complaint {complaint} was told {number}, its receipt says {receipts.get(complaint)}"


def of_registers(intake: Sequence[Commit]) -> Iterator[str]:
    """Register numbers run on without hole or double, and each has its receipt."""
    facts = list(_told(intake))
    answers = [fact for fact in facts if fact.type in {"intake.ReceiptIssued", "intake.NumberVoided"}]
    answered = {(_subject(fact), fact.data["number"]) for fact in answers}
    given: dict[str, list[Told]] = defaultdict(list)
    for fact in facts:
        if fact.type == "intake.NumberAssigned":
            given[fact.stream].append(fact)
    for register, its in given.items():
        yield from _of_register(register, its)
        for fact in its:
            if (fact.data["complaint"], fact.data["number"]) not in answered:
                yield f"{register}: number {fact.data['number']} has no receipt"


def _of_register(register: str, given: Sequence[Told]) -> Iterator[str]:
    first = given[0].data["starts_after"]
    ordinals = sorted(fact.data["ordinal"] for fact in given)
    if ordinals != list(range(first + 1, first + 1 + len(given))):
        yield f"{register}: ordinals {ordinals[:3]}..{ordinals[-1:]} are not {len(given)} in a row"
    for what in ("number", "complaint"):
        for value, times in Counter(fact.data[what] for fact in given).items():
            if times > 1:
                yield f"{register}: {what} {value} is there {times} times"


def of_rows(table: Table, journals: Mapping[str, Sequence[Commit]]) -> Iterator[str]:
    """One row for each complaint, equal to the one folded afresh from the journals."""
    name, expected = table.projection.name, refolded(table.projection, journals)
    for complaint, times in Counter(str(row["complaint"]) for row in table.rows).items():
        if times > 1:
            yield f"{name}: {complaint} has {times} rows"
    found = {row["_id"]: row for row in table.rows}
    for identity in sorted(expected.keys() | found.keys()):
        if identity not in found:
            yield f"{name}: {identity} has no row"
        elif identity not in expected:
            yield f"{name}: row {identity} comes from no fact"
        elif canonical(found[identity]) != canonical(expected[identity]):
            yield f"{name}: row {identity} is not what its facts say"


def of_letters(notification: Sequence[Commit], letters: Sequence[str]) -> Iterator[str]:
    """What was reported as delivered came, and came twice only where an attempt had said that it might."""
    facts = list(_told(notification))
    tried = {fact.data["notification"] for fact in facts if fact.type == "notification.NotificationAttempted"}
    doubtful = {fact.data["notification"] for fact in facts if fact.data.get("possible_double")}
    delivered = {fact.data["notification"] for fact in facts if fact.type == "notification.NotificationDelivered"}
    came = Counter(letters)
    yield from (f"letter {name} was reported delivered and never came" for name in sorted(delivered - came.keys()))
    yield from (f"letter {name} came and was never attempted" for name in sorted(came.keys() - tried))
    for name, times in came.items():
        if times > 1 and name not in doubtful:
            yield f"letter {name} came {times} times and no attempt said that it might"


def refolded(projection: Projection, journals: Mapping[str, Sequence[Commit]]) -> dict[str, Document]:
    """The rows of `projection` by `_id`, folded from nothing, as far as each stream has no hole."""
    rows: dict[str, Document] = {}
    heads: Counter[str] = Counter()
    followed = [c for commits in journals.values() for c in commits if c.stream.split("/", 1)[0] in projection.folds]
    for commit in followed:
        for fact in commit.facts(LANGUAGE):
            if fact.sequence == heads[fact.stream] + 1:
                heads[fact.stream] += 1
                key = row_id(fact.stream)
                rows[key] = projection.apply(rows.get(key), fact)
    return {key: projection.settle(row) for key, row in rows.items()}


def canonical(row: Document) -> str:
    """A row without its bookkeeping, as text that is equal when the rows say the same; what it has seen counts."""
    kept = {name: value for name, value in row.items() if name not in BOOKKEEPING}
    return json.dumps({**kept, "seen": row["seen"]}, sort_keys=True, default=str)


def _told(commits: Iterable[Commit]) -> Iterator[Told]:
    for commit in commits:
        for sequence, wire in enumerate(commit.events, start=commit.first_sequence):
            yield Told(commit.stream, sequence, wire.type, json.loads(wire.value))


def _subject(fact: Told) -> str:
    return fact.stream.rsplit("/", 1)[1]


def _by_stream(commits: Iterable[Commit]) -> Mapping[str, list[Commit]]:
    streams: dict[str, list[Commit]] = defaultdict(list)
    for commit in commits:
        assert commit.opd == opd_of(commit.stream)
        streams[commit.stream].append(commit)
    return streams


def _records(commits: Iterable[Commit]) -> Iterator[Published]:
    for commit in commits:
        key, stamp = key_of(commit.stream).encode(), milliseconds(commit.circumstances.recorded_at)
        for wire in commit.events:
            yield Published(partition=-1, timestamp=stamp, key=key, headers=wire.headers, value=wire.value)


def _bytes(record: Published) -> tuple[object, ...]:
    return record.key, record.timestamp, record.headers, record.value
