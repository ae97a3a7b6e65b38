"""Words used by more than one service, and the models that are met sealed and never in the clear."""

from collections.abc import Collection, Mapping
from datetime import date
from types import MappingProxyType
from typing import Annotated, Final, Literal

from pydantic import StringConstraints

from schemas.event import Model

Code = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
"""A value of a table that an office may lengthen: a channel, a category, a missing document, a reason."""

Line = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=r"^[^\u0000-\u001f\u007f]*$"),
]
"""One line of plain text without control characters."""

Text = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True,
        min_length=1,
        max_length=20_000,
        pattern=r"^[^\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]*$",
    ),
]
"""Plain text of several lines; line ends and tabs are its only control characters."""

ComplaintId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
TrackingHash = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
"""SHA-256 of a tracking code, in hex. The code itself is a credential and travels sealed."""

Email = Annotated[str, StringConstraints(pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$", max_length=254)]
Telephone = Annotated[str, StringConstraints(pattern=r"^[0-9+][0-9 ()-]{4,24}$")]


Kind = Literal["complaint", "enquiry", "suggestion", "dismissal"]
"""What triage at step 2 finds: pengaduan, permintaan informasi, saran, tidak dapat ditangani."""

Way = Literal["direct", "study", "meeting", "transfer"]
"""Ways through step 5. Study and meeting may be ordered at once; the others stand alone."""

ContactKind = Literal["email", "telephone", "address"]
NoticeKind = Literal["receipt", "recommendation"]
"""What a complainant is written about: the tanda terima of step 2, the letter of step 11."""

Signature = Literal["wet", "tte"]
"""Tanda tangan basah, or tanda tangan elektronik."""

Proof = Literal["tracking_code", "signed_statement"]
"""How an act of the complainant is known to be theirs: they showed the code, or Staf hold a signed paper."""

Receiver = Literal["complainant", "proxy", "other"]
Outcome = Literal["settled", "unsettled", "withdrawn"]


def _table(labels: dict[str, str]) -> Mapping[str, str]:
    return MappingProxyType(labels)


CHANNELS: Final = _table(
    {
        "web": "Situs web",
        "counter": "Datang langsung ke loket",
        "letter": "Surat",
        "telephone": "Telepon",
        "sms": "SMS",
        "email": "Surel",
        "box": "Kotak pengaduan/saran",
        "whatsapp": "WhatsApp",
        "lapor": "SP4N-LAPOR!",
        "social_media": "Media sosial",
        "mpp": "Mal pelayanan publik",
        "referral": "Rujukan (Ombudsman, DPRD, Inspektorat, Bupati)",
    }
)
"""Ways in, by code. The first six are the SOP's own and its equipment list adds the box; facts hold the code."""

DOCUMENTS: Final = _table(
    {
        "form": "Formulir pengaduan atau surat",
        "signature": "Tanda tangan",
        "identity": "Identitas pengadu",
        "proxy_letter": "Surat kuasa",
        "service": "Layanan atau izin yang diadukan",
        "application_number": "Nomor permohonan atau NIB",
        "party": "Pihak yang diadukan",
        "place_and_date": "Tempat dan tanggal kejadian",
        "story": "Uraian kejadian",
        "request": "Penyelesaian yang diminta",
        "evidence": "Bukti pendukung",
    }
)
"""What a file may lack, by code."""

WAYS: Final = _table(
    {"direct": "Keputusan langsung", "study": "Kajian teknis", "meeting": "Rapat", "transfer": "Pelimpahan"}
)
OUTCOMES: Final = _table(
    {"settled": "Terselesaikan", "unsettled": "Tidak terselesaikan", "withdrawn": "Dicabut oleh pengadu"}
)


def letter_title(ways: Collection[Way]) -> str:
    """The title of step 11's letter: it recommends what a meeting decided, or answers where there was none."""
    return "Surat Rekomendasi" if "meeting" in ways else "Surat Tanggapan Pengaduan"


class Proxy(Model):
    """One who complains for another, by letter of proxy (kuasa)."""

    name: Line
    address: Line | None = None
    telephone: Telephone | None = None
    letter_number: Line | None = None
    letter_date: date | None = None


class Complainant(Model):
    """Who complains (pengadu). Sealed under the subject key wherever it travels."""

    name: Line
    address: Line | None = None
    telephone: Telephone | None = None
    email: Email | None = None
    identity_number: Line | None = None
    proxy: Proxy | None = None

    @property
    def contacts(self) -> tuple[ContactKind, ...]:
        """The ways this person can be reached, for the unsealed part of a fact."""
        found: dict[ContactKind, str | None] = {
            "email": self.email,
            "telephone": self.telephone,
            "address": self.address,
        }
        return tuple(kind for kind, value in found.items() if value is not None)


class Story(Model):
    """What is complained of, in the complainant's words. Sealed under the subject key wherever it travels."""

    what_happened: Text
    service: Line | None = None
    place: Line | None = None
    when: Line | None = None
    loss: Text | None = None
    request: Text | None = None
    party: Line | None = None
    application_number: Line | None = None
    sender_number: Line | None = None


class Supplement(Model):
    """What the complainant brought after the office asked for it. Sealed under the subject key."""

    text: Text
