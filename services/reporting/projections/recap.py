"""Rekap Pengaduan: one row per complaint with everything the office's book asks for (step 13)."""

from collections.abc import Mapping
from typing import Any, Final, TypedDict

from schemas.vocabulary import OUTCOMES, WAYS
from services.kernel.projection import Document, Projection
from services.reporting.projections.parts import (
    Intake,
    Notification,
    Reporting,
    Routing,
    fold_intake,
    fold_notification,
    fold_reporting,
    fold_routing,
)
from services.reporting.projections.steps import Step, sent_at, steps_of

KASI: Final = 3
AT_STEP: Final[Mapping[int, str]] = {KASI: "Diteruskan ke Kasi", 4: "Dianalisis Kabid", 5: "Menunggu disposisi Kadis"}


class Recap(TypedDict):
    """What is derived. `status`, `way`, `outcome` are in the SOP's Indonesian words; `settled_at` ends step 13.

    Where a withdrawal crossed a signed letter, the letter stands and the number is not void.
    """

    number: str | None
    number_void: bool
    status: str
    way: str | None
    outcome: str | None
    sent_at: str | None
    settled_at: str | None
    steps: dict[str, Step]


def derive(row: Mapping[str, Any]) -> Document:
    intake: Intake = row.get("intake", {})
    routing: Routing = row.get("routing", {})
    kept: Reporting = row.get("reporting", {})
    outcome = kept.get("outcome")
    recap = Recap(
        number=intake.get("number"),
        number_void=intake.get("number_void", False) and "issued_at" not in routing,
        status=_status(row),
        way=" dan ".join(WAYS[way] for way in routing["ways"]) if "ways" in routing else None,
        outcome=OUTCOMES[outcome] if outcome else None,
        sent_at=sent_at(row),
        settled_at=kept.get("recorded_at"),
        steps=steps_of(row),
    )
    return {**recap}


def _status(row: Mapping[str, Any]) -> str:
    """How far the complaint is, last things first."""
    intake: Intake = row.get("intake", {})
    routing: Routing = row.get("routing", {})
    kept: Reporting = row.get("reporting", {})
    withdrawn = "withdrawn_at" in intake and "issued_at" not in routing
    if withdrawn or kept.get("outcome") == "withdrawn":
        return "Dicabut oleh pengadu"
    if "recorded_at" in kept:
        return "Selesai dicatat"
    return _at_letter(row) or _at_officer(routing) or _at_intake(intake)


def _at_letter(row: Mapping[str, Any]) -> str | None:
    routing: Routing = row.get("routing", {})
    told: Notification = row.get("notification", {})
    if "received_at" in told:
        return "Surat diterima"
    if "issued_at" in routing:
        return "Surat disampaikan" if sent_at(row) else "Surat ditandatangani"
    if "drafted_at" in routing:
        return "Konsep surat disusun"
    return "Disposisi diberikan" if "decided_at" in routing else None


def _at_officer(routing: Routing) -> str | None:
    if "visits" not in routing:
        return None
    if routing["returns"] and routing["visits"][-1]["step"] == KASI:
        return "Dikembalikan ke Kasi"
    return AT_STEP[routing["visits"][-1]["step"]]


def _at_intake(intake: Intake) -> str:
    if "complete_at" in intake:
        return "Berkas dinyatakan lengkap"
    if intake.get("missing"):
        return "Kelengkapan diminta"
    return "Diperiksa kelengkapannya" if "title" in intake else "Diterima"


recap: Final = Projection(
    name="recap",
    version=1,
    folds={
        "intake": fold_intake,
        "routing": fold_routing,
        "notification": fold_notification,
        "reporting": fold_reporting,
    },
    derive=derive,
    indexes=(("opd", "intake.arrived_at"),),
)
