"""What Staf see of the correspondence: who was told what, what failed, and who has to be reached another way."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query

from schemas.vocabulary import ComplaintId
from services.kernel.desk import After
from services.kernel.principal import Principal
from services.kernel.projection import Document
from services.kernel.sealing import Keyring, shown
from services.kernel.service import Service

MOST = 200

Beyond = Annotated[ComplaintId | None, Query(description="pengaduan terakhir dari halaman sebelumnya")]


def routes(service: Service) -> APIRouter:
    router = APIRouter(tags=["deliveries"])
    Staf = Annotated[Principal, Depends(service.desk.reading("staf"))]  # noqa: N806 - a type

    @router.get("/staf/deliveries")
    async def deliveries(
        reader: Staf, complaint: ComplaintId | None = None, beyond: Beyond = None, after: After = None
    ) -> list[dict[str, Any]]:
        """What was sent to whom, by complaint in the order of filing; `reachable` false means by e-mail not at all."""
        await service.seen("deliveries", reader.opd, after)
        wanted = {"complaint": complaint} if complaint else {"complaint": {"$gt": beyond or ""}}
        rows = await service.rows("deliveries", reader.opd).find(wanted, sort="complaint", limit=MOST)
        named = [row["complaint"] for row in rows if _receiver(row)]
        rings = await service.trail.openings(named, opd=reader.opd, who=reader.person, where="notification/deliveries")
        return [_told(row, rings.get(row["complaint"])) for row in rows]

    return router


def _told(row: Document, ring: Keyring | None) -> Document:
    said = row.get("notification", {})
    received = said.get("received")
    return {
        "complaint": row["complaint"],
        **row["derived"],
        "contacts": said.get("contacts", []),
        "no_identity": said.get("no_identity"),
        "notices": {name: _without_body(notice) for name, notice in said.get("notices", {}).items()},
        "received": {**received, "receiver_name": _name(ring, received)} if received else None,
    }


def _receiver(row: Document) -> str | None:
    """The sealed name of who took the letter, where it was not the complainant."""
    received = row.get("notification", {}).get("received") or {}
    return received.get("receiver_name")


def _without_body(notice: Document) -> Document:
    return {name: value for name, value in notice.items() if name != "body"}


def _name(ring: Keyring | None, received: Document) -> str | None:
    return shown(ring, received["receiver_name"], str) if ring else None
