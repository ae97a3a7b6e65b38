"""What the Kabid sees of step 6: the meetings a disposition asked for, in the order they were asked for."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends

from services.kernel.desk import After
from services.kernel.principal import Principal
from services.kernel.projection import Document
from services.kernel.sealing import Keyring, shown
from services.kernel.service import Service

MOST = 200


def routes(service: Service) -> APIRouter:
    router = APIRouter(tags=["meetings"])
    Kabid = Annotated[Principal, Depends(service.desk.reading("kabid"))]  # noqa: N806 - a type

    @router.get("/kabid/meetings")
    async def meetings(reader: Kabid, after: After = None) -> list[dict[str, Any]]:
        """Asked for and called off; a complaint settled without a meeting is not listed."""
        await service.seen("meetings", reader.opd, after)
        wanted = {"derived.status": {"$gt": ""}}
        rows = await service.rows("meetings", reader.opd).find(wanted, sort="meeting.requested_at", limit=MOST)
        listed = [row["complaint"] for row in rows]
        rings = await service.trail.openings(listed, opd=reader.opd, who=reader.person, where="meeting/meetings")
        return [_asked(row, rings.get(row["complaint"])) for row in rows]

    return router


def _asked(row: Document, ring: Keyring | None) -> Document:
    meeting, told = row["meeting"], row.get("intake", {})
    return {
        "complaint": row["complaint"],
        "number": told.get("number"),
        "title": told.get("title"),
        **row["derived"],
        **meeting,
        "instruction": shown(ring, meeting["instruction"], str) if ring else None,
    }
