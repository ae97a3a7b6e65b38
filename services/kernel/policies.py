"""The policies of a service as one consumer: facts in, commands to its own streams out.

The watermark of a source stream moves after the appends it led to. A crash between the two reacts again, and the
command ids, which are made of the fact's id, answer that it is done.
"""

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import structlog
from pymongo import UpdateOne
from pymongo.errors import PyMongoError

from services.kernel.bell import Bell, heard
from services.kernel.envelope import Circumstances, fingerprint
from services.kernel.handling import Handler
from services.kernel.journal import OutcomeUnknown
from services.kernel.lineup import Ledger, Mark, Runs, Step
from services.kernel.mongo import Collection as Table
from services.kernel.mongo import Database
from services.kernel.reaction import Order, React
from services.kernel.recorded import Recorded, key_of
from services.kernel.refusal import Conflict, Refusal, Unavailable
from services.kernel.stations import Waiting

log = structlog.get_logger("policies")

AT_ONCE = 64
LOOK_SECONDS = 0.2
PASSING = (Unavailable, Conflict, OutcomeUnknown, PyMongoError, TimeoutError)


@dataclass(frozen=True, slots=True)
class Policies:
    """A Sink. `react` is the whole service's; `owners` are the streams it listens to."""

    service: str
    owners: Collection[str]
    react: React
    handler: Handler
    marks: Table
    now: Callable[[], datetime]
    passes_unknown: bool = False
    moved: Bell = field(default_factory=Bell)

    async def load(self, streams: Collection[str]) -> Ledger:
        wanted = {"_id": {"$in": list(streams)}}
        found = {d["_id"]: Mark(**d["mark"]) async for d in self.marks.find(wanted)}
        return _Marks(self, found)

    async def mark(self, stream: str) -> int:
        """Return how far the policies are through `stream`."""
        found = await self.marks.find_one({"_id": stream})
        return int(found["mark"]["sequence"]) if found else 0

    async def wait_for(self, stream: str, sequence: int) -> None:
        """Return once the policies are through `sequence` of `stream`; the caller sets the time limit."""
        while True:
            ring = self.moved.listen()
            if await self.mark(stream) >= sequence:
                return
            await heard(ring, LOOK_SECONDS)

    async def carry_out(self, fact: Recorded[Any]) -> None:
        for n, order in enumerate(self.react(fact)):
            await self.handler.handle(order.command, order.stream, self._circumstances(fact, order, n))

    def _circumstances(self, fact: Recorded[Any], order: Order, n: int) -> Circumstances:
        policy = f"policy:{self.service}/{order.policy}"
        return Circumstances(
            command_id=order.command_id or f"policy/{order.policy}/{fact.id}/{n}",
            fingerprint=fingerprint(order.command_id or fact.id),
            actor=order.actor or policy,
            recorded_by=policy if order.actor else None,
            occurred_at=fact.occurred_at,
            recorded_at=self.now(),
            correlation=fact.correlation,
            cause=fact.id,
        )


def marks_of(database: Database) -> Table:
    return database["watermarks"]


@dataclass(slots=True)
class _Marks:
    policies: Policies
    found: Mapping[str, Mark]

    def mark(self, stream: str) -> Mark:
        return self.found.get(stream, Mark())

    async def apply(self, runs: Runs) -> Sequence[Waiting]:
        """Different complaints at the same time, so that their appends share a group; one complaint in order."""
        by_key: dict[str, list[Sequence[Step]]] = {}
        for stream, run in runs.items():
            by_key.setdefault(key_of(stream), []).append(run)
        gate = asyncio.Semaphore(AT_ONCE)
        outcomes = [o for taken in await asyncio.gather(*(self._take(g, gate) for g in by_key.values())) for o in taken]
        if moved := [_moved(outcome.last) for outcome in outcomes if outcome.last is not None]:
            await self.policies.marks.bulk_write(moved, ordered=False)
            self.policies.moved.ring()
        for outcome in outcomes:
            if outcome.passing is not None:
                raise outcome.passing
        return [outcome.failed for outcome in outcomes if outcome.failed is not None]

    async def _take(self, group: Sequence[Sequence[Step]], gate: asyncio.Semaphore) -> list["_Outcome"]:
        async with gate:
            return [await self._through(run) for run in group]

    async def _through(self, run: Sequence[Step]) -> "_Outcome":
        last: Step | None = None
        for step in run:
            try:
                if step.fact is not None:
                    await self.policies.carry_out(step.fact)
            except PASSING as fault:
                return _Outcome(last, passing=fault)
            except Exception as fault:
                log.info("policy failed", policy_of=self.policies.service, exc_info=not isinstance(fault, Refusal))
                reason = f"{type(fault).__name__}: {getattr(fault, 'code', '')}"
                return _Outcome(last, failed=Waiting(step.arrival, reason))
            last = step
        return _Outcome(last)


@dataclass(frozen=True, slots=True)
class _Outcome:
    """How far a run came, and what ended it: a step that fails for good, or a fault that passes."""

    last: Step | None
    failed: Waiting | None = None
    passing: Exception | None = None


def _moved(step: Step) -> UpdateOne:
    """Move the mark forward only: sub-documents compare field by field, the sequence first."""
    mark = {"sequence": step.arrival.sequence, "chain": step.arrival.chain}
    return UpdateOne({"_id": step.arrival.stream}, {"$max": {"mark": mark}}, upsert=True)
