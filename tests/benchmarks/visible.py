"""From the answer to a filing until its row can be read, while filings arrive whether or not earlier ones are done."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager
from statistics import quantiles
from time import perf_counter
from typing import TYPE_CHECKING, Any

from tests.benchmarks import journals
from tests.benchmarks.ground import INTAKE, OPD, filing
from tests.benchmarks.load import arriving, lines
from tests.benchmarks.results import Result, Row

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from services.kernel.mongo import Collection
    from tests.benchmarks.ground import Ground
    from tests.benchmarks.load import Line

RATES = (50, 200)
SECONDS = 10.0
WARM_UP_SECONDS = 3.0
CONNECTIONS = 64


class Watch:
    """Notes when each row became readable at majority: MongoDB tells it through a change stream."""

    def __init__(self, table: Collection) -> None:
        self._table = table
        self._seen: dict[str, asyncio.Future[float]] = {}

    def at(self, row: str) -> asyncio.Future[float]:
        return self._seen.setdefault(row, asyncio.get_running_loop().create_future())

    @asynccontextmanager
    async def watching(self) -> AsyncIterator[None]:
        inserted: list[dict[str, Any]] = [{"$match": {"operationType": "insert"}}, {"$project": {"documentKey": 1}}]
        async with self._table.watch(inserted) as changes:

            async def note() -> None:
                async for change in changes:
                    self.at(change["documentKey"]["_id"]).set_result(perf_counter())

            noting = asyncio.create_task(note())
            try:
                yield
            finally:
                noting.cancel()


async def measure(ground: Ground) -> list[Result]:
    place = ground.place("visible")
    rows: list[Row] = []
    async with ground.serving({"intake": (place, INTAKE)}) as servers:
        with journals.opened(place, "intake") as db:
            watch = Watch(db[await journals.serving(db, "tracking")])
            async with watch.watching(), lines(servers["intake"].port, CONNECTIONS) as opened:
                filed = len(await _waits(opened, watch, RATES[0], WARM_UP_SECONDS))
                for rate in RATES:
                    waits = await _waits(opened, watch, rate, SECONDS)
                    filed += len(waits)
                    rows += _rows(rate, waits)
            told = await journals.sound(db, filed)
    return [Result(title="Filed to visible: from 201 until the row can be read", rows=rows, told=[told])]


async def _waits(opened: Sequence[Line], watch: Watch, rate: float, seconds: float) -> list[tuple[float, float]]:
    """Of every filing: how long its answer took, and how long after it the row was there (0 if before), in ms."""
    free: asyncio.Queue[Line] = asyncio.Queue()
    for line in opened:
        free.put_nowait(line)
    waits: list[tuple[float, float]] = []

    async def file() -> None:
        begun, line = perf_counter(), await free.get()
        status, body = await line.ask(filing())
        answered = perf_counter()
        free.put_nowait(line)
        assert status == 201, status
        seen = await watch.at(f"{OPD}|{json.loads(body)['complaint']}")
        waits.append((1000 * (answered - begun), 1000 * max(0.0, seen - answered)))

    await arriving(file, rate, seconds)
    return waits


def _rows(rate: int, waits: Sequence[tuple[float, float]]) -> list[Row]:
    rows = []
    for what, times in zip(("filed", "visible after that"), zip(*waits, strict=True), strict=True):
        cuts = quantiles(times, n=100)
        rows += [Row(who=f"{rate}/s: {what}, p{n}", figure=cuts[n - 1], unit="ms") for n in (50, 99)]
    return rows
