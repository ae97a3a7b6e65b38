"""What the Kabid sees of meetings. On the direct way none is asked for; a disposition of another release may."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from schemas.event import File
from services.kernel.envelope import Circumstances
from services.kernel.sealing import seal
from services.meeting.commands import NoteWithdrawal, RequestMeeting
from tests.rig.promises import is_problem
from tests.rig.rig import AGAM, DISDIK
from tests.rig.walk import Walked, walked

if TYPE_CHECKING:
    from collections.abc import Sequence

    from services.meeting.commands import Command
    from tests.rig.rig import Rig

pytestmark = pytest.mark.integration

PATH = "/kabid/meetings"


async def asked_for(rig: Rig, commands: Sequence[str]) -> Walked:
    """A complaint for which meeting's policies gave these orders."""
    case = await walked(rig, "receipted")
    service, stream = rig.services["meeting"], f"meeting/{AGAM}/{case.complaint}"
    instruction = seal(await service.keys.of(case.complaint), File, "Undang tim teknis")
    orders: dict[str, Command] = {
        "request": RequestMeeting(after_study=False, instruction=instruction),
        "withdraw": NoteWithdrawal(),
    }
    for name in commands:
        now = service.desk.now()
        at = Circumstances(
            command_id=f"test/{case.complaint}/{name}",
            fingerprint=name,
            actor="policy:meeting/test",
            occurred_at=now,
            recorded_at=now,
            correlation=case.complaint,
        )
        head = (await service.handler.handle(orders[name], stream, at)).head
        case.recorded = f"{stream}@{head.sequence}"
    return case


async def test_a_meeting_asked_for_is_listed_with_what_the_kadis_wrote(rig: Rig) -> None:
    case = await asked_for(rig, ["request"])

    listed = (await rig.get("meeting", PATH, by="kabid", after=case.recorded)).json()

    (mine,) = [row for row in listed if row["complaint"] == case.complaint]
    assert (mine["status"], mine["instruction"]) == ("Rapat diminta", "Undang tim teknis")


async def test_a_withdrawal_calls_the_meeting_off(rig: Rig) -> None:
    case = await asked_for(rig, ["request", "withdraw"])

    listed = (await rig.get("meeting", PATH, by="kabid", after=case.recorded)).json()

    (mine,) = [row for row in listed if row["complaint"] == case.complaint]
    assert mine["status"] == "Rapat dibatalkan"


async def test_what_the_kadis_wrote_is_gone_after_an_erasure(rig: Rig) -> None:
    case = await asked_for(rig, ["request"])
    service = rig.services["meeting"]
    await service.keys.erase(case.complaint, "both", who="arsip", why="retensi", at=service.desk.now())

    listed = (await rig.get("meeting", PATH, by="kabid", after=case.recorded)).json()

    (mine,) = [row for row in listed if row["complaint"] == case.complaint]
    assert mine["instruction"] == "[data pribadi telah dihapus]"


async def test_a_complaint_settled_directly_has_no_meeting(rig: Rig) -> None:
    case = await walked(rig, "decided")

    listed = (await rig.get("meeting", PATH, by="kabid", after=case.recorded)).json()

    assert case.complaint not in [row["complaint"] for row in listed]


async def test_meetings_are_for_the_kabid_of_the_office(rig: Rig) -> None:
    case = await asked_for(rig, ["request"])

    is_problem(await rig.get("meeting", PATH, by="staf"), 403, "forbidden")
    is_problem(await rig.clients["meeting"].get(PATH), 401, "unauthenticated")
    await rig.get("meeting", PATH, by="kabid", after=case.recorded)
    elsewhere = (await rig.get("meeting", PATH, by="kabid", opd=DISDIK)).json()
    assert case.complaint not in [row["complaint"] for row in elsewhere]


async def test_meeting_describes_itself(rig: Rig) -> None:
    described = (await rig.clients["meeting"].get("/openapi.json")).json()

    assert described["openapi"].startswith("3.1")
    assert PATH in described["paths"]
