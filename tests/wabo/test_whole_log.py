"""The whole public log through five services; their figures against the CSV, counted again from docs/wabo.md alone.

Nothing of the importer or of reporting is used to count: only the file, the standard library and that page.
"""

from __future__ import annotations

import asyncio
import csv
from collections import Counter, defaultdict
from datetime import datetime
from math import ceil
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest

from tests.wabo.town import Town, town

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tests.backing.addresses import Addresses

LOG = Path(__file__).parents[3] / "shared" / "data" / "wabo-receipt.csv"
OFFICES = ("dpmptsp-agam", "disdik-agam", "dinkes-agam")
JAKARTA = ZoneInfo("Asia/Jakarta")
SETTLING_SECONDS = 60.0
CHANNELS = {
    "Internet": "Situs web",
    "Desk": "Datang langsung ke loket",
    "Post": "Surat",
    "e-mail": "Surel",
    "Intern": "Telepon",
}
CHAIN = (("T02",), ("T05",), ("T04",), ("T06",), ("T10",), ("T11", "T13", "T16", "T18"), ("T14", "T19"), ("T15", "T20"))
COMPLETE, RECEIPT, REVIEW, ANALYSIS, DISPOSITION, DRAFT, SIGNED, HANDED = range(1, 9)

pytestmark = [
    pytest.mark.integration,
    pytest.mark.timeout(1_800),
    pytest.mark.skipif(not LOG.exists(), reason=f"the public log is not at {LOG}; it is no part of the project"),
]


def cases() -> list[list[dict[str, str]]]:
    by_case: dict[str, list[dict[str, str]]] = defaultdict(list)
    with LOG.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            by_case[row["case:concept:name"]].append(row)
    return list(by_case.values())


def office(row: dict[str, str]) -> str:
    return {"": "dpmptsp-agam", "Group 5": "disdik-agam"}.get(row["case:group"], "dinkes-agam")


def times(rows: list[dict[str, str]]) -> list[datetime]:
    """Filed, then each act of the chain as far as it goes."""
    at: dict[str, list[datetime]] = defaultdict(list)
    for row in rows:
        at[row["concept:name"].split()[0]].append(datetime.fromisoformat(row["time:timestamp"]))
    walked = [min(at["Confirmation"])]
    for names in CHAIN:
        own = [moment for name in names for moment in at[name]]
        if not own:
            break
        walked.append(max(*own, walked[-1]))
    return walked


def arrival(rows: list[dict[str, str]], filed: datetime) -> datetime:
    start = datetime.fromisoformat(rows[0]["case:startdate"])
    return min(start, filed)


def seconds(rows: list[dict[str, str]]) -> dict[int, int]:
    """How long each ended step of one case took, by the SOP's number."""
    walked, spans = times(rows), {}
    began, last = arrival(rows, walked[0]), len(walked) - 1
    if last >= RECEIPT:
        spans[2] = walked[RECEIPT] - began
    for step, first, end in ((3, COMPLETE, REVIEW), (4, REVIEW, ANALYSIS), (5, ANALYSIS, DISPOSITION)):
        if last >= end:
            spans[step] = walked[end] - walked[first]
    if last >= SIGNED:
        spans[11] = walked[min(last, HANDED)] - walked[DISPOSITION]
    if last == HANDED:
        spans[12] = walked[HANDED] - walked[HANDED]
        if rows[0]["case:enddate"]:
            closed = datetime.fromisoformat(rows[0]["case:enddate"])
            spans[13] = max(closed, walked[HANDED]) - walked[HANDED]
    return {step: int(span.total_seconds()) for step, span in spans.items()}


def evaluated(opd: str) -> dict[int, tuple[int, float | None, int | None]]:
    taken: dict[int, list[int]] = {step: [] for step in (1, 2, 3, 4, 5, 11, 12, 13)}
    for rows in cases():
        if office(rows[0]) == opd:
            for step, span in seconds(rows).items():
                taken[step].append(span)
    return {
        step: (len(spans), median(spans), sorted(spans)[ceil(len(spans) * 0.9) - 1]) if spans else (0, None, None)
        for step, spans in taken.items()
    }


def recapped(opd: str) -> dict[str, dict[str, Any]]:
    """Received, numbered, recorded, by channel and by way, for each month something arrived in."""
    books: dict[str, dict[str, Any]] = {}
    for rows in cases():
        if office(rows[0]) != opd:
            continue
        walked, spans = times(rows), seconds(rows)
        month = f"{arrival(rows, walked[0]).astimezone(JAKARTA):%Y-%m}"
        book = books.setdefault(
            month, {"received": 0, "numbered": 0, "recorded": 0, "by_channel": Counter(), "by_way": Counter()}
        )
        book["received"] += 1
        book["numbered"] += 2 in spans
        book["recorded"] += 13 in spans
        book["by_channel"][CHANNELS[rows[0]["case:channel"]]] += 1
        book["by_way"]["Keputusan langsung" if 5 in spans else "-"] += 1
    return books


async def settled(ask: Callable[[], Awaitable[Any]], expected: object) -> Any:
    """What is answered once it is as expected, or what it still is when it had time enough."""
    clock = asyncio.get_running_loop()
    until = clock.time() + SETTLING_SECONDS
    while (answer := await ask()) != expected and clock.time() < until:  # noqa: ASYNC110 - another process settles
        await asyncio.sleep(1)
    return answer


async def evaluation(place: Town, opd: str) -> dict[int, tuple[int, float | None, int | None]]:
    answer = await place.asked("evaluate", "--opd", opd)
    return {one["step"]: (one["count"], one["median"], one["p90"]) for one in answer["steps"]}


async def test_the_books_of_the_whole_log_are_what_the_csv_says(backing: Addresses, tmp_path: Path) -> None:
    async with town(backing, tmp_path / "data") as place:
        code, printed = await place.aduan("import", "wabo", str(LOG))
        assert code == 0, printed
        print(printed)  # noqa: T201 - the rate of the import is worth reading
        assert "Semua baris terbaca." in printed

        for opd in OFFICES:
            expected = evaluated(opd)
            assert await settled(lambda opd=opd: evaluation(place, opd), expected) == expected  # type: ignore[misc]
        books = {opd: recapped(opd) for opd in OFFICES}
        for month in sorted({month for book in books.values() for month in book}):
            answers = await place.asked("recap", "--month", month)
            for opd, book in books.items():
                counted = book.get(month, {"received": 0})
                assert {name: answers[opd]["totals"][name] for name in counted} == counted, f"{opd} {month}"

        facts = place.facts()
        _, again = await place.aduan("import", "wabo", str(LOG))
        print(again)  # noqa: T201 - and so is that of asking for what is there
        assert place.facts() == facts

        _, paper = await place.aduan("evaluate", "--opd", "dinkes-agam")
        assert "Diterima awal sampai sekarang: 280 pengaduan" in paper
