"""Where records wait that cannot be applied now: parked by stream, held behind a gap, or quarantined singly.

Parked: a record that waiting does not mend, and every later one of its stream; other streams flow. Held: records that
came before their predecessor. Both lie in `stations`, in order. Quarantined: records no journal of ours can have
written; they say nothing reliable about any stream, so they block none. A skip is a person's decision to go on
without a record, honoured live and in every rebuild.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from pymongo import DeleteMany, DeleteOne, ReplaceOne, UpdateOne

from services.kernel.envelope import Arrival
from services.kernel.mongo import Database, aggregate

GAP = "gap"
BEHIND = "behind"
UPGRADE = "needs a newer release"
GROUP = "group"
_FIRST: Final = {field: {"$first": f"${field}"} for field in ("sequence", "type", "version", "reason")}


@dataclass(frozen=True, slots=True)
class Waiting:
    """An arrival that is to wait, and why."""

    arrival: Arrival
    reason: str


@dataclass(frozen=True, slots=True)
class Station:
    """What waits of one stream, in order: never empty."""

    waiting: Sequence[Waiting]

    @property
    def parked(self) -> bool:
        return self.waiting[0].reason != GAP

    @property
    def arrivals(self) -> Sequence[Arrival]:
        return [waiting.arrival for waiting in self.waiting]

    def new(self, arrivals: Sequence[Arrival], mark: int) -> list[Arrival]:
        """Those among `arrivals` beyond `mark` that do not wait here yet."""
        here = {arrival.chain for arrival in self.arrivals}
        return [arrival for arrival in arrivals if arrival.sequence > mark and arrival.chain not in here]


@dataclass(frozen=True, slots=True)
class First:
    """The first record that waits of a stream; `retry` when a person asked for it to be tried again."""

    sequence: int
    type: str
    version: int
    reason: str
    retry: bool


@dataclass(frozen=True, slots=True)
class Suspect:
    """A record to set aside; `place` is `<topic>/<partition>/<offset>@<timestamp>`, or an event's id and hash."""

    place: str
    reason: str
    record: Mapping[str, Any]


