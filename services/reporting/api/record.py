"""Step 13: Staf or Kasi record how the complaint was handled."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from schemas.event import File, Sealed
from schemas.vocabulary import Outcome, Text
from services.kernel.desk import Acted, Call
from services.kernel.edge import Done, acting, done, keyring
from services.kernel.sealing import seal
from services.kernel.service import Service
from services.reporting.commands import RecordCase


class Record(Acted):
    """Pencatatan hasil penanganan."""

    outcome: Outcome
    notes: Text | None = None


def routes(service: Service) -> APIRouter:
    router = APIRouter(tags=["record"])
    Recorder = Annotated[Call, Depends(acting(service, "staf", "kasi"))]  # noqa: N806 - a type

    @router.post("/staf/cases/{complaint}/record")
    async def record(complaint: str, said: Record, call: Recorder, response: Response) -> Done:
        stream = f"reporting/{call.opd}/{complaint}"
        ring = await keyring(service, stream)
        notes: Sealed[File, str] | None = None if said.notes is None else seal(ring, File, said.notes)
        command = RecordCase(outcome=said.outcome, notes=notes)
        return done(response, stream, await service.desk.carry_out(call, command, stream, said))

    return router
