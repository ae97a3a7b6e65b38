"""One complaint on the direct way, from the filing to the record, as its people would act."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import date

    from deploy.demo.office import Office
    from deploy.demo.stories import Told


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """What came of it: the complaint, its register number, and the last fact, to be waited for in the recap."""

    opd: str
    complaint: str
    number: str
    recorded: str
    by_email: bool


async def play(told: Told, office: Office, letter_number: str, letter_date: date) -> Played:
    """Take `told` through steps 1-5 and 11-13."""
    filed = await _file(told, office)
    complaint: str = filed["complaint"]
    number, complete = await _check(told, office, complaint)
    signing = {"letter_number": letter_number, "letter_date": letter_date.isoformat(), "signature": "wet"}
    issued = await _decide(told, office, complaint, complete, signing)
    received = await office.say(
        "staf",
        "notification",
        f"/staf/cases/{complaint}/receipt-of-recommendation",
        {"receiver": "complainant"},
        issued,
    )
    recorded = await office.say(
        "staf", "reporting", f"/staf/cases/{complaint}/record", {"outcome": "settled"}, received["recorded"]
    )
    return Played(
        opd=told.opd,
        complaint=complaint,
        number=number,
        recorded=recorded["recorded"],
        by_email=bool(told.complainant and told.complainant.get("email")),
    )


async def _file(told: Told, office: Office) -> Any:
    form = {"complainant": told.complainant, "story": told.story, **told.filing}
    if told.channel == "web":
        return await office.say(None, "intake", f"/public/{told.opd}/complaints", form)
    return await office.say("staf", "intake", "/staf/complaints", {**form, "channel": told.channel})


async def _check(told: Told, office: Office, complaint: str) -> tuple[str, str]:
    """Step 2: classify, ask for what is missing, declare complete, give the receipt."""
    at = f"/staf/complaints/{complaint}"
    said = {"kind": "complaint", "category": told.category, "title": told.title, "service": told.service}
    await office.say("staf", "intake", f"{at}/classification", said)
    if told.missing:
        wanted = {"missing": list(told.missing), "notice": "Mohon kelengkapan berikut diserahkan ke loket kami."}
        await office.say("staf", "intake", f"{at}/completion-requests", wanted)
        await office.say("staf", "intake", f"{at}/receipt", {})
        brought = {"text": told.supplement, "documents": list(told.missing)}
        await office.say("staf", "intake", f"{at}/supplements", brought)
    complete = await office.say("staf", "intake", f"{at}/completeness", {})
    receipt = await office.say("staf", "intake", f"{at}/receipt", {})
    return receipt["number"], complete["recorded"]


async def _decide(told: Told, office: Office, complaint: str, complete: str, signing: dict[str, str]) -> str:
    """Steps 3, 4, 5 and 11."""
    at = f"cases/{complaint}"
    review = {"review": told.review, "proposal": told.analysis}
    await office.say("kasi", "routing", f"/kasi/{at}/review", review, complete)
    analysis = {"analysis": told.analysis, "proposal": told.instruction}
    await office.say("kabid", "routing", f"/kabid/{at}/analysis", analysis)
    decision = {"ways": ["direct"], "instruction": told.instruction}
    await office.say("kadis", "routing", f"/kadis/{at}/disposition", decision)
    await office.say("kasi", "routing", f"/kasi/{at}/recommendation", {"body": told.letter})
    issued = await office.say("kadis", "routing", f"/kadis/{at}/signature", signing)
    recorded: str = issued["recorded"]
    return recorded
