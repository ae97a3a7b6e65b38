"""Projections on MongoDB: rows keyed (opd, complaint), each carrying how far it has read every stream it is made of.

A row is written only if its `rev` is still the one it was read at; a replica that slept and woke late reads and folds
again. Nothing is incremented, so nothing can be counted twice.
"""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import structlog
from bson import encode
from bson.raw_bson import RawBSONDocument
from pymongo import InsertOne, ReplaceOne
from pymongo.errors import BulkWriteError

from services.kernel.bell import Bell, heard
from services.kernel.dispatcher import BREATH
from services.kernel.lineup import Ledger, Mark, Runs, Step
from services.kernel.mongo import Collection as Table
from services.kernel.projection import Document, Projection
from services.kernel.recorded import opd_of
from services.kernel.refusal import Conflict
from services.kernel.stations import Waiting

log = structlog.get_logger("views")

DUPLICATE_KEY = 11000
LOOK_SECONDS = 0.2
BOOKKEEPING = ("_id", "rev", "seen", "chains")
# What MongoDB takes, less what a command around it needs.
LARGEST_ROW = 15 * 1024 * 1024


class RowTooLarge(Exception):
    """The row would not fit a document."""


def row_id(stream: str) -> str:
    return f"{opd_of(stream)}|{stream.rsplit('/', 1)[1]}"


@dataclass(eq=False, slots=True)
class View:
    """A Sink: one build of a projection. `table` holds its rows."""

    projection: Projection
    table: Table
    passes_unknown: bool = True
    changed: Bell = field(default_factory=Bell)

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
        while True:
            ring = self.changed.listen()
            if await self.seen(stream) >= sequence:
                return
            await heard(ring, LOOK_SECONDS)

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

    async def apply(self, runs: Runs) -> Sequence[Waiting]:
        by_row: dict[str, list[Sequence[Step]]] = {}
        for stream, run in runs.items():
            by_row.setdefault(row_id(stream), []).append(run)
        after: dict[str, RawBSONDocument] = {}
        failures: list[Waiting] = []
        for n, (key, together) in enumerate(by_row.items()):
            if n % BREATH == BREATH - 1:
                await asyncio.sleep(0)
            row, failed = self._fold(key, together)
            failures += failed
            if row is not None:
                after[key] = row
        await self._write(after)
        return failures

    def _fold(self, key: str, runs: Sequence[Sequence[Step]]) -> tuple[RawBSONDocument | None, Sequence[Waiting]]:
        try:
            row = self.rows.get(key)
            for run in runs:
                row = self._through(row, run)
            return self._written(key, row or {}), ()
        except Exception:  # noqa: BLE001 - some step cannot be taken; which, is worth finding out only now
            return self._step_by_step(key, runs)

    def _step_by_step(
        self, key: str, runs: Sequence[Sequence[Step]]
    ) -> tuple[RawBSONDocument | None, Sequence[Waiting]]:
        """Go as far as each stream can: a fold, what is derived, or the row as a document may be what fails."""
        row, written = self.rows.get(key), None
        failures: list[Waiting] = []
        for run in runs:
            for step in run:
                try:
                    then = self._through(row, [step])
                    written = self._written(key, then)
                except Exception as fault:
                    log.info("fold failed", projection=self.view.projection.name, exc_info=True)
                    failures.append(Waiting(step.arrival, type(fault).__name__))
                    break
                row = then
        return written, failures

    def _through(self, row: Document | None, run: Sequence[Step]) -> Document:
        projection, last = self.view.projection, run[-1].arrival
        after = projection.fold(row, last.stream, last.sequence, [step.fact for step in run if step.fact is not None])
        after["chains"] = {**after.get("chains", {}), last.stream: last.chain}
        return after

    def _written(self, key: str, row: Document) -> RawBSONDocument:
        """Encode the row here, where a row that no document can hold is still one row among many."""
        rev = self.rows[key]["rev"] if key in self.rows else 0
        raw = encode({**self.view.projection.settle(row), "_id": key, "rev": rev + 1})
        if len(raw) > LARGEST_ROW:
            raise RowTooLarge
        return RawBSONDocument(raw)

    async def _write(self, after: Mapping[str, RawBSONDocument]) -> None:
        writes: list[InsertOne[Any] | ReplaceOne[Any]] = []
        for key, row in after.items():
            known = self.rows.get(key)
            writes.append(ReplaceOne({"_id": key, "rev": known["rev"]}, row) if known else InsertOne(row))
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
        self.view.changed.ring()


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
