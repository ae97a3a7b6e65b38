"""What officers see: who holds which case, and one case with everything said about it. Own office only."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response

from schemas.vocabulary import Complainant, Story, Supplement
from services.kernel.desk import After
from services.kernel.principal import Principal
from services.kernel.projection import Document
from services.kernel.refusal import NotFound
from services.kernel.sealing import Keyring, shown
from services.kernel.service import Service

HOLDERS = ("kasi", "kabid", "kadis")
READERS = (*HOLDERS, "sekretaris", "staf")
MOST = 200
SEALED_TEXTS = ("review", "proposal", "analysis", "reason", "instruction", "body")
ACTS = ("review", "returned", "analysis", "disposition", "draft", "letter")
SEALED_COMPLAINT = ("story", "supplements", "complainant")


def routes(service: Service) -> APIRouter:
    router = APIRouter(tags=["cases"])
    for holder in HOLDERS:
        _work_list(router, service, holder)
    _case(router, service)
    return router


def _work_list(router: APIRouter, service: Service, holder: str) -> None:
    Holder = Annotated[Principal, Depends(service.desk.reading(holder))]  # noqa: N806 - a type

    @router.get(f"/{holder}/cases", operation_id=f"{holder}_cases")
    async def waiting(reader: Holder, after: After = None) -> list[dict[str, Any]]:
        """Cases this officer holds, the longest waiting first."""
        await service.seen("cases", reader.opd, after)
        rows = service.rows("cases", reader.opd)
        return [_listed(row) for row in await rows.find({"routing.holder": holder}, sort="routing.since", limit=MOST)]


def _case(router: APIRouter, service: Service) -> None:
    Reader = Annotated[Principal, Depends(service.desk.reading(*READERS))]  # noqa: N806 - a type

    @router.get("/cases/{complaint}")
    async def one(complaint: str, reader: Reader, response: Response, after: After = None) -> dict[str, Any]:
        """One case, its sealed texts opened; 404 until it reached the Kasi."""
        await service.seen("cases", reader.opd, after)
        row = await service.rows("cases", reader.opd).one(complaint)
        if row is None or "routing" not in row:
            raise NotFound
        response.headers["ETag"] = f'"{row["seen"].get(f"routing/{reader.opd}/{complaint}", 0)}"'
        ring = await service.trail.opening(complaint, opd=reader.opd, who=reader.person, where="routing/case")
        return _opened(row, ring)


def _listed(row: Document) -> Document:
    """A row without what is sealed: for the list, who holds it and since when is enough of the case."""
    told = {name: value for name, value in row.get("intake", {}).items() if name not in SEALED_COMPLAINT}
    case = row["routing"]
    returned = case.get("returned") is not None
    return {
        "complaint": row["complaint"],
        **told,
        "opened_at": case.get("opened_at"),
        "holder": case["holder"],
        "since": case["since"],
        "returned": returned,
    }


def _opened(row: Document, ring: Keyring) -> Document:
    told, case = row.get("intake", {}), row["routing"]
    acts = {name: _said(ring, case[name]) for name in ACTS if case.get(name)}
    return {
        **_listed(row),
        "withdrawn": case.get("withdrawn", False),
        "story": shown(ring, told.get("story"), Story),
        "supplements": [shown(ring, jwe, Supplement) for jwe in told.get("supplements", [])],
        "complainant": shown(ring, told.get("complainant"), Complainant),
        "acts": acts,
    }


def _said(ring: Keyring, act: Document) -> Document:
    return {name: shown(ring, value, str) if name in SEALED_TEXTS else value for name, value in act.items()}
