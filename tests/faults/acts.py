"""The acts of the direct way, step by step, as the people of one office perform them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.faults.house import People

STORY = {"what_happened": "Loket tutup sebelum waktunya.", "request": "Mohon loket dibuka sesuai jadwal."}
PERSON = {"name": "Rahmi Yuliani", "telephone": "0812 6700 1101", "email": "rahmi.yuliani@surat.example"}
NOTHING: dict[str, Any] = {}


@dataclass(frozen=True, kw_only=True, slots=True)
class Filed:
    """A complaint as the complainant knows it; `recorded` is the place of its first fact."""

    complaint: str
    tracking_code: str
    recorded: str


async def file(people: People, person: dict[str, Any] | None = PERSON, story: dict[str, Any] = STORY) -> Filed:
    """Step 1, over the public form."""
    form = {"complainant": person, "story": story}
    return Filed(**await people.done(None, f"intake/public/{people.opd}/complaints", form))


async def classify(people: People, complaint: str, title: str = "Loket tutup sebelum waktunya") -> str:
    """Step 2: what it is. Return the place of the fact, as every act below does."""
    said = {"kind": "complaint", "category": "jam_layanan", "title": title}
    return await _place(people, "staf", f"intake/staf/complaints/{complaint}/classification", said)


async def ask_for(people: People, complaint: str, *missing: str) -> str:
    wanted = {"missing": list(missing), "notice": "Mohon kelengkapan berikut diserahkan."}
    return await _place(people, "staf", f"intake/staf/complaints/{complaint}/completion-requests", wanted)


async def supplement(people: People, filed: Filed, *documents: str) -> str:
    brought = {"code": filed.tracking_code, "text": "Terlampir kelengkapannya.", "documents": list(documents)}
    return await _place(people, None, f"intake/public/{people.opd}/complaints/{filed.complaint}/supplements", brought)


async def declare_complete(people: People, complaint: str) -> str:
    return await _place(people, "staf", f"intake/staf/complaints/{complaint}/completeness", NOTHING)


async def receipt(people: People, complaint: str) -> str:
    """Step 2: the tanda terima. Return the register number."""
    number: str = (await people.done("staf", f"intake/staf/complaints/{complaint}/receipt", NOTHING))["number"]
    return number


async def checked(people: People, complaint: str) -> tuple[str, str]:
    """Step 2 of a complete file. Return its number, and the place of the declaration."""
    await classify(people, complaint)
    complete = await declare_complete(people, complaint)
    return await receipt(people, complaint), complete


async def review(people: People, complaint: str, after: str) -> str:
    said = {"review": "Benar, loket tutup pukul dua.", "proposal": "Perintahkan petugas menunggu sampai tutup."}
    return await _place(people, "kasi", f"routing/kasi/cases/{complaint}/review", said, after)


async def analyse(people: People, complaint: str) -> str:
    said = {"analysis": "Kelalaian petugas loket.", "proposal": "Tegur petugas dan minta maaf."}
    return await _place(people, "kabid", f"routing/kabid/cases/{complaint}/analysis", said)


async def decide(people: People, complaint: str) -> str:
    said = {"ways": ["direct"], "instruction": "Tegur petugas, sampaikan permohonan maaf."}
    return await _place(people, "kadis", f"routing/kadis/cases/{complaint}/disposition", said)


async def draft(people: People, complaint: str) -> str:
    said = {"body": "Kami mohon maaf. Loket dibuka sesuai jadwal mulai besok."}
    return await _place(people, "kasi", f"routing/kasi/cases/{complaint}/recommendation", said)


async def sign(people: People, complaint: str, number: str = "480/1/PH/XI-2026") -> str:
    signing = {"letter_number": number, "letter_date": "2026-11-23", "signature": "wet"}
    return await _place(people, "kadis", f"routing/kadis/cases/{complaint}/signature", signing)


async def decided(people: People, complaint: str, complete: str) -> str:
    """Steps 3, 4, 5 and 11: from the review to the signed letter, whose place is returned."""
    await review(people, complaint, complete)
    await analyse(people, complaint)
    await decide(people, complaint)
    await draft(people, complaint)
    return await sign(people, complaint)


async def received(people: People, complaint: str, after: str, **said: str) -> str:
    at = f"notification/staf/cases/{complaint}/receipt-of-recommendation"
    return await _place(people, "staf", at, {"receiver": "complainant", **said}, after)


async def record(people: People, complaint: str, after: str, outcome: str = "settled") -> str:
    """Step 13."""
    at = f"reporting/staf/cases/{complaint}/record"
    return await _place(people, "staf", at, {"outcome": outcome}, after)


def withdrawal(people: People, filed: Filed) -> tuple[str, dict[str, Any]]:
    """Where and with which words the complainant takes the complaint back."""
    at = f"intake/public/{people.opd}/complaints/{filed.complaint}/withdrawal"
    return at, {"code": filed.tracking_code, "reason": "Masalah sudah selesai."}


async def _place(people: People, role: str | None, at: str, body: object, after: str | None = None) -> str:
    recorded: str = (await people.done(role, at, body, after=after))["recorded"]
    return recorded
