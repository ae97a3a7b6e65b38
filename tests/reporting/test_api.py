"""Step 13 over HTTP: the record, the recap, the evaluation."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import datetime
from statistics import median
from typing import TYPE_CHECKING, Any

import pytest

from services.kernel import clock
from tests.rig.promises import (
    UNKNOWN,
    Act,
    hides_what_is_not_there,
    is_done_once,
    is_problem,
    refuses_bad_bodies,
    refuses_strangers,
)
from tests.rig.rig import DISDIK
from tests.rig.walk import WAY, walked

if TYPE_CHECKING:
    from tests.rig.rig import Rig

pytestmark = pytest.mark.integration

RECORD = Act(
    step=WAY["recorded"],
    at="received",
    otherwise={"outcome": "unsettled"},
    longest={"notes": 20_000},
    optional=frozenset({"notes"}),
    barred="kabid",
)


async def test_an_act_is_done_once_and_never_on_a_stale_view(rig: Rig) -> None:
    await is_done_once(rig, RECORD)


async def test_an_act_is_refused_to_whom_it_is_not_given(rig: Rig) -> None:
    await refuses_strangers(rig, RECORD)


async def test_a_body_that_does_not_fit_is_refused(rig: Rig) -> None:
    await refuses_bad_bodies(rig, RECORD)
    for outcome in ("happy", None, 1):
        is_problem(await RECORD.on(UNKNOWN, rig, {"outcome": outcome}), 422, "invalid")


async def test_an_unknown_complaint_is_not_found(rig: Rig) -> None:
    await hides_what_is_not_there(rig, RECORD)


async def test_the_kasi_may_record_too(rig: Rig) -> None:
    case = await walked(rig, "received")

    assert (await case.say(WAY["recorded"], by="kasi")).status_code == 200


async def test_nothing_is_recorded_before_there_is_a_letter(rig: Rig) -> None:
    case = await walked(rig, "drafted")

    is_problem(await case.say(WAY["recorded"]), 409, "letter-not-yet-issued")
    withdrawn = replace(WAY["recorded"], body={"outcome": "withdrawn"})
    is_problem(await case.say(withdrawn), 409, "not-withdrawn")


async def test_a_withdrawn_complaint_is_recorded_as_such_and_its_number_void(rig: Rig) -> None:
    case = await walked(rig, "receipted")
    path = f"/staf/complaints/{case.complaint}/withdrawal"
    case.recorded = (await rig.post("intake", path, {}, by="staf")).json()["recorded"]

    done = await case.say(replace(WAY["recorded"], body={"outcome": "withdrawn"}))

    row = (await rig.get("reporting", f"/recap/{case.complaint}", by="staf", after=done.json()["recorded"])).json()
    assert (row["status"], row["number_void"]) == ("Dicabut oleh pengadu", True)


async def test_a_line_of_the_recap_tells_the_whole_way(rig: Rig) -> None:
    case = await walked(rig, "recorded")

    row = (await rig.get("reporting", f"/recap/{case.complaint}", by="kadis", after=case.recorded)).json()

    assert (row["number"], row["status"], row["way"]) == (case.number, "Selesai dicatat", "Keputusan langsung")
    assert (row["channel"], row["category"], row["title"]) == ("web", "permit_delay", "Izin belum terbit")
    assert (row["letter_number"], row["letter_date"]) == ("500.16/12/PH/2026", "2026-03-04")
    assert (row["outcome"], row["notes"]) == ("Terselesaikan", "Selesai tanpa keberatan")
    assert row["complainant"]["email"] == case.email
    actors = {step: told["by"] for step, told in row["steps"].items()}
    assert actors["3"] == "kasi:kasi-1"
    assert actors["5"] == actors["11"] == "kadis:kadis-1"
    assert actors["13"] == "staf:staf-1"
    assert all(row["steps"][step]["ended_at"] for step in ("1", "2", "3", "4", "5", "11", "12", "13"))
    assert datetime.fromisoformat(row["as_of"]) <= clock.now()


async def test_an_erasure_leaves_the_line_and_takes_the_person(rig: Rig) -> None:
    case = await walked(rig, "recorded")
    service = rig.services["reporting"]
    await rig.get("reporting", f"/recap/{case.complaint}", by="staf", after=case.recorded)
    await service.keys.erase(case.complaint, "subject", who="staf", why="permintaan", at=service.desk.now())

    row = (await rig.get("reporting", f"/recap/{case.complaint}", by="staf")).json()

    assert row["complainant"] == "[data pribadi telah dihapus]"
    assert (row["number"], row["notes"]) == (case.number, "Selesai tanpa keberatan")


async def test_totals_of_a_month_are_those_of_its_rows(rig: Rig) -> None:
    case = await walked(rig, "recorded")
    unfinished = await walked(rig, "classified")
    await rig.get("reporting", "/recap", by="staf", after=unfinished.recorded)

    recap = (await rig.get("reporting", "/recap", by="kasi", after=case.recorded)).json()

    rows, totals = recap["rows"], recap["totals"]
    assert {case.complaint, unfinished.complaint} <= {row["complaint"] for row in rows}
    assert totals["received"] == len(rows)
    assert totals["recorded"] == sum(row["settled_at"] is not None for row in rows)
    assert totals["by_status"] == dict(Counter(row["status"] for row in rows))
    assert sum(totals["by_channel"].values()) == len(rows)
    assert totals["by_outcome"]["-"] == sum(row["outcome"] is None for row in rows)
    assert not any("complainant" in row or "notes" in row for row in rows)
    assert recap["as_of"] is not None


async def test_a_month_ends_at_the_offices_own_midnight(rig: Rig) -> None:
    last, first = "2025-01-31T23:30:00+07:00", "2025-02-01T00:00:00+07:00"
    opd = DISDIK
    for arrived in (last, first):
        form = {"channel": "letter", **WAY["filed"].body, "arrived_at": arrived, "occurred_at": arrived}
        answer = await rig.post("intake", "/staf/complaints", form, by="importer", opd=opd)
        recorded = answer.json()["recorded"]
        await rig.get("reporting", "/recap", by="staf", opd=opd, after=recorded)

    january = (await rig.get("reporting", "/recap", by="staf", opd=opd, month="2025-01")).json()["rows"]
    february = (await rig.get("reporting", "/recap", by="staf", opd=opd, month="2025-02")).json()["rows"]
    of_a_day = (
        await rig.get("reporting", "/evaluation", by="staf", opd=opd, **{"from": "2025-02-01", "to": "2025-02-01"})
    ).json()

    assert [_same(row["arrived_at"], last) for row in january] == [True]
    assert [_same(row["arrived_at"], first) for row in february] == [True]
    assert of_a_day["complaints"] == 1


def _same(one: str, other: str) -> bool:
    return datetime.fromisoformat(one) == datetime.fromisoformat(other)


async def test_an_evaluation_is_made_of_the_rows(rig: Rig) -> None:
    case = await walked(rig, "recorded")
    await rig.get("reporting", "/recap", by="staf", after=case.recorded)

    recap = (await rig.get("reporting", "/recap", by="staf")).json()
    rows, since = recap["rows"], f"{recap['month']}-01"
    told = (await rig.get("reporting", "/evaluation", by="kadis", **{"from": since})).json()

    assert [step["step"] for step in told["steps"]] == [1, 2, 3, 4, 5, 11, 12, 13]
    third: dict[str, Any] = next(step for step in told["steps"] if step["step"] == 3)
    spans = [row["steps"]["3"] for row in rows]
    times = [span["seconds"] for span in spans if span["ended_at"] and span["seconds"] is not None]
    assert (third["count"], third["median"]) == (len(times), median(times))
    assert third["p90"] >= third["median"]
    assert told["as_of"] is not None
    none = (await rig.get("reporting", "/evaluation", by="staf", **{"from": "1999-01-01", "to": "1999-12-31"})).json()
    assert (none["complaints"], none["steps"][0]["median"]) == (0, None)
    is_problem(
        await rig.get("reporting", "/evaluation", by="staf", **{"from": since, "to": "1999-01-01"}),
        422,
        "period-reversed",
    )


@pytest.mark.parametrize("month", ["2026-13", "2026-1", "26-01", "2026-01-01", "0000-01", "x"])
async def test_a_month_that_is_none_is_refused(rig: Rig, month: str) -> None:
    is_problem(await rig.get("reporting", "/recap", by="staf", month=month), 422, "invalid")


@pytest.mark.parametrize("day", ["2026-02-30", "9999-12-31", "0001-01-01", "kemarin"])
async def test_a_day_that_is_none_is_refused(rig: Rig, day: str) -> None:
    for side in ("from", "to"):
        is_problem(await rig.get("reporting", "/evaluation", by="staf", **{side: day}), 422, "invalid")


async def test_the_books_are_for_the_offices_own_people(rig: Rig) -> None:
    case = await walked(rig, "classified")
    path = f"/recap/{case.complaint}"
    for role in ("staf", "kasi", "kabid", "sekretaris", "kadis"):
        assert (await rig.get("reporting", path, by=role, after=case.recorded)).status_code == 200
    is_problem(await rig.get("reporting", path, by="staf", opd=DISDIK), 404, "not-found")
    is_problem(await rig.get("reporting", f"/recap/{UNKNOWN}", by="staf"), 404, "not-found")
    for books in (path, "/recap", "/evaluation"):
        is_problem(await rig.get("reporting", books, by="tamu"), 403, "forbidden")
        is_problem(await rig.clients["reporting"].get(books), 401, "unauthenticated")
    elsewhere = (await rig.get("reporting", "/recap", by="staf", opd=DISDIK)).json()
    assert case.complaint not in [row["complaint"] for row in elsewhere["rows"]]


async def test_reporting_describes_itself(rig: Rig) -> None:
    described = (await rig.clients["reporting"].get("/openapi.json")).json()

    assert described["openapi"].startswith("3.1")
    assert {"/recap", "/recap/{complaint}", "/evaluation", RECORD.step.path} <= described["paths"].keys()
