"""What a benchmark says: figures of one run beside one another, as a table for people and as JSON for machines."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from statistics import median
from typing import TYPE_CHECKING

from rich.table import Table

if TYPE_CHECKING:
    from pathlib import Path

Rounds = Mapping[str, Sequence[float]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """`figure` in `unit`; `ratio` is ours over this one, the median of the rounds, None for ours itself."""

    who: str
    figure: float
    unit: str
    ratio: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """`told` is what was counted or checked beside the figures."""

    title: str
    rows: Sequence[Row]
    told: Sequence[str] = field(default=())


def compared(title: str, unit: str, ours: str, rounds: Rounds, told: Sequence[str] = ()) -> Result:
    """Compare `ours` with every other contestant round by round: what else the machine does then weighs on both."""
    rows = [
        Row(
            who=who,
            figure=median(figures),
            unit=unit,
            ratio=None if who == ours else median(a / b for a, b in zip(rounds[ours], figures, strict=True)),
        )
        for who, figures in rounds.items()
    ]
    return Result(title=title, rows=rows, told=told)


def table(result: Result) -> Table:
    made = Table(title=result.title, title_justify="left", caption="\n".join(result.told), caption_justify="left")
    made.add_column("contestant")
    made.add_column("figure", justify="right")
    made.add_column("unit")
    made.add_column("ours is", justify="right")
    for row in result.rows:
        figure = f"{row.figure:,.0f}" if row.figure >= 100 else f"{row.figure:,.1f}"
        made.add_row(row.who, figure, row.unit, "" if row.ratio is None else f"{row.ratio:.2f} x")
    return made


def write(results: Sequence[Result], path: Path) -> None:
    path.write_text(json.dumps([asdict(result) for result in results], indent=2) + "\n")
