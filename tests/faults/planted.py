"""A case in which every field that takes personal data, or an officer's free text, holds a text found nowhere else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.faults import acts

if TYPE_CHECKING:
    from tests.faults.house import House, People

TITLE = "Judul netral Wyxqorvath"

PERSON = {
    "name": 'Zubaidah "Upik" Qinthara Wibisânata',
    "address": "Jorong Kurnialestari Vxwqa 77/B, Nagari Sungai Pua",
    "telephone": "0811-5550-119-8837",
    "email": "zubaidah.qinthara.vx@surat-rahasia.example",
    "identity_number": "1306055550119884",
    "proxy": {
        "name": "Kuasa Hukum Xerophyllum Batuah",
        "address": "Gang Mawar Nomor 5550119",
        "telephone": "0822-5550-771-2231",
        "letter_number": "KUASA/5550119/QX",
    },
}
STORY = {
    "service": "Layanan Qsrvzot di loket tiga",
    "what_happened": "Saya dimintai uang Qplmzot oleh petugas loket. 😟 Saya menolak, é lalu berkas dilempar.",
    "place": "Ruang tunggu Vbrnaxo",
    "when": "Senin pagi pukul 08.13 Kjwqe",
    "loss": "Rp5.550.119 milik Hxzuwi",
    "request": "Mohon uang Tyqowm dikembalikan.",
    "party": "Petugas bernama Ghwyzzat Palindih",
    "application_number": "IUM-5550-QXV-0119",
    "sender_number": "14/QXV-5550/XI",
}
SUPPLEMENT = "Terlampir foto tetangga Mbrqzal dan kuitansinya."
WITHDRAWAL = "Saya cabut karena diancam Orqwexa."
NOTICE = "Mohon lengkapi bukti tentang Fzqellu."
RETURN = "Periksa lagi keterangan Dwqoxim."
REVIEW = ("Menurut telaahan, Ywqenaf bersalah.", "Usul: panggil Nqwuzet.")
ANALYSIS = ("Analisis terhadap Lqwyrop.", "Usul: periksa Hqwandu.")
INSTRUCTION = "Disposisi: kembalikan uang kepada Pqwizem."
LETTER = "Dengan hormat, uang Saudara Bqwolan telah dikembalikan."
RECEIVER = "Tetangga Rqwustam Sutan Mudo"
NOTES = "Catatan akhir mengenai Cqwetani."


@dataclass(frozen=True, kw_only=True, slots=True)
class Planted:
    """What was planted: `personal` must be nowhere, `title` is not sealed; the rest is to ask about it."""

    complaint: str
    number: str
    tracking_code: str
    title: str
    story: str
    letter: str
    personal: tuple[str, ...]
    of_the_subject: tuple[str, ...]
    late_acts: tuple[tuple[str, object], ...]


async def planted(house: House, opd: str) -> Planted:
    """Walk the whole direct way with them, and withdraw another complaint with a reason."""
    people = house.people(opd)
    filed = await acts.file(people, PERSON, STORY)
    number, complete = await _checked(people, filed)
    await _decided(people, filed.complaint, complete)
    issued = await acts.sign(people, filed.complaint)
    received = await acts.received(people, filed.complaint, issued, receiver="other", receiver_name=RECEIVER)
    record = {"outcome": "settled", "notes": NOTES}
    last = await people.done("staf", f"reporting/staf/cases/{filed.complaint}/record", record, after=received)
    await people.seen("staf", f"reporting/recap/{filed.complaint}", after=last["recorded"])
    await _withdrawn(people)
    await people.done(None, f"intake/public/{opd}/track", {"number": number, "code": filed.tracking_code})
    return _told(filed, number)


async def _checked(people: People, filed: acts.Filed) -> tuple[str, str]:
    """Step 2, with a completion asked for and brought. Return the number, and the place of the declaration."""
    await acts.classify(people, filed.complaint, TITLE)
    asked = {"missing": ["evidence"], "notice": NOTICE}
    await people.done("staf", f"intake/staf/complaints/{filed.complaint}/completion-requests", asked)
    brought = {"code": filed.tracking_code, "text": SUPPLEMENT, "documents": ["evidence"]}
    await people.done(None, f"intake/public/{people.opd}/complaints/{filed.complaint}/supplements", brought)
    complete = await acts.declare_complete(people, filed.complaint)
    return await acts.receipt(people, filed.complaint), complete


async def _decided(people: People, complaint: str, complete: str) -> None:
    """Steps 3, 4, 5 and the draft of 11, with a review that is sent back once."""
    review = {"review": REVIEW[0], "proposal": REVIEW[1]}
    await people.done("kasi", f"routing/kasi/cases/{complaint}/review", review, after=complete)
    await people.done("kabid", f"routing/kabid/cases/{complaint}/return", {"reason": RETURN})
    await people.done("kasi", f"routing/kasi/cases/{complaint}/review", review)
    analysis = {"analysis": ANALYSIS[0], "proposal": ANALYSIS[1]}
    await people.done("kabid", f"routing/kabid/cases/{complaint}/analysis", analysis)
    decision = {"ways": ["direct"], "instruction": INSTRUCTION}
    await people.done("kadis", f"routing/kadis/cases/{complaint}/disposition", decision)
    await people.done("kasi", f"routing/kasi/cases/{complaint}/recommendation", {"body": LETTER})


async def _withdrawn(people: People) -> None:
    other = await acts.file(people, PERSON, STORY)
    await acts.classify(people, other.complaint, TITLE)
    at = f"intake/public/{people.opd}/complaints/{other.complaint}/withdrawal"
    await people.done(None, at, {"code": other.tracking_code, "reason": WITHDRAWAL})


def _told(filed: acts.Filed, number: str) -> Planted:
    code = filed.tracking_code
    subject = (*_texts(PERSON), *_texts(STORY), SUPPLEMENT, WITHDRAWAL, code, code.replace("-", ""))
    office = (NOTICE, RETURN, *REVIEW, *ANALYSIS, INSTRUCTION, LETTER, RECEIVER, NOTES)
    at = f"intake/staf/complaints/{filed.complaint}"
    return Planted(
        complaint=filed.complaint,
        number=number,
        tracking_code=code,
        title=TITLE,
        story=STORY["what_happened"],
        letter=LETTER,
        personal=(*subject, *_words((*subject, *office)), *office),
        of_the_subject=subject,
        late_acts=((f"{at}/supplements", {"text": "Susulan."}), (f"{at}/withdrawal", {"reason": "Cabut."})),
    )


def _texts(value: dict[str, Any]) -> list[str]:
    return [text for part in value.values() for text in (_texts(part) if isinstance(part, dict) else [part])]


def _words(texts: tuple[str, ...]) -> set[str]:
    """The made-up words by themselves: a leak may be of a part only."""
    return {word.strip('.,"') for text in texts for word in text.split() if "q" in word.lower() or "5550" in word}
