"""The office's books: the recap of a month, one complaint's line, and the evaluation of the steps. Own office only."""

from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query
from pydantic import Field

from schemas.vocabulary import Complainant
from services.kernel.desk import After
from services.kernel.principal import Principal
from services.kernel.refusal import NotFound, Refusal
from services.kernel.sealing import shown
from services.kernel.service import Service
from services.reporting.api.answers import Evaluation, Figures, OneRow, Recap, Row, Totals
from services.reporting.projections.evaluation import evaluate

READERS = ("staf", "kasi", "kabid", "sekretaris", "kadis")
BUILD = "recap"

Month = Annotated[str | None, Query(pattern=r"^(19|20)\d\d-(0[1-9]|1[0-2])$", description="bulan diterimanya")]
Day = Annotated[date, Field(ge=date(1945, 8, 17), le=date(2199, 12, 31))]


class PeriodReversed(Refusal):
    code = "period-reversed"
    kalimat = "Tanggal awal harus sama dengan atau sebelum tanggal akhir."
    kind = "unprocessable"


def routes(service: Service) -> APIRouter:
    router = APIRouter(tags=["books"])
    _recap(router, service)
    _evaluation(router, service)
    return router


def _recap(router: APIRouter, service: Service) -> None:
    Reader = Annotated[Principal, Depends(service.desk.reading(*READERS))]  # noqa: N806 - a type

    @router.get("/recap")
    async def recap(reader: Reader, month: Month = None, after: After = None) -> Recap:
        """Complaints that arrived in `month` (YYYY-MM, this month if not given), by the office's own calendar."""
        await service.seen(BUILD, reader.opd, after)
        as_of, wanted = service.as_of(BUILD), month or f"{_today(service):%Y-%m}"
        first = date.fromisoformat(f"{wanted}-01")
        following = (first + timedelta(days=31)).replace(day=1)
        found = await service.rows(BUILD, reader.opd).find(
            _arrived(service, first, following), sort="intake.arrived_at"
        )
        rows = [Row.of(row) for row in found]
        return Recap(month=wanted, as_of=as_of, rows=rows, totals=Totals.over(rows))

    @router.get("/recap/{complaint}")
    async def one(complaint: str, reader: Reader, after: After = None) -> OneRow:
        await service.seen(BUILD, reader.opd, after)
        as_of, row = service.as_of(BUILD), await service.rows(BUILD, reader.opd).one(complaint)
        if row is None:
            raise NotFound
        ring = await service.trail.opening(complaint, opd=reader.opd, who=reader.person, where="reporting/recap")
        return OneRow.of(
            row,
            as_of=as_of,
            complainant=shown(ring, row.get("intake", {}).get("complainant"), Complainant),
            notes=shown(ring, row.get("reporting", {}).get("notes"), str),
        )


def _evaluation(router: APIRouter, service: Service) -> None:
    Reader = Annotated[Principal, Depends(service.desk.reading(*READERS))]  # noqa: N806 - a type

    @router.get("/evaluation")
    async def evaluation(
        reader: Reader,
        from_day: Annotated[Day | None, Query(alias="from")] = None,
        to_day: Annotated[Day | None, Query(alias="to")] = None,
        after: After = None,
    ) -> Evaluation:
        """How long each step took for the complaints that arrived from one day to another, both included."""
        if from_day and to_day and from_day > to_day:
            raise PeriodReversed
        await service.seen(BUILD, reader.opd, after)
        as_of, until = service.as_of(BUILD), to_day + timedelta(days=1) if to_day else None
        rows = await service.rows(BUILD, reader.opd).find(_arrived(service, from_day, until))
        steps = [Figures.model_validate(figures) for figures in evaluate(rows)]
        return Evaluation(from_day=from_day, to_day=to_day, as_of=as_of, complaints=len(rows), steps=steps)


def _today(service: Service) -> date:
    return service.desk.now().astimezone(ZoneInfo(service.settings.time_zone)).date()


def _arrived(service: Service, first: date | None, until: date | None) -> dict[str, Any]:
    """Ask for arrivals from the day `first` on and before the day `until`, in the office's time zone."""
    zone = ZoneInfo(service.settings.time_zone)

    def midnight(day: date) -> str:
        return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC).isoformat()

    bounds = {"$gte": midnight(first) if first else "", **({"$lt": midnight(until)} if until else {})}
    return {"intake.arrived_at": bounds}