class Stations:
    """The waiting rooms of one consumer. `group` names its build too, never an incarnation: marks outlive those."""

    def __init__(self, database: Database, consumer: str, group: str) -> None:
        self._waiting = database["stations"]
        self._quarantine = database["quarantine"]
        self._skips = database["skips"]
        self.consumer = consumer
        self.group = group

    async def prepare(self) -> None:
        await self._waiting.create_index([(GROUP, 1), ("stream", 1), ("sequence", 1)])
        await self._quarantine.create_index(GROUP)
        await self._skips.create_index("consumer")

    async def of(self, streams: Collection[str]) -> dict[str, Station]:
        """Return what waits of `streams`."""
        if await self._waiting.find_one({GROUP: self.group}, {"_id": 1}) is None:
            return {}
        wanted = {GROUP: self.group, "stream": {"$in": list(streams)}}
        found: dict[str, list[Waiting]] = {}
        async for document in self._waiting.find(wanted).sort([("stream", 1), ("sequence", 1)]):
            found.setdefault(document["stream"], []).append(Waiting(_arrival(document), document["reason"]))
        return {stream: Station(waiting) for stream, waiting in found.items()}

    async def firsts(self) -> dict[str, First]:
        """Return of every stream that waits its first record."""
        if await self._waiting.find_one({GROUP: self.group}, {"_id": 1}) is None:
            return {}
        pipeline: list[dict[str, Any]] = [
            {"$match": {GROUP: self.group}},
            {"$sort": {"stream": 1, "sequence": 1}},
            {"$group": {"_id": "$stream", **_FIRST, "retry": {"$max": {"$ifNull": ["$retry", False]}}}},
        ]
        return {d.pop("_id"): First(**d) for d in await aggregate(self._waiting, pipeline)}

    async def keep(self, waiting: Sequence[Waiting], at: datetime) -> None:
        """Let each arrival wait, for its reason; one that waits already waits on."""
        if waiting:
            await self._waiting.bulk_write(
                [UpdateOne({"_id": self._id(w.arrival)}, self._waits(w, at), upsert=True) for w in waiting]
            )

    async def release(self, upto: Mapping[str, int], broken: Sequence[Arrival] = ()) -> None:
        """Forget what waits of each stream up to and including the sequence given, and what was set aside."""
        writes: list[DeleteMany | DeleteOne] = [
            DeleteMany({GROUP: self.group, "stream": stream, "sequence": {"$lte": sequence}})
            for stream, sequence in upto.items()
        ]
        writes += [DeleteOne({"_id": self._id(arrival)}) for arrival in broken]
        if writes:
            await self._waiting.bulk_write(writes)

    async def skips(self) -> set[str]:
        """Return the ids (`<stream>@<sequence>`) of what persons dropped; they are few."""
        return {document["event"] async for document in self._skips.find({"consumer": self.consumer}, {"event": 1})}

    async def retry(self, stream: str) -> bool:
        """Ask for what waits of `stream` to be tried again at the next sweep; tell whether anything waits."""
        first = await self._waiting.find_one({GROUP: self.group, "stream": stream}, {"_id": 1}, sort=[("sequence", 1)])
        if first is not None:
            await self._waiting.update_one(first, {"$set": {"retry": True}})
        return first is not None

    async def drop(self, stream: str, sequence: int, who: str, why: str, at: datetime) -> None:
        """Go on without event `sequence` of `stream`, now and in every rebuild."""
        event = f"{stream}@{sequence}"
        decision = {"consumer": self.consumer, "event": event, "stream": stream, "sequence": sequence}
        skip = {"$setOnInsert": {**decision, "who": who, "why": why, "at": at}}
        await self._skips.update_one({"_id": f"{self.consumer}|{event}"}, skip, upsert=True)
        await self.retry(stream)

    async def quarantine(self, suspects: Sequence[Suspect], at: datetime) -> None:
        """Set records aside, each by itself."""
        writes = []
        for suspect in suspects:
            kept = {"_id": f"{self.group}|{suspect.place}", GROUP: self.group, "reason": suspect.reason, "at": at}
            writes.append(ReplaceOne({"_id": kept["_id"]}, {**kept, **suspect.record}, upsert=True))
        if writes:
            await self._quarantine.bulk_write(writes)

    async def counts(self, gap_before: datetime) -> dict[str, int]:
        """Return how many records are parked, held behind a gap older than `gap_before`, and quarantined."""
        mine = {GROUP: self.group}
        return {
            "parked": await self._waiting.count_documents({**mine, "reason": {"$ne": GAP}}),
            "gaps": await self._waiting.count_documents({**mine, "reason": GAP, "at": {"$lt": gap_before}}),
            "quarantined": await self._quarantine.count_documents(mine),
        }

    def _id(self, arrival: Arrival) -> str:
        """Two records may claim one place in a stream; only its predecessor, once here, tells which is right."""
        return f"{self.group}|{event_id(arrival)}|{arrival.chain[:16]}"

    def _waits(self, waiting: Waiting, at: datetime) -> dict[str, Any]:
        arrival = waiting.arrival
        document = {
            GROUP: self.group,
            "consumer": self.consumer,
            "stream": arrival.stream,
            "sequence": arrival.sequence,
            "type": arrival.type,
            "version": arrival.version,
            "reason": waiting.reason,
            "headers": dict(arrival.headers),
            "wire": arrival.value,
            "timestamp": arrival.timestamp,
        }
        return {"$set": document, "$setOnInsert": {"at": at}, "$unset": {"retry": ""}}


def event_id(arrival: Arrival) -> str:
    return f"{arrival.stream}@{arrival.sequence}"


def _arrival(document: Mapping[str, Any]) -> Arrival:
    return Arrival(
        document["stream"],
        document["sequence"],
        document["type"],
        document["version"],
        document["headers"],
        document["wire"],
        document["timestamp"],
    )
