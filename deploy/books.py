"""The Rekap Pengaduan Pelanggan and the evaluation as tables, in Indonesian words, dates and numbers."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Final

from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal
from babel.units import format_unit
from rich.markup import escape
from rich.table import Table

from deploy.household import OFFICES
from schemas.vocabulary import CHANNELS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from services.reporting.api.answers import Evaluation, Recap, Row, Totals

LOCALE: Final = "id_ID"
NONE: Final = "-"
STEPS: Final[Mapping[int, str]] = {
    1: "Pengaduan disampaikan",
    2: "Diterima dan diperiksa",
    3: "Ditelaah Kasi",
    4: "Dianalisis Kabid",
    5: "Disposisi Kadis",
    11: "Surat tanggapan",
    12: "Surat diterima pengadu",
    13: "Dicatat",
}
"""The steps of the direct way, by the SOP's number."""

UNITS: Final = (("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1))


def recap_table(opd: str, book: Recap, zone: ZoneInfo) -> Table:
    """One line for each complaint of the month, in the order they arrived."""
    table = Table(title=f"Rekap Pengaduan Pelanggan\n{OFFICES.get(opd, opd)}\n{_month(book.month)}")
    for heading in ("No. register", "Masuk", "Diajukan", "Saluran", "Kategori", "Judul", "Cara", "Langkah", "Status"):
        table.add_column(heading, overflow="fold")  # a number cut short is no number
    for row in book.rows:
        table.add_row(*(escape(cell) for cell in _cells(row, zone)))
    return table


def _cells(row: Row, zone: ZoneInfo) -> tuple[str, ...]:
    number = f"{row.number or NONE} (batal)" if row.number_void else row.number or NONE
    return (
        number,
        _moment(row.arrived_at, zone),
        _moment(row.filed_at, zone),
        CHANNELS.get(row.channel or "", row.channel or NONE),
        row.category or NONE,
        row.title or NONE,
        row.way or NONE,
        last_step(row),
        row.status if row.outcome is None else f"{row.status}: {row.outcome}",
    )


def last_step(row: Row) -> str:
    """The highest step that was ended, by its number and name."""
    ended = [int(step) for step, told in row.steps.items() if told.ended_at is not None]
    return f"{max(ended)} {STEPS.get(max(ended), '')}".strip() if ended else NONE


def totals_table(totals: Totals) -> Table:
    table = Table(title="Jumlah", show_header=False)
    table.add_column()
    table.add_column()
    table.add_column(justify="right")
    table.add_row("Diterima", "", number(totals.received))
    table.add_row("Diberi nomor register", "", number(totals.numbered))
    table.add_row("Selesai dicatat", "", number(totals.recorded), end_section=True)
    groups = {
        "Status": totals.by_status,
        "Saluran": totals.by_channel,
        "Kategori": totals.by_category,
        "Cara": totals.by_way,
        "Hasil": totals.by_outcome,
    }
    for heading, counts in groups.items():
        for place, (word, count) in enumerate(counts.items(), start=1):
            table.add_row(heading if place == 1 else "", escape(word), number(count), end_section=place == len(counts))
    return table


def evaluation_table(opd: str, figures: Evaluation) -> Table:
    """One line for each step of the direct way; times are of the wall clock."""
    first = format_date(figures.from_day, "long", locale=LOCALE) if figures.from_day else "awal"
    last = format_date(figures.to_day, "long", locale=LOCALE) if figures.to_day else "sekarang"
    title = f"Evaluasi penanganan pengaduan\n{OFFICES.get(opd, opd)}\nDiterima {first} sampai {last}: "
    table = Table(title=f"{title}{number(figures.complaints)} pengaduan")
    table.add_column("No", justify="right")
    table.add_column("Langkah")
    for heading in ("Selesai", "Median", "Persentil 90"):
        table.add_column(heading, justify="right")
    for step in figures.steps:
        spans = (duration(step.median), duration(step.p90))
        table.add_row(str(step.step), STEPS.get(step.step, NONE), number(step.count), *spans)
    return table


def number(count: float) -> str:
    return str(format_decimal(count, locale=LOCALE))


def duration(seconds: float | None) -> str:
    """The two largest units that are not nothing, e.g. `18 hari 13 jam`; less than a second is told as 0 detik."""
    if seconds is None:
        return NONE
    rest, parts = int(seconds), list[str]()
    for unit, size in UNITS:
        count, rest = divmod(rest, size)
        if count:
            parts.append(str(format_unit(count, f"duration-{unit}", length="long", locale=LOCALE)))
    return " ".join(parts[:2]) or str(format_unit(0, "duration-second", length="long", locale=LOCALE))


def _month(month: str) -> str:
    return str(format_date(date.fromisoformat(f"{month}-01"), "MMMM yyyy", locale=LOCALE))


def _moment(at: datetime | None, zone: ZoneInfo) -> str:
    return NONE if at is None else str(format_datetime(at, "d MMM yyyy HH.mm", tzinfo=zone, locale=LOCALE))
