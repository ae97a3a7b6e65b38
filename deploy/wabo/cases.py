"""Rows gathered into cases, whatever order they came in; a case that contradicts itself is left out whole."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from deploy.wabo.mapping import CONFIRMATION
from deploy.wabo.rows import BadRow, Row

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from deploy.wabo.rows import Attributes


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One case of the log; its rows by time, then by task."""

    name: str
    about: Attributes
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """The cases by the time they were filed, and every line left out."""

    cases: tuple[Case, ...]
    bad: tuple[BadRow, ...]


def gather(found: Iterable[Row | BadRow]) -> Gathered:
    """Gather rows into cases. One pass; the rows of a case need not be neighbours."""
    bad: list[BadRow] = []
    by_case: dict[str, list[Row]] = {}
    for row in found:
        if isinstance(row, BadRow):
            bad.append(row)
        else:
            by_case.setdefault(row.case, []).append(row)
    cases: list[Case] = []
    for name, rows in by_case.items():
        kept, wrong = _consistent(rows)
        bad.extend(wrong)
        if kept:
            cases.append(Case(name=name, about=kept[0].about, rows=tuple(kept)))
    cases.sort(key=lambda case: (_filed(case.rows), case.name))
    return Gathered(cases=tuple(cases), bad=tuple(sorted(bad, key=lambda row: row.line)))


def _consistent(rows: Sequence[Row]) -> tuple[Sequence[Row], Sequence[BadRow]]:
    """The rows that make the case, and what is wrong with it; no rows when it cannot be walked at all."""
    first = rows[0]
    by_task: dict[str, Row] = {}
    wrong: list[BadRow] = []
    for row in rows:
        if row.about != first.about:
            return [], [_against(row, first, "atribut perkara")]
        known = by_task.setdefault(row.task, row)
        if known is not row and _said(known) != _said(row):
            return [], [_against(row, known, f"tugas {row.task}")]
        if known is not row:
            wrong.append(BadRow(line=row.line, reason=f"mengulang baris {known.line}"))
    kept = sorted(by_task.values(), key=lambda row: (row.at, row.task))
    if all(row.activity != CONFIRMATION for row in kept):
        reason = f"perkara {first.case} tanpa baris '{CONFIRMATION}' yang terbaca; perkara ditinggalkan"
        return [], [*wrong, BadRow(line=first.line, reason=reason)]
    return kept, wrong


def _said(row: Row) -> tuple[str, str, object]:
    return row.activity, row.resource, row.at


def _against(row: Row, known: Row, what: str) -> BadRow:
    reason = f"{what} bertentangan dengan baris {known.line}; perkara {row.case} ditinggalkan"
    return BadRow(line=row.line, reason=reason)


def _filed(rows: Sequence[Row]) -> object:
    return min(row.at for row in rows if row.activity == CONFIRMATION)
