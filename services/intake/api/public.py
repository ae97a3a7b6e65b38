"""The complainant's side: file, ask, supplement, withdraw. No account; the tracking code is the credential."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response

from services.intake.api.counter import Counter
from services.intake.api.requests import (
    Filed,
    Filing,
    PublicSupplementing,
    PublicWithdrawal,
    Supplementing,
    Tracking,
    TrackRequest,
    Withdrawal,
)
from services.kernel.desk import After, Call, stamp
from services.kernel.edge import Done, done, office
from services.kernel.refusal import NotFound
from services.kernel.sealing import shown
from services.kernel.service import Service


def routes(service: Service) -> APIRouter:
    router = APIRouter(prefix="/public/{opd}", tags=["public"])
    _acts(router, service, Counter(service))
    _views(router, service, Counter(service))
    return router


def _acts(router: APIRouter, service: Service, counter: Counter) -> None:
    Public = Annotated[Call, Depends(service.desk.public)]  # noqa: N806 - a type
    Office = Annotated[str, Depends(office(service))]  # noqa: N806 - a type

    @router.post("/complaints", status_code=201)
    async def file(filing: Filing, opd: Office, call: Public, response: Response) -> Filed:
        filed, appended = await counter.file(call, opd, filing)
        stamp(response, f"intake/{opd}/{filed.complaint}", appended)
        return filed

    @router.post("/complaints/{complaint}/supplements")
    async def supplement(
        complaint: str, brought: PublicSupplementing, opd: Office, call: Public, response: Response
    ) -> Done:
        told = Supplementing(text=brought.text, documents=brought.documents)
        appended = await counter.supplement(call, opd, complaint, told, brought.code)
        return done(response, f"intake/{opd}/{complaint}", appended)

    @router.post("/complaints/{complaint}/withdrawal")
    async def withdraw(complaint: str, wish: PublicWithdrawal, opd: Office, call: Public, response: Response) -> Done:
        told = Withdrawal(reason=wish.reason)
        appended = await counter.withdraw(call, opd, complaint, told, wish.code)
        return done(response, f"intake/{opd}/{complaint}", appended)


def _views(router: APIRouter, service: Service, counter: Counter) -> None:
    Office = Annotated[str, Depends(office(service))]  # noqa: N806 - a type

    @router.post("/track")
    async def track(asked: TrackRequest, opd: Office, after: After = None) -> Tracking:
        """Find by code and number together; which of the two is wrong is not said."""
        await service.seen("tracking", opd, after)
        found = await service.rows("tracking", opd).find({"intake.tracking_hash": counter.hash_of(asked.code)}, limit=1)
        if not found or asked.number not in (found[0]["derived"]["number"], found[0]["complaint"]):
            raise NotFound
        return Tracking(**found[0]["derived"], **await _letter(service, found[0]))


async def _letter(service: Service, row: dict[str, Any]) -> dict[str, str]:
    """Return the letter in the clear for the one whose complaint it answers; nothing before it was issued."""
    routing = row.get("routing", {})
    if "letter_body" not in routing:
        return {}
    ring = await service.trail.opening(row["complaint"], opd=row["opd"], who="pengadu", where="intake/track")
    named = {name: routing[name] for name in ("letter_title", "letter_number", "letter_date")}
    return {**named, "letter": shown(ring, routing["letter_body"], str)}
