"""Steps 3, 4, 5 and 11 over HTTP."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.rig.promises import (
    UNKNOWN,
    Act,
    hides_what_is_not_there,
    is_done_once,
    is_problem,
    refuses_bad_bodies,
    refuses_strangers,
)
from tests.rig.rig import AGAM, DISDIK
from tests.rig.walk import ASIDE, STORY, WAY, walked

if TYPE_CHECKING:
    from tests.rig.rig import Rig

pytestmark = pytest.mark.integration

TEXT, LINE = 20_000, 200
RETURN = ASIDE["returned"][1]
ACTS = [
    Act(
        step=WAY["reviewed"],
        at="receipted",
        otherwise={"review": "lain"},
        longest={"review": TEXT, "proposal": TEXT},
        barred="kabid",
    ),
    Act(step=RETURN, at="reviewed", otherwise={"reason": "lain"}, longest={"reason": TEXT}, barred="kasi"),
    Act(
        step=WAY["analysed"],
        at="reviewed",
        otherwise={"analysis": "lain"},
        longest={"analysis": TEXT, "proposal": TEXT},
        barred="kasi",
    ),
    Act(
        step=WAY["decided"],
        at="analysed",
        otherwise={"instruction": "lain"},
        longest={"instruction": TEXT},
        barred="kabid",
    ),
    Act(step=WAY["drafted"], at="decided", otherwise={"body": "lain"}, longest={"body": TEXT}, barred="kadis"),
    Act(
        step=WAY["issued"],
        at="drafted",
        otherwise={"letter_number": "lain"},
        longest={"letter_number": LINE},
        barred="kabid",
    ),
]
act = pytest.mark.parametrize("act", ACTS, ids=str)


@act
async def test_an_act_is_done_once_and_never_on_a_stale_view(rig: Rig, act: Act) -> None:
    await is_done_once(rig, act)


@act
async def test_an_act_is_refused_to_whom_it_is_not_given(rig: Rig, act: Act) -> None:
    await refuses_strangers(rig, act)


@act
async def test_a_body_that_does_not_fit_is_refused(rig: Rig, act: Act) -> None:
    await refuses_bad_bodies(rig, act)


@act
async def test_an_unknown_complaint_is_not_found(rig: Rig, act: Act) -> None:
    await hides_what_is_not_there(rig, act)


async def test_staf_may_draft_the_letter_too(rig: Rig) -> None:
    case = await walked(rig, "decided")

    answer = await case.say(WAY["drafted"], by="staf")

    assert answer.status_code == 200


@pytest.mark.parametrize("ways", [["meeting"], ["study"], ["transfer"], ["study", "meeting"], ["direct", "study"]])
async def test_ways_that_are_not_open_yet_are_refused(rig: Rig, ways: list[str]) -> None:
    case = await walked(rig, "analysed")

    answer = await case.say(replace(WAY["decided"], body={"ways": ways, "instruction": "Rapatkan"}))

    is_problem(answer, 409, "way-not-yet-open")


async def test_a_disposition_names_a_way_that_exists(rig: Rig) -> None:
    case = await walked(rig, "analysed")
    for ways, code in (([], "way-missing"), (["pray"], "invalid"), (["direct"] * 5, "invalid")):
        body = {"ways": ways, "instruction": "Jawab"}
        is_problem(await case.say(replace(WAY["decided"], body=body)), 422, code)


async def test_a_signature_is_of_a_known_kind_on_a_day_that_exists(rig: Rig) -> None:
    case = await walked(rig, "drafted")
    for wrong in ({"signature": "stamp"}, {"letter_date": "2026-02-30"}, {"letter_date": None}):
        body = {**WAY["issued"].body, **wrong}
        is_problem(await case.say(replace(WAY["issued"], body=body)), 422, "invalid")


async def test_steps_are_taken_in_their_order(rig: Rig) -> None:
    case = await walked(rig, "receipted")
    for name, code in (
        ("analysed", "not-yet-reviewed"),
        ("decided", "not-yet-analysed"),
        ("drafted", "not-yet-decided"),
        ("issued", "not-yet-decided"),
    ):
        is_problem(await case.say(WAY[name]), 409, code)


async def test_a_case_lies_with_the_one_who_has_to_act(rig: Rig) -> None:
    case = await walked(rig, "receipted")
    for step, holder in (("reviewed", "kasi"), ("analysed", "kabid"), ("decided", "kadis")):
        listed = (await rig.get("routing", f"/{holder}/cases", by=holder, after=case.recorded)).json()
        (mine,) = [row for row in listed if row["complaint"] == case.complaint]
        assert mine["holder"] == holder
        assert (mine["title"], mine["number"]) == ("Izin belum terbit", case.number)
        assert not {"story", "complainant"} & mine.keys()
        elsewhere = (await rig.get("routing", f"/{holder}/cases", by=holder, opd=DISDIK)).json()
        assert case.complaint not in [row["complaint"] for row in elsewhere]
        await case.go(step)


async def test_a_returned_review_lies_with_the_kasi_again(rig: Rig) -> None:
    case = await walked(rig, "returned")

    one = (await rig.get("routing", f"/cases/{case.complaint}", by="kasi", after=case.recorded)).json()

    assert (one["holder"], one["returned"]) == ("kasi", True)
    assert one["acts"]["returned"]["reason"] == "Lengkapi 🙏"


@pytest.mark.parametrize("role", ["kasi", "kabid", "kadis", "sekretaris", "staf"])
async def test_officers_read_everything_said_about_a_case(rig: Rig, role: str) -> None:
    case = await walked(rig, "issued")

    answer = await rig.get("routing", f"/cases/{case.complaint}", by=role, after=case.recorded)

    one = answer.json()
    assert answer.headers["ETag"] == f'"{case.recorded.rpartition("@")[2]}"'
    assert one["story"]["what_happened"] == STORY["what_happened"]
    assert one["complainant"]["email"] == case.email
    assert one["acts"]["review"]["review"] == "Berkas diperiksa 👍"
    assert one["acts"]["letter"]["body"] == WAY["drafted"].body["body"]
    assert one["acts"]["disposition"]["by"] == "kadis:kadis-1"
    assert one["holder"] is None


async def test_a_case_is_read_by_officers_of_its_office_alone(rig: Rig) -> None:
    case = await walked(rig, "receipted")
    path = f"/cases/{case.complaint}"
    await rig.get("routing", path, by="kasi", after=case.recorded)
    is_problem(await rig.get("routing", path, by="kasi", opd=DISDIK), 404, "not-found")
    is_problem(await rig.get("routing", path, by="tamu"), 403, "forbidden")
    is_problem(await rig.get("routing", f"/cases/{UNKNOWN}", by="kasi"), 404, "not-found")
    is_problem(await rig.get("routing", "/kabid/cases", by="kasi"), 403, "forbidden")
    is_problem(await rig.get("routing", path, by="kasi", after="nonsense"), 422, "invalid")


async def test_a_complaint_not_yet_with_the_kasi_is_no_case(rig: Rig) -> None:
    case = await walked(rig, "classified")

    answer = await rig.get("routing", f"/cases/{case.complaint}", by="kasi", after=case.recorded)

    is_problem(answer, 404, "not-found")


async def test_an_importer_tells_when_and_by_whom_it_was_done(rig: Rig) -> None:
    case = await walked(rig, "receipted")
    when, who = {"occurred_at": "2011-10-11T13:45:40+02:00"}, {"acted_by": "kasi:0560890"}
    body = {**WAY["reviewed"].body, **when, **who}
    for said, status, code in ((when, 422, "occurred-at-not-allowed"), (who, 403, "acted-by-not-allowed")):
        by_hand = await case.say(replace(WAY["reviewed"], body={**WAY["reviewed"].body, **said}))
        is_problem(by_hand, status, code)

    answer = await case.say(replace(WAY["reviewed"], body=body, by="importer"))
    one = await rig.get("routing", f"/cases/{case.complaint}", by="kabid", after=answer.json()["recorded"])

    assert one.json()["acts"]["review"]["at"] == "2011-10-11T11:45:40+00:00"
    assert one.json()["acts"]["review"]["by"] == "kasi:0560890"


async def test_an_erased_file_takes_nothing_more_and_says_so(rig: Rig) -> None:
    case = await walked(rig, "reviewed")
    service = rig.services["routing"]
    await rig.get("routing", f"/cases/{case.complaint}", by="kasi", after=case.recorded)
    await service.keys.erase(case.complaint, "both", who="arsip", why="retensi", at=service.desk.now())

    is_problem(await case.say(WAY["analysed"]), 409, "data-erased")
    is_problem(await case.say(WAY["analysed"], opd=DISDIK, after=None), 404, "not-found")
    one = (await rig.get("routing", f"/cases/{case.complaint}", by="kasi")).json()
    assert one["story"] == one["acts"]["review"]["review"] == "[data pribadi telah dihapus]"


async def test_routing_describes_itself(rig: Rig) -> None:
    described = (await rig.clients["routing"].get("/openapi.json")).json()

    assert described["openapi"].startswith("3.1")
    assert {act.step.path for act in ACTS} <= described["paths"].keys()
    assert AGAM not in str(described)
