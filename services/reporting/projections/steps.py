"""How long each step took, from the whole row: by the wall clock, nights and holidays included."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, TypedDict

from services.reporting.projections.parts import Intake, Notification, Reporting, Routing, Visit

STEPS: Final = (1, 2, 3, 4, 5, 11, 12, 13)
"""The steps of the direct way."""


class Step(TypedDict):
    """A step as far as it went. `seconds` is the sum over its ended visits; None: not ended, or not measured.

    `by` is who ended it last, `visits` how often it was ended.
    """

    started_at: str | None
    ended_at: str | None
    by: str | None
    seconds: int | None
    visits: int


def steps_of(row: Mapping[str, Any]) -> dict[str, Step]:
    """Each step of the direct way by its number, as text."""
    visits = _visits(row)
    return {str(step): _step([visit for visit in visits if visit["step"] == step]) for step in STEPS}


def sent_at(row: Mapping[str, Any]) -> str | None:
    """When the letter was sent: delivered by e-mail, or handed over, whichever came first.

    Where there is no e-mail address to wait for, the signed letter counts as sent.
    """
    routing: Routing = row.get("routing", {})
    told: Notification = row.get("notification", {})
    arrivals = [at for at in (told.get("letter_delivered_at"), told.get("received_at")) if at]
    if arrivals:
        return min(arrivals)
    return routing.get("issued_at") if told.get("by_email") is False else None


def _visits(row: Mapping[str, Any]) -> Sequence[Visit]:
    intake: Intake = row.get("intake", {})
    routing: Routing = row.get("routing", {})
    told: Notification = row.get("notification", {})
    kept: Reporting = row.get("reporting", {})
    sent, received, recorded = sent_at(row), told.get("received_at"), kept.get("recorded_at")
    return [
        *intake.get("visits", []),
        *(_from_complete(visit, intake) for visit in routing.get("visits", [])),
        Visit(step=11, started_at=routing.get("decided_at"), ended_at=sent, by=routing.get("issued_by")),
        Visit(step=12, started_at=sent, ended_at=received, by=told.get("received_by")),
        Visit(
            step=13,
            started_at=_last_before(recorded, received, sent, intake.get("withdrawn_at")),
            ended_at=recorded,
            by=kept.get("recorded_by"),
        ),
    ]


def _from_complete(visit: Visit, intake: Intake) -> Visit:
    """The first stay with the Kasi begins when intake declared the file complete."""
    if visit["started_at"] is not None:
        return visit
    return Visit(step=3, started_at=intake.get("complete_at"), ended_at=visit["ended_at"], by=visit["by"])


def _last_before(end: str | None, *candidates: str | None) -> str | None:
    """The first candidate there is, but none that came only after `end`: a receipt may be signed after recording."""
    return next((at for at in candidates if at and (end is None or at <= end)), None)


def _step(visits: Sequence[Visit]) -> Step:
    ended = [visit for visit in visits if visit["ended_at"] is not None]
    spans = [span for visit in ended if (span := _span(visit)) is not None]
    return Step(
        started_at=visits[0]["started_at"] if visits else None,
        ended_at=ended[-1]["ended_at"] if ended and len(ended) == len(visits) else None,
        by=ended[-1]["by"] if ended else None,
        seconds=int(sum(spans, timedelta()).total_seconds()) if spans else None,
        visits=len(ended),
    )


def _span(visit: Visit) -> timedelta | None:
    """None for a visit whose start nobody measured, or was typed as later than its end."""
    if visit["started_at"] is None or visit["ended_at"] is None:
        return None
    span = datetime.fromisoformat(visit["ended_at"]) - datetime.fromisoformat(visit["started_at"])
    return span if span >= timedelta() else None
