"""Where records wait that cannot be applied now: parked by stream, held behind a gap, or quarantined singly.

Parked: a record that waiting does not mend, and every later one of its stream; other streams flow. Held: records that
came before their predecessor. Both lie in `stations`, in order. Quarantined: records no journal of ours can have
written; they say nothing reliable about any stream, so they block none. A skip is a person's decision to go on
without a record, honoured live and in every rebuild.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pymongo import DeleteMany, UpdateOne

from services.kernel.envelope import Arrival
from services.kernel.mongo import Database

GAP = "gap"
BEHIND = "behind"


@dataclass(slots=True)
class Station:
    """What waits of one stream, in order, and why its first waits."""

    reason: str
    retry: bool = False
    arrivals: dict[int, Arrival] = field(default_factory=dict)

    @property
    def parked(self) -> bool:
        return self.reason != GAP


class Stations:
    """The waiting rooms of one consumer. `group` names its build too, never an incarnation: marks outlive those."""

    def __init__(self, database: Database, consumer: str, group: str) -> None:
        self._waiting = database["stations"]
        self._quarantine = database["quarantine"]
        self._skips = database["skips"]
        self.consumer = consumer
        self.group = group

    async def of(self, streams: Collection[str] | None = None) -> dict[str, Station]:
        """Return what waits of `streams`, or of all."""
        wanted: dict[str, Any] = {"group": self.group}
        if await self._waiting.find_one(wanted, {"_id": 1}) is None:
            return {}
        if streams is not None:
            wanted["stream"] = {"$in": list(streams)}
        found: dict[str, Station] = {}
        async for document in self._waiting.find(wanted).sort([("stream", 1), ("sequence", 1)]):
            station = found.setdefault(document["stream"], Station(document["reason"]))
            station.retry |= document.get("retry", False)
            station.arrivals[document["sequence"]] = _arrival(document)
        return found

    async def keep(self, arrivals: Sequence[tuple[Arrival, str]], at: datetime) -> None:
        """Let each arrival wait, for its reason; one that waits already waits on."""
        if arrivals:
            await self._waiting.bulk_write(
                [
                    UpdateOne({"_id": self._id(arrival)}, self._waits(arrival, reason, at), upsert=True)
                    for arrival, reason in arrivals
                ]
            )

    async def release(self, upto: Mapping[str, int]) -> None:
        """Forget what waits of each stream up to and including the sequence given."""
        if upto:
            await self._waiting.bulk_write(
                [
                    DeleteMany({"group": self.group, "stream": stream, "sequence": {"$lte": sequence}})
                    for stream, sequence in upto.items()
                ]
            )

    async def skipped(self, arrivals: Sequence[Arrival]) -> set[str]:
        """Return the ids (`<stream>@<sequence>`) among `arrivals` that a person dropped."""
        if await self._skips.find_one({"consumer": self.consumer}, {"_id": 1}) is None:
            return set()
        wanted = {"consumer": self.consumer, "event": {"$in": [event_id(arrival) for arrival in arrivals]}}
        return {document["event"] async for document in self._skips.find(wanted)}

    async def quarantine(self, place: str, reason: str, record: Mapping[str, Any], at: datetime) -> None:
        """Set one record aside; `place` is `<topic>/<partition>/<offset>`."""
        document = {"_id": f"{self.group}|{place}", "group": self.group, "reason": reason, "at": at, **record}
        await self._quarantine.replace_one({"_id": document["_id"]}, document, upsert=True)

    async def counts(self, gap_before: datetime) -> dict[str, int]:
        """Return how many records are parked, held behind a gap older than `gap_before`, and quarantined."""
        mine = {"group": self.group}
        return {
            "parked": await self._waiting.count_documents({**mine, "reason": {"$ne": GAP}}),
            "gaps": await self._waiting.count_documents({**mine, "reason": GAP, "at": {"$lt": gap_before}}),
            "quarantined": await self._quarantine.count_documents(mine),
        }

    def _id(self, arrival: Arrival) -> str:
        return f"{self.group}|{event_id(arrival)}"

    def _waits(self, arrival: Arrival, reason: str, at: datetime) -> dict[str, Any]:
        document = {
            "group": self.group,
            "consumer": self.consumer,
            "stream": arrival.stream,
            "sequence": arrival.sequence,
            "type": arrival.type,
            "version": arrival.version,
            "reason": reason,
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
