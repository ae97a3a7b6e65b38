"""An act of a case as the request that asks for it. The same case and act always make the same bytes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC
from typing import TYPE_CHECKING, Any, Final, assert_never

from deploy.wabo.texts import ANALYSIS, INSTRUCTION, PROPOSAL, complainant_of, matter_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from deploy.wabo.cases import Case
    from deploy.wabo.mapping import StepName
    from deploy.wabo.walks import Step

SERVICE: Final = "Izin lingkungan"
ROUTES: Final[Mapping[StepName, tuple[str, str]]] = {
    "filing": ("intake", "/staf/complaints"),
    "classification": ("intake", "/staf/complaints/{complaint}/classification"),
    "completeness": ("intake", "/staf/complaints/{complaint}/completeness"),
    "receipt": ("intake", "/staf/complaints/{complaint}/receipt"),
    "review": ("routing", "/kasi/cases/{complaint}/review"),
    "analysis": ("routing", "/kabid/cases/{complaint}/analysis"),
    "disposition": ("routing", "/kadis/cases/{complaint}/disposition"),
    "draft": ("routing", "/kasi/cases/{complaint}/recommendation"),
    "signature": ("routing", "/kadis/cases/{complaint}/signature"),
    "handover": ("notification", "/staf/cases/{complaint}/receipt-of-recommendation"),
    "record": ("reporting", "/staf/cases/{complaint}/record"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """`path` may hold `{complaint}`; `key` makes asking twice the same as asking once."""

    service: str
    path: str
    key: str
    body: dict[str, Any]


def request_of(case: Case, step: Step) -> Request:
    """Return the request that performs `step`, with its own time (in UTC) and its own actor."""
    service, path = ROUTES[step.name]
    acted = {"occurred_at": step.at.astimezone(UTC).isoformat(), "acted_by": step.actor}
    key = f"wabo/{case.name}/{step.name}"
    return Request(service=service, path=path, key=key, body={**acted, **_said(case, step)})


def _said(case: Case, step: Step) -> dict[str, Any]:  # noqa: C901, PLR0911 - a table
    matter = matter_of(case.name)
    match step.name:
        case "filing":
            return _filing(case, step)
        case "classification":
            return {"kind": "complaint", "category": matter.category, "title": matter.title}
        case "completeness" | "receipt":
            return {}
        case "review":
            return {"review": matter.review, "proposal": PROPOSAL}
        case "analysis":
            return {"analysis": ANALYSIS, "proposal": PROPOSAL}
        case "disposition":
            return {"ways": ["direct"], "instruction": INSTRUCTION}
        case "draft":
            return {"body": matter.answer}
        case "signature":
            number = f"{case.name}/WABO/{step.at.year}"
            return {"letter_number": number, "letter_date": step.at.date().isoformat(), "signature": "wet"}
        case "handover":
            return {"receiver": "complainant"}
        case "record":
            return {"outcome": "settled"}
        case _:
            assert_never(step.name)


def _filing(case: Case, step: Step) -> dict[str, Any]:
    """The log's case number goes into the agenda field; a start the log has after the filing is no arrival."""
    matter, arrived = matter_of(case.name), case.about.arrived_at
    story = {"what_happened": matter.story, "request": matter.request, "application_number": case.name}
    before = {"arrived_at": arrived.astimezone(UTC).isoformat()} if arrived <= step.at else {}
    dated = {"letter_date": arrived.date().isoformat()} if before and case.about.channel == "letter" else {}
    return {
        "channel": case.about.channel,
        "complainant": complainant_of(case.name),
        "story": story,
        "service": SERVICE,
        "agenda_number": case.name,
        **before,
        **dated,
    }
