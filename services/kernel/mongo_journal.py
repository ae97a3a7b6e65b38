"""The journal's store on MongoDB: collection `commits`, one document a commit."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from pymongo.errors import (
    BulkWriteError,
    OperationFailure,
)

from services.kernel.commit import Commit, History
from services.kernel.envelope import Circumstances, Wire
from services.kernel.gathering import Gathered
from services.kernel.journal import OutcomeUnknown
from services.kernel.mongo import PASSING, Collection, Database

DUPLICATE_KEY = 11000


@contextmanager
def _passing_is_unknown() -> Iterator[None]:
    """A lost connection, a step-down or a time-out says nothing of what was written."""
    try:
        yield
    except PASSING as fault:
        raise OutcomeUnknown(type(fault).__name__) from fault
    except OperationFailure as fault:
        if fault.has_error_label("RetryableWriteError") or fault.timeout:
            raise OutcomeUnknown(str(fault.code)) from fault
        raise


@dataclass(frozen=True, slots=True)
class _Asked:
    stream: str
    after_version: int
    command_id: str | None

    def following(self, commits: Sequence[Commit]) -> Sequence[Commit]:
        """What follows without a hole: a scan may miss what the look-up of a command, a moment later, finds."""
        newer = [commit for commit in commits if commit.version > self.after_version]
        return [commit for i, commit in enumerate(newer, start=1) if commit.version == self.after_version + i]


class MongoStore:
    """See `journal.Store`. Reads are majority reads, writes are majority and journaled, by the database given."""

    def __init__(self, database: Database) -> None:
        self.commits: Collection = database["commits"]
        self._histories = Gathered(self._ask)

    async def prepare(self) -> None:
        """Make the unique keys; `_id` is (stream, version) already."""
        await self.commits.create_index("position", unique=True)
        await self.commits.create_index("command_id", unique=True)
        await self.commits.create_index([("stream", 1), ("version", 1)])

    async def insert(self, commits: Sequence[Commit]) -> int:
        with _passing_is_unknown():
            try:
                await self.commits.insert_many([to_document(commit) for commit in commits], ordered=True)
            except BulkWriteError as fault:
                return _inserted_before(fault)
            return len(commits)

    async def by_command(self, command_ids: Sequence[str]) -> Mapping[str, Commit]:
        return {c.circumstances.command_id: c for c in await self._find({"command_id": {"$in": list(command_ids)}})}

    async def history(self, stream: str, after_version: int, command_id: str | None) -> History:
        return await self._histories(_Asked(stream, after_version, command_id))

    async def _ask(self, together: Sequence[_Asked]) -> Sequence[History]:
        """Find all histories at once, streams read from the same version by one scan."""
        streams: dict[int, set[str]] = {}
        for asked in together:
            streams.setdefault(asked.after_version, set()).add(asked.stream)
        wanted = [{"stream": {"$in": list(s)}, "version": {"$gt": version}} for version, s in streams.items()]
        commands = [asked.command_id for asked in together if asked.command_id]
        found = await self._find({"$or": [*wanted, {"command_id": {"$in": commands}}]})
        by_command = {commit.circumstances.command_id: commit for commit in found}
        by_stream: dict[str, list[Commit]] = {}
        for commit in sorted(found, key=lambda c: c.version):
            by_stream.setdefault(commit.stream, []).append(commit)
        return [
            History(asked.following(by_stream.get(asked.stream, ())), by_command.get(asked.command_id or ""))
            for asked in together
        ]

    async def head_is_past(self, commit: Commit) -> bool:
        return bool(await self._find({"_id": commit.id}))

    async def last_position(self) -> int:
        with _passing_is_unknown():
            last = await self.commits.find_one({}, {"position": 1}, sort=[("position", -1)])
            return int(last["position"]) if last else 0

    async def after(self, position: int, limit: int) -> Sequence[Commit]:
        with _passing_is_unknown():
            cursor = self.commits.find({"position": {"$gt": position}}).sort("position", 1).limit(limit)
            found = [from_document(document) async for document in cursor]
        return [commit for i, commit in enumerate(found, start=1) if commit.position == position + i]

    async def _find(self, wanted: Mapping[str, Any]) -> list[Commit]:
        with _passing_is_unknown():
            return [from_document(document) async for document in self.commits.find(dict(wanted))]


def _inserted_before(fault: BulkWriteError) -> int:
    """Return how many are in, which counts only when the server had no trouble making them durable."""
    details: Mapping[str, Any] = fault.details
    errors = details.get("writeErrors", [])
    if details.get("writeConcernErrors") or not errors:
        raise OutcomeUnknown("write concern") from fault
    if errors[0].get("code") != DUPLICATE_KEY:
        raise fault
    return int(errors[0]["index"])


def to_document(commit: Commit) -> dict[str, Any]:
    at = commit.circumstances
    return {
        "_id": commit.id,
        "position": commit.position,
        "stream": commit.stream,
        "version": commit.version,
        "first_sequence": commit.first_sequence,
        "command_id": at.command_id,
        "fingerprint": at.fingerprint,
        "opd": commit.opd,
        "actor": at.actor,
        "recorded_by": at.recorded_by,
        "evidence": at.evidence,
        "occurred_at": at.occurred_at,
        "recorded_at": at.recorded_at,
        "cause": at.cause,
        "correlation": at.correlation,
        "events": [
            {"type": w.type, "version": w.version, "headers": dict(w.headers), "wire": w.value} for w in commit.events
        ],
        "prev_hash": commit.previous,
        "hash": commit.head.chain,
    }


def from_document(document: Mapping[str, Any]) -> Commit:
    return Commit(
        stream=document["stream"],
        version=document["version"],
        first_sequence=document["first_sequence"],
        position=document["position"],
        circumstances=Circumstances(
            command_id=document["command_id"],
            fingerprint=document["fingerprint"],
            actor=document["actor"],
            recorded_by=document["recorded_by"],
            evidence=document["evidence"],
            occurred_at=document["occurred_at"],
            recorded_at=document["recorded_at"],
            cause=document["cause"],
            correlation=document["correlation"],
        ),
        events=tuple(Wire(e["type"], e["version"], tuple(e["headers"].items()), e["wire"]) for e in document["events"]),
        previous=document["prev_hash"],
    )
