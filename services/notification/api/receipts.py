"""Step 12: the letter is in the complainant's hands. They say so themselves, or Staf record the signed receipt."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Response

from schemas.event import File
from services.kernel.desk import NOW, Acted, After, Call
from services.kernel.edge import Done, acting, done, keyring, office
from services.kernel.sealing import seal, token
from services.kernel.service import Service
from services.notification.api.requests import PublicReceipt, Receipt
from services.notification.commands import AcknowledgeReceipt


def routes(service: Service) -> APIRouter:
    router = APIRouter(tags=["receipts"])
    _staf(router, Receipts(service))
    _public(router, Receipts(service))
    return router


class Receipts:
    """Takes a receipt to the correspondence it belongs to."""

    def __init__(self, service: Service) -> None:
        self.service = service

    async def on_paper(self, call: Call, complaint: str, said: Receipt, response: Response) -> Done:
        """Record a signed receipt that Staf hold. Its own time may be no later than now, nor too long ago."""
        at = None if said.received_at is None else self.service.desk.occurred(call, said.received_at)
        return await self._acknowledge(call, call.opd, complaint, _Said(said, None, at), response)

    async def by_code(self, call: Call, opd: str, complaint: str, said: PublicReceipt, response: Response) -> Done:
        shown = token(self.service.settings.token_key.get_secret_value().encode(), said.code)
        return await self._acknowledge(call, opd, complaint, _Said(said, shown, None), response)

    async def _acknowledge(self, call: Call, opd: str, complaint: str, said: "_Said", response: Response) -> Done:
        stream = f"notification/{opd}/{complaint}"
        ring, name = await keyring(self.service, stream), said.body.receiver_name
        command = AcknowledgeReceipt(
            tracking_hash=said.tracking_hash,
            receiver=said.body.receiver,
            receiver_name=None if name is None else seal(ring, File, name),
            received_at=said.received_at,
        )
        acted = said.body if isinstance(said.body, Acted) else NOW
        return done(response, stream, await self.service.desk.carry_out(call, command, stream, acted))


@dataclass(frozen=True, slots=True)
class _Said:
    body: Receipt | PublicReceipt
    tracking_hash: str | None
    received_at: datetime | None


def _staf(router: APIRouter, receipts: Receipts) -> None:
    Staf = Annotated[Call, Depends(acting(receipts.service, "staf"))]  # noqa: N806 - a type

    @router.post("/staf/cases/{complaint}/receipt-of-recommendation")
    async def record(complaint: str, said: Receipt, call: Staf, response: Response) -> Done:
        return await receipts.on_paper(call, complaint, said, response)


def _public(router: APIRouter, receipts: Receipts) -> None:
    service = receipts.service
    Public = Annotated[Call, Depends(service.desk.public)]  # noqa: N806 - a type
    Office = Annotated[str, Depends(office(service))]  # noqa: N806 - a type

    @router.post("/public/{opd}/complaints/{complaint}/receipt-of-recommendation")
    async def confirm(
        opd: Office, complaint: str, said: PublicReceipt, call: Public, response: Response, after: After = None
    ) -> Done:
        await service.reacted(opd, after)
        return await receipts.by_code(call, opd, complaint, said, response)
