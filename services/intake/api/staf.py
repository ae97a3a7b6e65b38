"""Staf's side of steps 1 and 2: `/staf/complaints/...`, always of the caller's own office."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response

from schemas.event import Sealed, Subject
from schemas.vocabulary import Complainant, Story
from services.intake.api.counter import Counter
from services.intake.api.requests import (
    Classification,
    CompletionDemand,
    CounterFiling,
    Filed,
    Numbered,
    Recorded,
    Supplementing,
    Withdrawal,
)
from services.intake.commands import ClassifyComplaint, DeclareComplete
from services.kernel.commit import Appended
from services.kernel.desk import Acted, After, Call, stamp
from services.kernel.principal import Principal
from services.kernel.refusal import NotFound
from services.kernel.sealing import ERASED_TEXT, Erased, Keyring, open_
from services.kernel.service import Service

STAF = "staf"


def routes(service: Service) -> APIRouter:
    router = APIRouter(prefix="/staf/complaints", tags=["staf"])
    _acts(router, service, Counter(service))
    _views(router, service)
    return router


def _acts(router: APIRouter, service: Service, counter: Counter) -> None:
    Acting = Annotated[Call, Depends(service.desk.acting(STAF))]  # noqa: N806 - a type

    @router.post("", status_code=201)
    async def file(filing: CounterFiling, call: Acting, response: Response) -> Filed:
        filed, appended = await counter.file(call, call.opd, filing)
        stamp(response, _stream(call, filed.complaint), appended)
        return filed

    @router.post("/{complaint}/classification")
    async def classify(complaint: str, said: Classification, call: Acting, response: Response) -> Recorded:
        command = ClassifyComplaint(kind=said.kind, category=said.category, title=said.title, service=said.service)
        return _answer(response, call, complaint, await counter.act(call, call.opd, complaint, command, said))

    @router.post("/{complaint}/completion-requests")
    async def request_completion(
        complaint: str, demand: CompletionDemand, call: Acting, response: Response
    ) -> Recorded:
        return _answer(response, call, complaint, await counter.request_completion(call, complaint, demand))

    @router.post("/{complaint}/supplements")
    async def supplement(complaint: str, brought: Supplementing, call: Acting, response: Response) -> Recorded:
        return _answer(response, call, complaint, await counter.supplement(call, call.opd, complaint, brought))

    @router.post("/{complaint}/completeness")
    async def declare_complete(complaint: str, acted: Acted, call: Acting, response: Response) -> Recorded:
        appended = await counter.act(call, call.opd, complaint, DeclareComplete(), acted)
        return _answer(response, call, complaint, appended)

    @router.post("/{complaint}/receipt")
    async def receipt(complaint: str, acted: Acted, call: Acting, response: Response) -> Numbered:
        number, appended = await counter.receipt(call, complaint, acted)
        recorded = stamp(response, _stream(call, complaint), appended)
        return Numbered(complaint=complaint, recorded=recorded, number=number)

    @router.post("/{complaint}/withdrawal")
    async def withdraw(complaint: str, wish: Withdrawal, call: Acting, response: Response) -> Recorded:
        return _answer(response, call, complaint, await counter.withdraw(call, call.opd, complaint, wish))


def _views(router: APIRouter, service: Service) -> None:
    Reading = Annotated[Principal, Depends(service.desk.reading(STAF, "kasi"))]  # noqa: N806 - a type

    @router.get("")
    async def waiting(reader: Reading, next: str | None = None, after: After = None) -> list[dict[str, Any]]:  # noqa: A002
        await service.seen("complaints", reader.opd, after)
        wanted = {"derived.next": next} if next else {}
        found = await service.rows("complaints", reader.opd).find(wanted, sort="intake.arrived_at", limit=200)
        return [_listed(row) for row in found if "intake" in row]

    @router.get("/{complaint}")
    async def one(complaint: str, reader: Reading, response: Response, after: After = None) -> dict[str, Any]:
        await service.seen("complaints", reader.opd, after)
        row = await service.rows("complaints", reader.opd).one(complaint)
        if row is None or "intake" not in row:
            raise NotFound
        response.headers["ETag"] = f'"{row["seen"].get(f"intake/{reader.opd}/{complaint}", 0)}"'
        ring = await service.trail.opening(complaint, opd=reader.opd, who=reader.person, where="intake/complaint")
        return {**_listed(row), **_opened(row["intake"], ring)}


def _stream(call: Call, complaint: str) -> str:
    return f"intake/{call.opd}/{complaint}"


def _answer(response: Response, call: Call, complaint: str, appended: Appended) -> Recorded:
    return Recorded(complaint=complaint, recorded=stamp(response, _stream(call, complaint), appended))


SEALED = ("complainant", "story", "supplements", "tracking_hash")


def _listed(row: dict[str, Any]) -> dict[str, Any]:
    """A row without what is sealed."""
    known = {name: value for name, value in row["intake"].items() if name not in SEALED}
    return {"complaint": row["complaint"], **known, **row["derived"]}


def _opened(intake: dict[str, Any], ring: Keyring) -> dict[str, Any]:
    """What Staf need of the complainant's own words; after an erasure, that it was erased."""
    try:
        person: Sealed[Subject, Complainant] | None = Sealed(intake["complainant"]) if intake["complainant"] else None
        story: Sealed[Subject, Story] = Sealed(intake["story"])
        return {
            "complainant": open_(ring, person, Complainant).model_dump(mode="json") if person else None,
            "story": open_(ring, story, Story).model_dump(mode="json"),
        }
    except Erased:
        return {"complainant": ERASED_TEXT, "story": ERASED_TEXT}
