"""Projections on MongoDB: rows keyed (opd, complaint), each carrying how far it has read every stream it is made of.

A row is written only if its `rev` is still the one it was read at; a replica that slept and woke late reads and folds
again. Nothing is incremented, so nothing can be counted twice.
"""

import asyncio
import contextlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pymongo import InsertOne, ReplaceOne
from pymongo.errors import BulkWriteError, PyMongoError

from services.kernel.dispatcher import Failure, Ledger, Mark, Runs, Step
from services.kernel.mongo import Collection as Table
from services.kernel.mongo import Database
from services.kernel.projection import Document, Projection
from services.kernel.recorded import opd_of
from services.kernel.refusal import Conflict

DUPLICATE_KEY = 11000
LOOK_SECONDS = 0.2
BOOKKEEPING = ("_id", "rev", "seen", "chains")


def row_id(stream: str) -> str:
    return f"{opd_of(stream)}|{stream.rsplit('/', 1)[1]}"


@dataclass(eq=False, slots=True)
class View:
    """A Sink: one build of a projection. `table` holds its rows."""

    projection: Projection
    table: Table
    passes_unknown: bool = True
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    @property
    def owners(self) -> Collection[str]:
        return self.projection.folds.keys()

    async def prepare(self) -> None:
        for index in self.projection.indexes:
            await self.table.create_index([(name, 1) for name in index])

    async def load(self, streams: Collection[str]) -> Ledger:
        ids = list({row_id(stream) for stream in streams})
        return _Rows(self, {row["_id"]: row async for row in self.table.find({"_id": {"$in": ids}})})

    async def seen(self, stream: str) -> int:
        row = await self.table.find_one({"_id": row_id(stream)}, {"seen": 1})
        return int(row["seen"].get(stream, 0)) if row else 0

    async def wait_for(self, stream: str, sequence: int) -> None:
        """Return once the row of `stream` has seen `sequence`; the caller sets the time limit."""
        while await self.seen(stream) < sequence:
            async with self.changed:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self.changed.wait(), LOOK_SECONDS)

    async def everywhere(self, wanted: Mapping[str, Any], *, sort: str, limit: int) -> list[Document]:
        """Rows of every office, for the service's own errands and never for an answer to a person."""
        return [row async for row in self.table.find(wanted).sort(sort, 1).limit(limit)]


@dataclass(slots=True)
class _Rows:
    view: View
    rows: Mapping[str, Document]

    def mark(self, stream: str) -> Mark:
        row = self.rows.get(row_id(stream))
        if row is None or stream not in row["seen"]:
            return Mark()
        return Mark(row["seen"][stream], row["chains"][stream])

    async def apply(self, runs: Runs) -> Sequence[Failure]:
        after: dict[str, Document] = {}
        failures: list[Failure] = []
        for stream, run in runs.items():
            key = row_id(stream)
            row, failure = self._fold(after.get(key) or self.rows.get(key), run)
            if row is not None:
                after[key] = row
            if failure is not None:
                failures.append(failure)
        await self._write(after)
        return failures

    def _fold(self, row: Document | None, run: Sequence[Step]) -> tuple[Document | None, Failure | None]:
        projection = self.view.projection
        for step in run:
            arrival = step.arrival
            try:
                row = (
                    projection.apply(row, step.fact)
                    if step.fact
                    else projection.skip(row, arrival.stream, arrival.sequence)
                )
            except Exception as fault:  # noqa: BLE001 - a fold that fails is a fault of ours, and parks its stream
                return row, (arrival, type(fault).__name__)
            row["chains"] = {**row.get("chains", {}), arrival.stream: arrival.chain}
        return row, None

    async def _write(self, after: Mapping[str, Document]) -> None:
        writes: list[InsertOne[Document] | ReplaceOne[Document]] = []
        for key, row in after.items():
            rev = self.rows[key]["rev"] if key in self.rows else 0
            settled = {**self.view.projection.settle(row), "_id": key, "rev": rev + 1}
            writes.append(ReplaceOne({"_id": key, "rev": rev}, settled) if rev else InsertOne(settled))
        if not writes:
            return
        try:
            written = await self.view.table.bulk_write(writes, ordered=False)
        except BulkWriteError as fault:
            if all(error["code"] == DUPLICATE_KEY for error in fault.details["writeErrors"]):
                raise Conflict(self.view.table.name) from fault
            raise
        if written.matched_count + written.inserted_count < len(writes):
            raise Conflict(self.view.table.name)
        async with self.view.changed:
            self.view.changed.notify_all()


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of one office, and of no other: a reader cannot be made without saying whose."""

    view: View
    opd: str

    async def one(self, complaint: str) -> Document | None:
        return await self.view.table.find_one({"_id": f"{self.opd}|{complaint}", "opd": self.opd})

    async def find(self, wanted: Mapping[str, Any], *, sort: str = "_id", limit: int = 0) -> list[Document]:
        cursor = self.view.table.find({**wanted, "opd": self.opd}).sort(sort, 1).limit(limit)
        return [row async for row in cursor]


@dataclass(frozen=True, slots=True)
class Builds:
    """Which build of a projection serves, and which is being made beside it."""

    database: Database
    projection: Projection

    async def serving(self) -> int:
        return int((await self._state())["serving"])

    async def live(self) -> list[int]:
        """The builds this release keeps up to date."""
        state = await self._state()
        return sorted({state["serving"], *([state["building"]] if state.get("building") else [])})

    async def begin(self) -> int:
        """Take up the build under way, or begin the next."""
        state = await self._state()
        building = state.get("building") or state["serving"] + 1
        await self._table().update_one({"_id": self.name}, {"$set": {"building": building}})
        return int(building)

    async def switch(self) -> None:
        state = await self._state()
        if state.get("building"):
            change = {"$set": {"serving": state["building"]}, "$unset": {"building": ""}}
            await self._table().update_one({"_id": self.name, "building": state["building"]}, change)

    def view(self, build: int) -> View:
        return View(self.projection, self.database[f"{self.name}_b{build}"])

    @property
    def name(self) -> str:
        return f"{self.projection.name}_v{self.projection.version}"

    def _table(self) -> Table:
        return self.database["builds"]

    async def _state(self) -> Document:
        with contextlib.suppress(PyMongoError):
            await self._table().insert_one({"_id": self.name, "serving": 1})
        found = await self._table().find_one({"_id": self.name})
        return found or {"serving": 1}
