"""From records to effects: each stream in order, once in effect, and none held up by another.

A consumer keeps a mark per stream, moved together with the effect or after it. At or below the mark: seen, skip. The
next: apply. Beyond: a gap, hold it until the missing one comes, whenever that is. Pure but for what a Sink does.
"""

import asyncio
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import structlog

from schemas.event import Language, UnknownType, Unreadable
from services.kernel.clock import jittered
from services.kernel.envelope import Arrival, Untrusted, arrive
from services.kernel.lineup import Mark, Sink, Step, line_up
from services.kernel.recorded import Recorded
from services.kernel.refusal import Conflict
from services.kernel.stations import BEHIND, GAP, UPGRADE, First, Station, Stations, Suspect, Waiting, event_id

log = structlog.get_logger("dispatcher")

ATTEMPTS = 8
AGAIN_SECONDS = 0.02
# Records between two breaths: a long batch must not keep requests of the same process waiting.
BREATH = 100


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
        """Where it was met; the timestamp tells the topic's lives apart."""
        return f"{self.topic}/{self.partition}/{self.offset}@{self.timestamp}"

    @property
    def owner(self) -> str | None:
        """The service whose stream the record claims to be of, if it claims any."""
        for name, text in self.headers:
            if name == "ce_source" and text and text.startswith(b"/"):
                return text[1:].partition(b"/")[0].decode(errors="replace")
        return None


