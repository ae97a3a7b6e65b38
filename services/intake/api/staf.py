"""Staf's side of steps 1 and 2: `/staf/complaints/...`, always of the caller's own office."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response

from schemas.vocabulary import Complainant, Story
from services.intake.api.counter import Counter
from services.intake.api.requests import (
    Classification,
    CompletionDemand,
    CounterFiling,
    Filed,
    Numbered,
    Supplementing,
    Withdrawal,
)
from services.intake.commands import ClassifyComplaint, DeclareComplete
from services.kernel.desk import Acted, After, Call, stamp
from services.kernel.edge import Done, done
from services.kernel.principal import Principal
from services.kernel.refusal import NotFound
from services.kernel.sealing import Keyring, shown
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
    async def classify(complaint: str, said: Classification, call: Acting, response: Response) -> Done:
        command = ClassifyComplaint(kind=said.kind, category=said.category, title=said.title, service=said.service)
        return done(response, _stream(call, complaint), await counter.act(call, call.opd, complaint, command, said))

    @router.post("/{complaint}/completion-requests")
    async def request_completion(complaint: str, demand: CompletionDemand, call: Acting, response: Response) -> Done:
        return done(response, _stream(call, complaint), await counter.request_completion(call, complaint, demand))

    @router.post("/{complaint}/supplements")
    async def supplement(complaint: str, brought: Supplementing, call: Acting, response: Response) -> Done:
        return done(response, _stream(call, complaint), await counter.supplement(call, call.opd, complaint, brought))

    @router.post("/{complaint}/completeness")
    async def declare_complete(complaint: str, acted: Acted, call: Acting, response: Response) -> Done:
        appended = await counter.act(call, call.opd, complaint, DeclareComplete(), acted)
        return done(response, _stream(call, complaint), appended)

    @router.post("/{complaint}/receipt")
    async def receipt(complaint: str, acted: Acted, call: Acting, response: Response) -> Numbered:
        number, appended = await counter.receipt(call, complaint, acted)
        recorded = stamp(response, _stream(call, complaint), appended)
        return Numbered(complaint=complaint, recorded=recorded, number=number)

    @router.post("/{complaint}/withdrawal")
    async def withdraw(complaint: str, wish: Withdrawal, call: Acting, response: Response) -> Done:
        return done(response, _stream(call, complaint), await counter.withdraw(call, call.opd, complaint, wish))


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


SEALED = ("complainant", "story", "supplements", "tracking_hash")


def _listed(row: dict[str, Any]) -> dict[str, Any]:
    """A row without what is sealed."""
    known = {name: value for name, value in row["intake"].items() if name not in SEALED}
    return {"complaint": row["complaint"], **known, **row["derived"]}


def _opened(intake: dict[str, Any], ring: Keyring) -> dict[str, Any]:
    """What Staf need of the complainant's own words; after an erasure, that it was erased."""
    return {
        "complainant": shown(ring, intake["complainant"], Complainant),
        "story": shown(ring, intake["story"], Story),
    }
