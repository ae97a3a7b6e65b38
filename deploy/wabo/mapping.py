"""What the log's words mean here: its channels, its groups and its activities. The reasons are in docs/wabo.md."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

StepName = Literal[
    "filing",
    "classification",
    "completeness",
    "receipt",
    "review",
    "analysis",
    "disposition",
    "draft",
    "signature",
    "handover",
    "record",
]
"""The acts of the direct way, one request each."""

CHANNELS: Final[Mapping[str, str]] = MappingProxyType(
    {"Internet": "web", "Desk": "counter", "Post": "letter", "e-mail": "email", "Intern": "telephone"}
)
OFFICES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "": "dpmptsp-agam",
        "Group 5": "disdik-agam",
        "Group 2": "dinkes-agam",
        "Group 6": "dinkes-agam",
        "Group 7": "dinkes-agam",
        "Group 8": "dinkes-agam",
        "Group 10": "dinkes-agam",
        "Group 11": "dinkes-agam",
    }
)
"""By the case's handling group; none is the front office itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """An act of the SOP's step `sop`, performed in `role`, and the activities of the log that count as it."""

    name: StepName
    sop: int
    role: str
    activities: frozenset[str]


CONFIRMATION: Final = "Confirmation of receipt"
ACTS: Final[tuple[Act, ...]] = (
    Act(name="filing", sop=1, role="staf", activities=frozenset({CONFIRMATION})),
    Act(name="classification", sop=2, role="staf", activities=frozenset({CONFIRMATION})),
    Act(name="completeness", sop=2, role="staf", activities=frozenset({"T02 Check confirmation of receipt"})),
    Act(name="receipt", sop=2, role="staf", activities=frozenset({"T05 Print and send confirmation of receipt"})),
    Act(name="review", sop=3, role="kasi", activities=frozenset({"T04 Determine confirmation of receipt"})),
    Act(name="analysis", sop=4, role="kabid", activities=frozenset({"T06 Determine necessity of stop advice"})),
    Act(name="disposition", sop=5, role="kadis", activities=frozenset({"T10 Determine necessity to stop indication"})),
    Act(
        name="draft",
        sop=11,
        role="kasi",
        activities=frozenset(
            {
                "T11 Create document X request unlicensed",
                "T13 Adjust document X request unlicensed",
                "T16 Report reasons to hold request",
                "T18 Adjust report Y to stop indicition",
            }
        ),
    ),
    Act(
        name="signature",
        sop=11,
        role="kadis",
        activities=frozenset(
            {"T14 Determine document X request unlicensed", "T19 Determine report Y to stop indication"}
        ),
    ),
    Act(
        name="handover",
        sop=12,
        role="staf",
        activities=frozenset({"T15 Print document X request unlicensed", "T20 Print report Y to stop indication"}),
    ),
)
"""In the SOP's order. Step 13 has no activity: the case's own end stands for it."""

LEFT_OUT: Final = frozenset(
    {
        "T03 Adjust confirmation of receipt",
        "T07-1 Draft intern advice aspect 1",
        "T07-2 Draft intern advice aspect 2",
        "T07-3 Draft intern advice hold for aspect 3",
        "T07-4 Draft internal advice to hold for type 4",
        "T07-5 Draft intern advice aspect 5",
        "T08 Draft and send request for advice",
        "T09-1 Process or receive external advice from party 1",
        "T09-2 Process or receive external advice from party 2",
        "T09-3 Process or receive external advice from party 3",
        "T09-4 Process or receive external advice from party 4",
        "T12 Check document X request unlicensed",
        "T17 Check report Y to stop indication",
    }
)
"""Known, and no act of the direct way."""

ACTIVITIES: Final = LEFT_OUT.union(*(act.activities for act in ACTS))
