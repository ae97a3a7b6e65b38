"""How long do the steps take? Figures over recap rows (step 13, mengevaluasi). Not a projection: nothing is counted."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from statistics import median
from typing import Any

from services.reporting.projections.steps import STEPS


@dataclass(frozen=True, slots=True, kw_only=True)
class StepFigures:
    """`count` complaints ended the step with a measured time; the figures are seconds by the wall clock, or None.

    `p90` is the nearest rank: the smallest time that at least nine tenths of the complaints did not exceed.
    """

    step: int
    count: int
    median: float | None
    p90: int | None


def evaluate(rows: Iterable[Mapping[str, Any]]) -> Sequence[StepFigures]:
    """Return the figures of each step of the direct way, in the SOP's order. A step still going on does not count."""
    times: dict[int, list[int]] = {step: [] for step in STEPS}
    for row in rows:
        for step in STEPS:
            told = row["derived"]["steps"][str(step)]
            if told["ended_at"] is not None and told["seconds"] is not None:
                times[step].append(told["seconds"])
    return [_figures(step, sorted(times[step])) for step in STEPS]


def _figures(step: int, times: Sequence[int]) -> StepFigures:
    if not times:
        return StepFigures(step=step, count=0, median=None, p90=None)
    rank = ceil(len(times) * 9 / 10)
    return StepFigures(step=step, count=len(times), median=median(times), p90=times[rank - 1])
