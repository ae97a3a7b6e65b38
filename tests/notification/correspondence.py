"""What has become of the letters about a complaint."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.rig.rig import Rig
    from tests.rig.walk import Walked


async def told(rig: Rig, case: Walked, after: str | None = None) -> dict[str, Any]:
    """What Staf see of the correspondence about `case`, once `after` is in it."""
    answer = await rig.get(
        "notification",
        "/staf/deliveries",
        by="staf",
        opd=case.opd,
        complaint=case.complaint,
        after=after or case.recorded,
    )
    assert answer.status_code == 200, answer.text
    (row,) = answer.json()
    seen: dict[str, Any] = row
    return seen


async def settled(rig: Rig, case: Walked, notice: str, status: str, attempts: int = 1) -> dict[str, Any]:
    """Wait for `notice` to come to `status` after so many attempts, or more."""
    rows = rig.services["notification"].rows("deliveries", case.opd)
    while True:
        ring = rows.view.changed.listen()
        row = await rows.one(case.complaint) or {}
        said: dict[str, Any] = row.get("notification", {}).get("notices", {}).get(f"{case.complaint}-{notice}", {})
        if said.get("status") == status and said["attempts"] >= attempts:
            return said
        await ring.wait()
