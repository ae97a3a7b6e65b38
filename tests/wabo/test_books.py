from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from rich.console import Console

from deploy.books import duration, evaluation_table, number, recap_table, totals_table
from services.reporting.api.answers import Evaluation, Figures, Recap, Row, Step, Totals

JAKARTA = ZoneInfo("Asia/Jakarta")
AT = datetime(2011, 1, 31, 20, 30, tzinfo=UTC)
UNDONE = Step(started_at=None, ended_at=None, by=None, seconds=None, visits=0)


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (None, "-"),
        (0, "0 detik"),
        (0.5, "0 detik"),
        (59, "59 detik"),
        (60, "1 menit"),
        (5_025, "1 jam 23 menit"),
        (86_400, "1 hari"),
        (86_405, "1 hari 5 detik"),
        (1_000_000.5, "11 hari 13 jam"),
    ],
)
def test_a_duration_is_told_in_its_two_largest_units(seconds: float | None, said: str) -> None:
    assert duration(seconds) == said


def test_numbers_are_written_the_indonesian_way() -> None:
    assert number(12_345.5) == "12.345,5"


def row(**said: object) -> Row:
    known = {
        "complaint": "c-1",
        "number": "001/PH/X/2011",
        "number_void": False,
        "channel": "web",
        "arrived_at": AT,
        "filed_at": AT,
        "category": "keterlambatan",
        "title": "Izin [bold]terlambat[/]",
        "status": "Disposisi diberikan",
        "way": "Keputusan langsung",
        "sent_at": None,
        "outcome": None,
        "settled_at": None,
        "steps": {"1": UNDONE, "5": Step(started_at=AT, ended_at=AT, by="kadis:x", seconds=0, visits=1)},
    }
    return Row.model_validate(known | said)


def printed(*tables: object, width: int = 200) -> str:
    paper = Console(width=width, no_color=True)
    with paper.capture() as said:
        for table in tables:
            paper.print(table)
    return said.get()


def test_a_narrow_terminal_cuts_no_number_short() -> None:
    rows = [row(number="001/PH/DPMPTSP-AGAM/2026")]
    book = Recap(month="2011-02", as_of=None, rows=rows, totals=Totals.over(rows))

    said = printed(recap_table("dpmptsp-agam", book, JAKARTA), width=80)

    first = "".join(line.split("│")[1].strip() for line in said.splitlines() if line.startswith("│"))
    assert first == "001/PH/DPMPTSP-AGAM/2026"
    assert "…" not in said


def test_the_recap_shows_a_complaint_in_the_office_s_own_time_and_words() -> None:
    rows = [row(), row(number=None, number_void=True, outcome="Terselesaikan", status="Selesai dicatat")]
    book = Recap(month="2011-02", as_of=None, rows=rows, totals=Totals.over(rows))

    said = printed(recap_table("dpmptsp-agam", book, JAKARTA), totals_table(book.totals))

    for word in (
        "Februari 2011",
        "DPMPTSP dan Ketenagakerjaan Kabupaten Agam",
        "1 Feb 2011 03.30",
        "Situs web",
        "Izin [bold]terlambat[/]",
        "5 Disposisi Kadis",
        "- (batal)",
        "Selesai dicatat: Terselesaikan",
        "Diberi nomor register",
    ):
        assert word in said


def test_the_evaluation_names_its_period_and_each_step() -> None:
    steps = [Figures(step=2, count=1_234, median=5_025.0, p90=86_400), Figures(step=3, count=0, median=None, p90=None)]
    day = datetime(2011, 1, 1, tzinfo=UTC).date()

    said = printed(evaluation_table("x", Evaluation(from_day=day, to_day=None, as_of=None, complaints=7, steps=steps)))

    for word in (
        "Diterima 1 Januari 2011 sampai sekarang: 7 pengaduan",
        "1.234",
        "1 jam 23 menit",
        "1 hari",
        "Ditelaah",
    ):
        assert word in said
