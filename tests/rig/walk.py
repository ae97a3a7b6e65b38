"""A complaint walked along the direct way, over HTTP, as far as a test needs it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from services.kernel import clock
from tests.rig.rig import AGAM, Rig

if TYPE_CHECKING:
    from collections.abc import Mapping

    import httpx2


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One act: where it goes, by whom, and what is said."""

    service: str
    path: str
    by: str | None
    body: Mapping[str, Any]


STORY = {"what_happened": "Izin belum terbit setelah tiga bulan 😀", "place": "Lubuk Basung"}
WAY: Mapping[str, Step] = {
    "filed": Step(service="intake", path="/public/{opd}/complaints", by=None, body={"story": STORY}),
    "classified": Step(
        service="intake",
        path="/staf/complaints/{complaint}/classification",
        by="staf",
        body={"kind": "complaint", "category": "permit_delay", "title": "Izin belum terbit"},
    ),
    "complete": Step(service="intake", path="/staf/complaints/{complaint}/completeness", by="staf", body={}),
    "receipted": Step(service="intake", path="/staf/complaints/{complaint}/receipt", by="staf", body={}),
    "reviewed": Step(
        service="routing",
        path="/kasi/cases/{complaint}/review",
        by="kasi",
        body={"review": "Berkas diperiksa 👍", "proposal": "Dijawab langsung"},
    ),
    "analysed": Step(
        service="routing",
        path="/kabid/cases/{complaint}/analysis",
        by="kabid",
        body={"analysis": "Keterlambatan terbukti", "proposal": "Terbitkan izin"},
    ),
    "decided": Step(
        service="routing",
        path="/kadis/cases/{complaint}/disposition",
        by="kadis",
        body={"ways": ["direct"], "instruction": "Jawab dengan surat"},
    ),
    "drafted": Step(
        service="routing",
        path="/kasi/cases/{complaint}/recommendation",
        by="kasi",
        body={"body": "Izin Saudara terbit hari ini.\nMohon maaf atas keterlambatannya."},
    ),
    "issued": Step(
        service="routing",
        path="/kadis/cases/{complaint}/signature",
        by="kadis",
        body={"letter_number": "500.16/12/PH/2026", "letter_date": "2026-03-04", "signature": "wet"},
    ),
    "received": Step(
        service="notification",
        path="/staf/cases/{complaint}/receipt-of-recommendation",
        by="staf",
        body={"receiver": "complainant"},
    ),
    "recorded": Step(
        service="reporting",
        path="/staf/cases/{complaint}/record",
        by="staf",
        body={"outcome": "settled", "notes": "Selesai tanpa keberatan"},
    ),
}
"""The direct way; each act leaves the complaint standing at its name."""

ASIDE: Mapping[str, tuple[str, Step]] = {
    "asked": (
        "classified",
        Step(
            service="intake",
            path="/staf/complaints/{complaint}/completion-requests",
            by="staf",
            body={"missing": ["evidence", "signature"], "notice": "Mohon dilengkapi 🙏"},
        ),
    ),
    "returned": (
        "reviewed",
        Step(service="routing", path="/kabid/cases/{complaint}/return", by="kabid", body={"reason": "Lengkapi 🙏"}),
    ),
}
"""Where one may stand beside it, and after what."""


@dataclass(slots=True)
class Walked:
    """A complaint and where it stands. `recorded` is the last fact, to come after."""

    rig: Rig
    opd: str
    complaint: str
    code: str
    email: str
    recorded: str
    number: str | None = None

    def path(self, path: str) -> str:
        return path.format(opd=self.opd, complaint=self.complaint)

    async def say(self, step: Step, **more: Any) -> httpx2.Response:
        """Ask for `step` after all that was said before."""
        said = {"by": step.by, "opd": self.opd, "after": self.recorded, **more}
        return await self.rig.post(step.service, self.path(step.path), step.body, **said)

    async def go(self, name: str) -> None:
        answer = await self.say(WAY[name] if name in WAY else ASIDE[name][1])
        assert answer.status_code == 200, (name, answer.text)
        self.recorded = answer.json()["recorded"]
        self.number = answer.json().get("number", self.number)


async def walked(rig: Rig, to: str, *, opd: str = AGAM, identity: bool = True) -> Walked:
    """File a complaint and take it to where it stands at `to`; its complainant has an address nobody else has."""
    email = f"warga-{clock.new_id()}@contoh.id"
    person = {"name": "Siti Aminah", "email": email, "telephone": "0812 3456 789"}
    form = {**WAY["filed"].body, "complainant": person if identity else None}
    answer = await rig.post("intake", f"/public/{opd}/complaints", form)
    assert answer.status_code == 201, answer.text
    filed = answer.json()
    case = Walked(rig, opd, filed["complaint"], filed["tracking_code"], email, filed["recorded"])
    names = list(WAY)
    on_the_way = ASIDE[to][0] if to in ASIDE else to
    for name in names[1 : names.index(on_the_way) + 1]:
        await case.go(name)
    if to in ASIDE:
        await case.go(to)
    return case
