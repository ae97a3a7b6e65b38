"""The policies of a service as one consumer: facts in, commands to its own streams out.

The watermark of a source stream moves after the appends it led to. A crash between the two reacts again, and the
command ids, which are made of the fact's id, answer that it is done.
"""

import asyncio
import contextlib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pymongo import UpdateOne
from pymongo.errors import PyMongoError

from services.kernel.dispatcher import Failure, Ledger, Mark, Runs, Step
from services.kernel.envelope import Circumstances, fingerprint
from services.kernel.handling import Handler
from services.kernel.journal import OutcomeUnknown
from services.kernel.mongo import Collection as Table
from services.kernel.mongo import Database
from services.kernel.reaction import Order, React
from services.kernel.recorded import Recorded, key_of
from services.kernel.refusal import Conflict, Unavailable

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
    moved: asyncio.Condition = field(default_factory=asyncio.Condition)

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
        while await self.mark(stream) < sequence:
            async with self.moved:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self.moved.wait(), LOOK_SECONDS)

    async def carry_out(self, fact: Recorded[Any]) -> None:
        for n, order in enumerate(self.react(fact)):
            await self.handler.handle(order.command, order.stream, self._circumstances(fact, order, n))

    def _circumstances(self, fact: Recorded[Any], order: Order, n: int) -> Circumstances:
        return Circumstances(
            command_id=order.command_id or f"policy/{order.policy}/{fact.id}/{n}",
            fingerprint=fingerprint(order.command_id or fact.id),
            actor=f"policy:{self.service}/{order.policy}",
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

    async def apply(self, runs: Runs) -> Sequence[Failure]:
        """Different complaints at the same time, so that their appends share a group; one complaint in order."""
        by_key: dict[str, list[Sequence[Step]]] = {}
        for stream, run in runs.items():
            by_key.setdefault(key_of(stream), []).append(run)
        gate = asyncio.Semaphore(AT_ONCE)
        async with asyncio.TaskGroup() as together:
            tasks = [together.create_task(self._take(group, gate)) for group in by_key.values()]
        outcomes = [task.result() for task in tasks]
        moved = [mark for marks, _ in outcomes for mark in marks]
        if moved:
            await self.policies.marks.bulk_write(moved, ordered=False)
            async with self.policies.moved:
                self.policies.moved.notify_all()
        return [failure for _, failures in outcomes for failure in failures]

    async def _take(
        self, group: Sequence[Sequence[Step]], gate: asyncio.Semaphore
    ) -> tuple[list[UpdateOne], list[Failure]]:
        moved: list[UpdateOne] = []
        failures: list[Failure] = []
        async with gate:
            for run in group:
                last, failure = await self._through(run)
                if last is not None:
                    moved.append(_moved(last))
                if failure is not None:
                    failures.append(failure)
        return moved, failures

    async def _through(self, run: Sequence[Step]) -> tuple[Step | None, Failure | None]:
        last: Step | None = None
        for step in run:
            try:
                if step.fact is not None:
                    await self.policies.carry_out(step.fact)
            except PASSING:
                raise
            except Exception as fault:  # noqa: BLE001 - a policy that fails for good parks its stream, whatever it was
                return last, (step.arrival, f"{type(fault).__name__}: {getattr(fault, 'code', '')}")
            last = step
        return last, None


def _moved(step: Step) -> UpdateOne:
    """Move the mark forward only: sub-documents compare field by field, the sequence first."""
    mark = {"sequence": step.arrival.sequence, "chain": step.arrival.chain}
    return UpdateOne({"_id": step.arrival.stream}, {"$max": {"mark": mark}}, upsert=True)
