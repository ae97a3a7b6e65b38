"""What a person sees of an import: a moving line while it runs, and tables of what was left out when it is over."""

from __future__ import annotations

import csv
from collections import Counter
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from rich.console import Console

    from deploy.wabo.cases import Case, Gathered
    from deploy.wabo.importing import Failure, Tally
    from deploy.wabo.rows import BadRow

SHOWN = 40


@contextmanager
def progress(console: Console, total: int) -> Iterator[Callable[[Tally], None]]:
    """Yield what to tell each change to: cases done, acts a second, refusals and the time left are shown."""
    columns = (
        TextColumn("Mengimpor perkara"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]:,.0f} kejadian/dtk"),
        TextColumn("{task.fields[refused]} ditolak"),
        TextColumn("sisa"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console) as bar:
        task = bar.add_task("", total=total, rate=0.0, refused=0)

        def watching(tally: Tally) -> None:
            elapsed = bar.tasks[task].elapsed or 0.0
            rate = tally.steps / elapsed if elapsed else 0.0
            bar.update(task, completed=tally.cases, rate=rate, refused=len(tally.failures))

        yield watching


def summary(console: Console, cases: Sequence[Case], tally: Tally, seconds: float) -> None:
    table = Table(title="Impor log WABO")
    table.add_column("OPD")
    table.add_column("Perkara", justify="right")
    for opd, count in sorted(Counter(case.about.opd for case in cases).items()):
        table.add_row(opd, str(count))
    table.add_row("[bold]Jumlah[/]", f"[bold]{len(cases)}[/]")
    console.print(table)
    rate = tally.steps / seconds if seconds else 0.0
    console.print(
        f"{tally.cases} perkara, {tally.steps} kejadian dalam {seconds:.1f} detik ({rate:.0f} kejadian/detik)."
    )


def bad_rows(console: Console, gathered: Gathered) -> None:
    if not gathered.bad:
        console.print("Semua baris terbaca.")
        return
    table = Table(title=f"{len(gathered.bad)} baris ditinggalkan")
    table.add_column("Baris", justify="right")
    table.add_column("Alasan")
    for row in gathered.bad[:SHOWN]:
        table.add_row(str(row.line), escape(row.reason))
    console.print(table)
    if len(gathered.bad) > SHOWN:
        console.print(f"... dan {len(gathered.bad) - SHOWN} baris lagi; semuanya ada dengan --report BERKAS.")


def failures(console: Console, failed: Sequence[Failure]) -> None:
    if not failed:
        return
    table = Table(title=f"{len(failed)} perkara tidak dapat dijalankan sampai selesai", style="red")
    for heading in ("Perkara", "Langkah", "Kode", "Penjelasan"):
        table.add_column(heading)
    for one in failed[:SHOWN]:
        table.add_row(one.case, one.step, escape(one.code), escape(one.kalimat))
    console.print(table)
    if len(failed) > SHOWN:
        console.print(f"... dan {len(failed) - SHOWN} perkara lagi; semuanya ada dengan --report BERKAS.")


def report(path: Path, bad: Sequence[BadRow], failed: Sequence[Failure]) -> None:
    """Write everything left out to `path`, as CSV."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("baris", "perkara", "langkah", "alasan"))
        writer.writerows((row.line, "", "", row.reason) for row in bad)
        writer.writerows(("", one.case, one.step, f"{one.kalimat} ({one.code})") for one in failed)
