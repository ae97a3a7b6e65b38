"""Steps 3, 4, 5 and 11 as acts of officers: `/<actor>/cases/{complaint}/<act>`, always in their own office.

Each may be given `?after=`: then it waits until routing has heard of that fact, so that a review sent right after
the file was declared complete finds its case.
"""

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Depends, Response

from schemas.event import File, Sealed
from services.kernel.desk import Acted, Call
from services.kernel.edge import Done, acting, done, keyring
from services.kernel.sealing import seal
from services.kernel.service import Service
from services.routing.api.requests import Analysis, Disposition, Draft, Return, Review, Signing
from services.routing.commands import (
    AnalyseComplaint,
    Command,
    DraftRecommendation,
    IssueRecommendation,
    MakeDisposition,
    ReturnReview,
    ReviewComplaint,
)

Sealing = Callable[[str], Sealed[File, str]]


def routes(service: Service) -> APIRouter:
    router = APIRouter(tags=["acts"])
    desk = Officers(service)
    for of in (_kasi, _kabid, _kadis):
        of(router, desk)
    return router


class Officers:
    """Takes what an officer says to the case it concerns."""

    def __init__(self, service: Service) -> None:
        self.service = service

    async def sealing(self, call: Call, complaint: str) -> Sealing:
        """Return what seals texts into the office's file of the complaint."""
        ring = await keyring(self.service, _stream(call, complaint))
        return lambda text: seal(ring, File, text)

    async def carry_out(self, call: Call, complaint: str, command: Command, acted: Acted, response: Response) -> Done:
        stream = _stream(call, complaint)
        return done(response, stream, await self.service.desk.carry_out(call, command, stream, acted))


def _stream(call: Call, complaint: str) -> str:
    return f"routing/{call.opd}/{complaint}"


def _kasi(router: APIRouter, desk: Officers) -> None:
    Kasi = Annotated[Call, Depends(acting(desk.service, "kasi"))]  # noqa: N806 - a type
    Drafter = Annotated[Call, Depends(acting(desk.service, "kasi", "staf"))]  # noqa: N806 - a type

    @router.post("/kasi/cases/{complaint}/review")
    async def review(complaint: str, said: Review, call: Kasi, response: Response) -> Done:
        sealed = await desk.sealing(call, complaint)
        command = ReviewComplaint(review=sealed(said.review), proposal=sealed(said.proposal))
        return await desk.carry_out(call, complaint, command, said, response)

    @router.post("/kasi/cases/{complaint}/recommendation")
    async def draft(complaint: str, said: Draft, call: Drafter, response: Response) -> Done:
        sealed = await desk.sealing(call, complaint)
        return await desk.carry_out(call, complaint, DraftRecommendation(body=sealed(said.body)), said, response)


def _kabid(router: APIRouter, desk: Officers) -> None:
    Kabid = Annotated[Call, Depends(acting(desk.service, "kabid"))]  # noqa: N806 - a type

    @router.post("/kabid/cases/{complaint}/return")
    async def send_back(complaint: str, said: Return, call: Kabid, response: Response) -> Done:
        sealed = await desk.sealing(call, complaint)
        return await desk.carry_out(call, complaint, ReturnReview(reason=sealed(said.reason)), said, response)

    @router.post("/kabid/cases/{complaint}/analysis")
    async def analyse(complaint: str, said: Analysis, call: Kabid, response: Response) -> Done:
        sealed = await desk.sealing(call, complaint)
        command = AnalyseComplaint(analysis=sealed(said.analysis), proposal=sealed(said.proposal))
        return await desk.carry_out(call, complaint, command, said, response)


def _kadis(router: APIRouter, desk: Officers) -> None:
    Kadis = Annotated[Call, Depends(acting(desk.service, "kadis"))]  # noqa: N806 - a type

    @router.post("/kadis/cases/{complaint}/disposition")
    async def dispose(complaint: str, said: Disposition, call: Kadis, response: Response) -> Done:
        sealed = await desk.sealing(call, complaint)
        command = MakeDisposition(ways=tuple(said.ways), instruction=sealed(said.instruction))
        return await desk.carry_out(call, complaint, command, said, response)

    @router.post("/kadis/cases/{complaint}/signature")
    async def sign(complaint: str, said: Signing, call: Kadis, response: Response) -> Done:
        command = IssueRecommendation(
            letter_number=said.letter_number, letter_date=said.letter_date, signature=said.signature
        )
        return await desk.carry_out(call, complaint, command, said, response)
