"""From records to effects: each stream in order, once in effect, and none held up by another.

A consumer keeps a mark per stream, moved together with the effect or after it. At or below the mark: seen, skip. The
next: apply. Beyond: a gap, hold it until the missing one comes, whenever that is. Pure but for what a Sink does.
"""

import asyncio
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

import structlog

from schemas.event import Language, UnknownType, Unreadable
from services.kernel.envelope import GENESIS, Arrival, Untrusted, arrive
from services.kernel.recorded import Recorded
from services.kernel.refusal import Conflict
from services.kernel.stations import BEHIND, GAP, Station, Stations, event_id

log = structlog.get_logger("dispatcher")

ATTEMPTS = 8


@dataclass(frozen=True, slots=True)
class Record:
    """A Kafka record as it came: nothing about it is believed yet."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    headers: tuple[tuple[str, bytes], ...]
    value: bytes | None

    @property
    def place(self) -> str:
        return f"{self.topic}/{self.partition}/{self.offset}"


@dataclass(frozen=True, slots=True)
class Mark:
    """The last record of a stream that took effect, and its hash."""

    sequence: int = 0
    chain: str = GENESIS


@dataclass(frozen=True, slots=True)
class Step:
    """An arrival to take; without a fact it moves the mark and has no effect (skipped, or of no concern)."""

    arrival: Arrival
    fact: Recorded[Any] | None


Runs = Mapping[str, Sequence[Step]]
Failure = tuple[Arrival, str]


class Ledger(Protocol):
    """A consumer's marks for the streams of one batch, and the way to move them on."""

    def mark(self, stream: str) -> Mark: ...

    async def apply(self, runs: Runs) -> Sequence[Failure]:
        """Take every run in order and move its mark; stop a run at the step that fails for good and return it.

        Raises:
            Conflict: another replica moved a mark; load again.
        """
        ...


class Sink(Protocol):
    """A consumer: the owners whose streams it follows, and whether a type it does not know may pass."""

    @property
    def owners(self) -> Collection[str]: ...

    @property
    def passes_unknown(self) -> bool: ...

    async def load(self, streams: Collection[str]) -> Ledger: ...


@dataclass(slots=True)
class LinedUp:
    """What a mark makes of the arrivals of its stream."""

    run: list[Arrival] = field(default_factory=list)
    held: list[Arrival] = field(default_factory=list)
    broken: list[Arrival] = field(default_factory=list)


def line_up(mark: Mark, arrivals: Iterable[Arrival]) -> LinedUp:
    """Sort the arrivals of one stream into what can be taken now, what came too early, and what breaks the chain."""
    lined = LinedUp()
    for arrival in sorted(arrivals, key=lambda a: a.sequence):
        if arrival.sequence <= mark.sequence:
            continue
        if arrival.sequence > mark.sequence + 1:
            lined.held.append(arrival)
        elif arrival.previous != mark.chain:
            lined.broken.append(arrival)
        else:
            lined.run.append(arrival)
            mark = Mark(arrival.sequence, arrival.chain)
    return lined


