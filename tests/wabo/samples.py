"""A log of the public one's shape, written out line by line; every case in it is made up."""

from __future__ import annotations

import csv
from datetime import UTC, datetime, timedelta, timezone
from io import StringIO
from typing import TYPE_CHECKING

from deploy.wabo.cases import Gathered, gather
from deploy.wabo.rows import BadRow, Row, read

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

NOW = datetime(2026, 1, 1, tzinfo=UTC)
WINTER = timezone(timedelta(hours=1))
START = datetime(2011, 1, 10, 9, 30, 15, 250_000, tzinfo=WINTER)
HEADER = (
    "case:channel,case:concept:name,case:deadline,case:department,case:enddate,case:enddate_planned,case:group,"
    "case:responsible,case:startdate,concept:instance,concept:name,lifecycle:transition,org:group,org:resource,"
    "time:timestamp"
)
COLUMNS = tuple(HEADER.split(","))
CONFIRMATION = "Confirmation of receipt"
CHECK = "T02 Check confirmation of receipt"
ADJUST = "T03 Adjust confirmation of receipt"
DETERMINE = "T04 Determine confirmation of receipt"
SEND = "T05 Print and send confirmation of receipt"
ADVICE = "T06 Determine necessity of stop advice"
STOP = "T10 Determine necessity to stop indication"
CREATE_X = "T11 Create document X request unlicensed"
ADJUST_X = "T13 Adjust document X request unlicensed"
DETERMINE_X = "T14 Determine document X request unlicensed"
PRINT_X = "T15 Print document X request unlicensed"
REPORT_Y = "T16 Report reasons to hold request"
DETERMINE_Y = "T19 Determine report Y to stop indication"
PRINT_Y = "T20 Print report Y to stop indication"
TO_DISPOSITION = (CONFIRMATION, CHECK, DETERMINE, SEND, ADVICE, STOP)
WHOLE = (*TO_DISPOSITION, CREATE_X, DETERMINE_X, PRINT_X)


def fields(**said: str) -> dict[str, str]:
    """One sound row; `said` by the column's last word, e.g. `channel`, `startdate`, `timestamp`, `activity`."""
    row = {
        "case:channel": "Internet",
        "case:concept:name": "case-1",
        "case:deadline": "2011-02-01 00:00:00+01:00",
        "case:department": "General",
        "case:enddate": "2011-02-01 10:00:00+01:00",
        "case:enddate_planned": "2011-02-01 00:00:00+01:00",
        "case:group": "",
        "case:responsible": "Resource11",
        "case:startdate": "2011-01-05 00:00:00.020000+01:00",
        "concept:instance": "task-1",
        "concept:name": CONFIRMATION,
        "lifecycle:transition": "complete",
        "org:group": "Group 1",
        "org:resource": "Resource21",
        "time:timestamp": str(START),
    }
    names = {name.rsplit(":", 1)[1]: name for name in COLUMNS if name not in ("case:concept:name", "concept:name")}
    names |= {
        "case": "case:concept:name",
        "activity": "concept:name",
        "group": "case:group",
        "task": "concept:instance",
    }
    return row | {names[word]: value for word, value in said.items()}


def line(**said: str) -> str:
    return as_line(fields(**said).values())


def as_line(values: Iterable[str]) -> str:
    out = StringIO()
    csv.writer(out).writerow(values)
    return out.getvalue()


def case(name: str, activities: Sequence[str], **said: str) -> list[str]:
    """The lines of one case whose activities follow one another by 90 minutes, each by another resource."""
    return [
        line(
            case=name,
            activity=activity,
            task=f"task-{name}-{place}",
            timestamp=str(START + timedelta(minutes=90 * place)),
            resource=f"Resource{place:02d}",
            **said,
        )
        for place, activity in enumerate(activities)
    ]


def found(lines: Iterable[str]) -> list[Row | BadRow]:
    return list(read([HEADER, *lines], NOW))


def gathered(lines: Iterable[str]) -> Gathered:
    return gather(found(lines))


def small_log() -> list[str]:
    """Twelve cases in about sixty rows: each channel, each office, each place a walk may end, one bad row."""
    return [
        HEADER + "\r\n",
        *case("case-11", WHOLE, channel="Internet"),
        *case("case-12", (*TO_DISPOSITION, REPORT_Y, DETERMINE_Y, PRINT_Y), channel="Desk", group="Group 5"),
        *case("case-13", WHOLE, channel="Post", group="Group 8", enddate=""),
        *case("case-14", TO_DISPOSITION, channel="e-mail", group="Group 2"),
        *case("case-15", TO_DISPOSITION, channel="Intern"),
        *case("case-16", TO_DISPOSITION[:5], channel="Internet", group="Group 5"),
        *case("case-17", TO_DISPOSITION[:4], channel="Desk", group="Group 11"),
        *case("case-18", (CONFIRMATION, CHECK, SEND), channel="Internet"),
        *case("case-19", (CONFIRMATION, CHECK), channel="Post", group="Group 5"),
        *case("case-20", (CONFIRMATION,), channel="Internet", group="Group 7"),
        *case("case-21", (CONFIRMATION, CHECK, ADJUST, CHECK, *TO_DISPOSITION[2:]), channel="Internet"),
        line(case="case-22", channel="Fax"),
    ]