@dataclass(slots=True)
class _Round:
    """What one round makes of its streams before anything takes effect."""

    marks: dict[str, Mark] = field(default_factory=dict)
    runs: dict[str, Sequence[Step]] = field(default_factory=dict)
    keep: list[Waiting] = field(default_factory=list)
    broken: list[Arrival] = field(default_factory=list)

    def reached(self, failures: Sequence[Waiting]) -> dict[str, int]:
        """How far each stream is once the runs took effect but for `failures`."""
        upto = {stream: mark.sequence for stream, mark in self.marks.items()}
        upto |= {stream: run[-1].arrival.sequence for stream, run in self.runs.items()}
        return upto | {failed.arrival.stream: failed.arrival.sequence - 1 for failed in failures}

    def followers(self, failures: Sequence[Waiting]) -> list[Waiting]:
        return [
            Waiting(step.arrival, BEHIND)
            for failed in failures
            for step in self.runs[failed.arrival.stream]
            if step.arrival.sequence > failed.arrival.sequence
        ]


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
            suspects: list[Suspect] = []
            for n, record in enumerate(records):
                if n % BREATH == BREATH - 1:
                    await asyncio.sleep(0)
                if (arrival := self._arrived(record, suspects)) is not None:
                    streams.setdefault(arrival.stream, []).append(arrival)
            await self.stations.quarantine(suspects, self._now())
            if streams:
                await self._insist(streams)

    async def sweep(self) -> None:
        """Take up again what waits without cause: its predecessor came, a person asked, or this release can read it."""
        async with self._turn:
            firsts = await self.stations.firsts()
            if not firsts:
                return
            ledger = await self._sink.load(firsts)
            ready = {stream: () for stream, first in firsts.items() if self._ready(first, ledger.mark(stream))}
            if ready:
                await self._insist(ready, again=True)

    def _ready(self, first: First, mark: Mark) -> bool:
        if first.reason.startswith(UPGRADE):
            return first.retry or _knows(self._language, first.type, first.version)
        return first.retry or first.sequence <= mark.sequence + (first.reason in {GAP, BEHIND})

    async def _insist(self, streams: Mapping[str, Sequence[Arrival]], *, again: bool = False) -> None:
        for _ in range(ATTEMPTS):
            try:
                return await self._round(streams, again=again)
            except Conflict:
                await asyncio.sleep(jittered(AGAIN_SECONDS))
        raise Conflict(self.stations.group)

    async def _round(self, streams: Mapping[str, Sequence[Arrival]], *, again: bool) -> None:
        """Take effect, keep what must wait, forget what no longer does: a crash in between repeats, no more."""
        ledger, stations, skips = await asyncio.gather(
            self._sink.load(streams), self.stations.of(streams), self.stations.skips()
        )
        planned = _Round()
        for n, (stream, arrivals) in enumerate(streams.items()):
            if n % BREATH == BREATH - 1:
                await asyncio.sleep(0)
            planned.marks[stream] = ledger.mark(stream)
            if (station := stations.get(stream)) and not again and _blocked(station, ledger.mark(stream)):
                planned.keep += [Waiting(late, BEHIND) for late in station.new(arrivals, ledger.mark(stream).sequence)]
            else:
                self._line_up(stream, [*arrivals, *(station.arrivals if station else ())], planned, skips)
        await self.stations.quarantine([_broken(arrival) for arrival in planned.broken], self._now())
        failures = await ledger.apply(planned.runs)
        for failed in failures:
            log.warning("record parked", fact=event_id(failed.arrival), reason=failed.reason)
        keep = [*planned.keep, *failures, *planned.followers(failures)]
        await self.stations.keep(_news(keep, stations), self._now())
        reached = planned.reached(failures)
        await self.stations.release({s: n for s, n in reached.items() if s in stations}, planned.broken)

    def _line_up(self, stream: str, arrivals: Iterable[Arrival], planned: _Round, skips: Collection[str]) -> None:
        lined = line_up(planned.marks[stream], arrivals)
        planned.keep += [Waiting(arrival, GAP) for arrival in lined.held]
        planned.broken += lined.broken
        if run := self._read(lined.run, planned.keep, skips):
            planned.runs[stream] = run

    def _arrived(self, record: Record, suspects: list[Suspect]) -> Arrival | None:
        """Take a record apart if it is of our concern; what claims no owner at all is looked at by every consumer."""
        if (claimed := record.owner) is not None and claimed not in self._sink.owners:
            return None
        try:
            return arrive(record.key, record.headers, record.value, record.timestamp)
        except Untrusted as fault:
            log.warning("record quarantined", place=record.place, reason=str(fault))
            raw = {"key": record.key, "headers": [list(pair) for pair in record.headers], "value": record.value}
            suspects.append(Suspect(record.place, str(fault), raw))
            return None

    def _read(self, run: Sequence[Arrival], keep: list[Waiting], skips: Collection[str]) -> list[Step]:
        """Decode a run up to the first record that cannot be read; that one and what follows it must wait."""
        steps: list[Step] = []
        for i, arrival in enumerate(run):
            try:
                steps.append(Step(arrival, None if skips and event_id(arrival) in skips else self._fact(arrival)))
            except (UnknownType, Unreadable) as fault:
                known = _knows(self._language, arrival.type, arrival.version)
                keep.append(Waiting(arrival, f"{'Unreadable' if known else UPGRADE}: {fault}"))
                keep += [Waiting(later, BEHIND) for later in run[i + 1 :]]
                log.warning("record parked", fact=event_id(arrival), reason=str(fault))
                break
        return steps

    def _fact(self, arrival: Arrival) -> Recorded[Any] | None:
        try:
            return arrival.read(self._language)
        except UnknownType:
            if self._sink.passes_unknown:
                return None
            raise


def _blocked(station: Station, mark: Mark) -> bool:
    """A parked record that took effect after all, in another replica, holds up nothing."""
    return station.parked and station.arrivals[0].sequence > mark.sequence


def _broken(arrival: Arrival) -> Suspect:
    log.warning("chain broken", fact=event_id(arrival))
    raw = {"headers": [[n, t.encode()] for n, t in arrival.headers.items()], "value": arrival.value}
    return Suspect(f"{event_id(arrival)}#{arrival.chain[:16]}", "broken chain", raw)


def _news(keep: Sequence[Waiting], stations: Mapping[str, Station]) -> list[Waiting]:
    """What does not wait already for the same reason; a failure is always news, as it answers a retry."""
    known = {(w.arrival.chain, w.reason) for station in stations.values() for w in station.waiting}
    return [w for w in keep if w.reason not in {GAP, BEHIND} or (w.arrival.chain, w.reason) not in known]


def _knows(language: Language, type_: str, version: int) -> bool:
    fact = language.facts.get(type_)
    return fact is not None and version <= fact.version
