"""A case's activities as acts in the SOP's order, as far as they go, each no earlier than the one before it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from deploy.wabo.mapping import ACTS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from deploy.wabo.cases import Case
    from deploy.wabo.mapping import Act, StepName
    from deploy.wabo.rows import Row


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One act, when it happened and by whom: `<role>:<resource of the log>`."""

    name: StepName
    at: datetime
    actor: str


def walk(case: Case) -> Sequence[Step]:
    """Return the acts of `case`, ending before the first the log knows nothing of.

    The log lets the receipt and the judgement run side by side, the SOP does not: an act that the log has before its
    predecessor takes its predecessor's time.
    """
    steps: list[Step] = []
    for act in ACTS:
        row = _of(act, case.rows)
        if row is None:
            return steps
        at = max(row.at, steps[-1].at) if steps else row.at
        steps.append(Step(name=act.name, at=at, actor=f"{act.role}:{row.resource}"))
    closed = case.about.closed_at
    if closed is not None:
        at = max(closed, steps[-1].at)
        steps.append(Step(name="record", at=at, actor=f"staf:{case.about.responsible}"))
    return steps


def _of(act: Act, rows: Sequence[Row]) -> Row | None:
    """The last row that counts as `act`: a repeated activity corrects the earlier one."""
    return next((row for row in reversed(rows) if row.activity in act.activities), None)
