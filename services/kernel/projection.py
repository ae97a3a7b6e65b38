"""A question answered ahead of time: one row per complaint, folded purely from the facts. No storage here."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from services.kernel.recorded import Recorded

Document = dict[str, Any]
Fold = Callable[[Document | None, Recorded[Any]], Document | None]
Derive = Callable[[Mapping[str, Any]], Document]


def _nothing(_: Mapping[str, Any]) -> Document:
    return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Projection:
    """A question: `folds` by owner, and `derive`.

    `folds` gives each owner (`intake`, `routing`, ...) its own sub-document, which only that owner's facts touch, so
    the order between streams cannot matter; `derive` makes the values that need several owners, from the row alone.

    Folds return JSON-like documents (str, int, bool, None, list, dict; instants as ISO 8601 text) and must return a
    new document instead of changing the old one. Raise `version` with every change of what the rows say. `indexes`
    begin with `opd`, as every question of a person does.
    """

    name: str
    version: int
    folds: Mapping[str, Fold]
    derive: Derive = field(default=_nothing)
    indexes: tuple[tuple[str, ...], ...] = ()

    def apply(self, row: Mapping[str, Any] | None, fact: Recorded[Any]) -> Document:
        """Return the row as it is after `fact`, which must be the next of its stream. `derived` is left to `settle`."""
        return self.fold(row, fact.stream, fact.sequence, [fact])

    def skip(self, row: Mapping[str, Any] | None, stream: str, sequence: int) -> Document:
        """Return the row as having seen event `sequence` of `stream`, to no effect."""
        return self.fold(row, stream, sequence, ())

    def fold(
        self, row: Mapping[str, Any] | None, stream: str, sequence: int, facts: Iterable[Recorded[Any]]
    ) -> Document:
        """Return the row as it is after `facts` of one stream, in order, of which it has then seen `sequence`."""
        owner, opd, complaint = stream.split("/")
        before: Mapping[str, Any] = row or {"opd": opd, "complaint": complaint, "seen": {}}
        after = {**before, "seen": {**before["seen"], stream: sequence}}
        fold, part = self.folds[owner], before.get(owner)
        for fact in facts:
            part = told if (told := fold(part, fact)) is not None else part
        if part is not None:
            after[owner] = part
        return after

    def settle(self, row: Document) -> Document:
        """Return `row` with what is derived from the whole of it."""
        return {**row, "derived": self.derive(row)}