class Dispatcher:
    """Feeds one sink. Calls may come from the bus and from the sweeper; they take turns."""

    def __init__(self, sink: Sink, stations: Stations, language: Language, now: Callable[[], datetime]) -> None:
        self.stations = stations
        self._sink = sink
        self._language = language
        self._now = now
        self._turn = asyncio.Lock()

    async def consume(self, records: Sequence[Record]) -> None:
        """Take a batch. When it returns, every record took effect, was seen before, or waits where it can be found."""
        async with self._turn:
            streams: dict[str, list[Arrival]] = {}
            for record in records:
                arrival = await self._trusted(record)
                if arrival is not None and arrival.stream.split("/", 1)[0] in self._sink.owners:
                    streams.setdefault(arrival.stream, []).append(arrival)
            if streams:
                await self._insist(streams, await self.stations.of(streams))

    async def sweep(self) -> None:
        """Take up again what waits without cause: behind a gap that closed, or behind a record that was retried."""
        async with self._turn:
            waiting = await self.stations.of()
            ready = {s: w for s, w in waiting.items() if w.retry or w.reason in {GAP, BEHIND}}
            for station in ready.values():
                station.reason = GAP
            if ready:
                await self._insist({stream: [] for stream in ready}, ready)

    async def _insist(self, streams: Mapping[str, Sequence[Arrival]], waiting: Mapping[str, Station]) -> None:
        for _ in range(ATTEMPTS):
            try:
                return await self._round(streams, waiting)
            except Conflict:
                continue
        raise Conflict(self.stations.group)

    async def _round(self, streams: Mapping[str, Sequence[Arrival]], waiting: Mapping[str, Station]) -> None:
        ledger = await self._sink.load(streams)
        keep: list[Failure] = []
        runs: dict[str, list[Step]] = {}
        for stream, arrivals in streams.items():
            station = waiting.get(stream)
            if station is not None and station.parked:
                mark = ledger.mark(stream)
                keep += [
                    (a, BEHIND) for a in arrivals if a.sequence > mark.sequence and a.sequence not in station.arrivals
                ]
                continue
            lined = line_up(ledger.mark(stream), [*arrivals, *(station.arrivals.values() if station else ())])
            keep += [(arrival, GAP) for arrival in lined.held]
            runs[stream] = await self._read(lined.run, keep)
            await self._set_aside(lined.broken)
        failures = await ledger.apply({stream: run for stream, run in runs.items() if run})
        keep += _with_followers(failures, runs)
        await self.stations.keep(keep, self._now())
        failed = {arrival.stream: arrival.sequence - 1 for arrival, _ in failures}
        taken = {s: run[-1].arrival.sequence if run else ledger.mark(s).sequence for s, run in runs.items()}
        await self.stations.release({s: failed.get(s, taken[s]) for s in runs if s in waiting})

    async def _trusted(self, record: Record) -> Arrival | None:
        try:
            return arrive(record.key, record.headers, record.value, record.timestamp)
        except Untrusted as fault:
            log.warning("record quarantined", place=record.place, reason=str(fault))
            raw = {"key": record.key, "headers": [list(pair) for pair in record.headers], "value": record.value}
            await self.stations.quarantine(record.place, str(fault), raw, self._now())
            return None

    async def _set_aside(self, broken: Sequence[Arrival]) -> None:
        for arrival in broken:
            log.warning("chain broken", event=event_id(arrival))
            raw = {"headers": [[n, t.encode()] for n, t in arrival.headers.items()], "value": arrival.value}
            place = f"{event_id(arrival)}#{arrival.chain[:16]}"
            await self.stations.quarantine(place, "broken chain", raw, self._now())

    async def _read(self, run: Sequence[Arrival], keep: list[Failure]) -> list[Step]:
        """Decode a run up to the first record that cannot be read; that one and what follows it must wait."""
        skipped = await self.stations.skipped(run) if run else set()
        steps: list[Step] = []
        for i, arrival in enumerate(run):
            try:
                steps.append(Step(arrival, None if event_id(arrival) in skipped else self._fact(arrival)))
            except (UnknownType, Unreadable) as fault:
                keep.append((arrival, f"{type(fault).__name__}: {fault}"))
                keep += [(later, BEHIND) for later in run[i + 1 :]]
                break
        return steps

    def _fact(self, arrival: Arrival) -> Recorded[Any] | None:
        try:
            return arrival.read(self._language)
        except UnknownType:
            if self._sink.passes_unknown:
                return None
            raise


def _with_followers(failures: Sequence[Failure], runs: Mapping[str, Sequence[Step]]) -> list[Failure]:
    keep: list[Failure] = []
    for arrival, reason in failures:
        log.warning("record parked", event=event_id(arrival), reason=reason)
        keep.append((arrival, reason))
        keep += [(s.arrival, BEHIND) for s in runs[arrival.stream] if s.arrival.sequence > arrival.sequence]
    return keep
