"""Steps 1 and 2 over HTTP, for Staf and for those who complain."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
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
from tests.rig.rig import AGAM, DISDIK
from tests.rig.walk import ASIDE, STORY, WAY, Step, walked

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.rig.rig import Rig

pytestmark = pytest.mark.integration

TEXT, LINE, CODE = 20_000, 200, 40
_, ASKED = ASIDE["asked"]
STAF, PUBLIC = "/staf/complaints/{complaint}", "/public/{opd}/complaints/{complaint}"
SUPPLEMENT = Step(service="intake", path=f"{STAF}/supplements", by="staf", body={"text": "Bukti terlampir 📎"})
WITHDRAW = Step(service="intake", path=f"{STAF}/withdrawal", by="staf", body={"reason": "Sudah selesai"})
EARLIER = {"occurred_at": clock.now().isoformat()}
BY_CODE = {"code": "ZZZZ-ZZZZ-ZZZZ"}
ACTS = [
    Act(
        step=WAY["classified"],
        at="filed",
        otherwise={"title": "lain"},
        longest={"category": CODE, "title": LINE},
        barred="kasi",
    ),
    Act(step=ASKED, at="classified", otherwise={"notice": "lain"}, longest={"notice": TEXT}, barred="kasi"),
    Act(step=SUPPLEMENT, at="asked", otherwise={"text": "lain"}, longest={"text": TEXT}, barred="kasi"),
    Act(step=WAY["complete"], at="classified", otherwise=EARLIER, barred="kasi"),
    Act(step=WAY["receipted"], at="complete", otherwise=EARLIER, barred="kasi"),
    Act(
        step=WITHDRAW,
        at="receipted",
        otherwise={"reason": "lain"},
        longest={"reason": TEXT},
        optional=frozenset({"reason"}),
        barred="kasi",
    ),
    Act(
        step=replace(SUPPLEMENT, path=f"{PUBLIC}/supplements", by=None, body={**SUPPLEMENT.body, **BY_CODE}),
        at="asked",
        otherwise={"text": "lain"},
        longest={"text": TEXT, "code": LINE},
    ),
    Act(
        step=replace(WITHDRAW, path=f"{PUBLIC}/withdrawal", by=None, body={**WITHDRAW.body, **BY_CODE}),
        at="receipted",
        otherwise={"reason": "lain"},
        longest={"code": LINE},
    ),
]
act = pytest.mark.parametrize("act", ACTS, ids=str)
FORM = {
    "complainant": {"name": "Siti Aminah", "telephone": "0812 3456 789"},
    "story": STORY,
}


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


async def test_filing_again_under_the_same_key_files_nothing_new(rig: Rig) -> None:
    path, key = f"/public/{AGAM}/complaints", {"Idempotency-Key": clock.new_id()}

    first, again = [await rig.post("intake", path, FORM, headers=key) for _ in range(2)]
    other = await rig.post("intake", path, {**FORM, "content_public": True}, headers=key)

    assert (first.status_code, first.json()) == (again.status_code, again.json())
    assert first.json()["tracking_code"]
    assert other.json()["complaint"] != first.json()["complaint"]  # somebody else may have drawn the same key


async def test_staf_who_reuse_a_key_for_another_complaint_are_told(rig: Rig) -> None:
    key = {"Idempotency-Key": clock.new_id()}
    form = {**FORM, "channel": "counter"}

    assert (await rig.post("intake", "/staf/complaints", form, by="staf", headers=key)).status_code == 201
    other = await rig.post("intake", "/staf/complaints", {**form, "channel": "letter"}, by="staf", headers=key)

    is_problem(other, 422, "idempotency-key-reused")


@pytest.mark.parametrize(
    ("wrong", "status", "code"),
    [
        ({"story": None}, 422, "invalid"),
        ({"story": {}}, 422, "invalid"),
        ({"story": {"what_happened": "a" * (TEXT + 1)}}, 422, "invalid"),
        ({"story": {"what_happened": "a\x00b"}}, 422, "invalid"),
        ({"story": {"what_happened": "x", "typo": "y"}}, 422, "invalid"),
        ({"complainant": {"name": "Siti", "email": "bukan surel"}}, 422, "invalid"),
        ({"complainant": {"name": "Siti\nBcc: x@y.id"}}, 422, "invalid"),
        ({"complainant": {"name": "Siti", "email": "a@b.id\r\nBcc: x@y.id"}}, 422, "invalid"),
        ({"channel": "pigeon"}, 422, "channel-unknown"),
        ({"channel": None}, 422, "invalid"),
        ({"arrived_at": "2026-03-04T10:00:00"}, 422, "invalid"),
        ({"occurred_at": "2099-01-01T00:00:00Z"}, 422, "occurred-at-not-allowed"),
        ({"occurred_at": "2011-01-01T00:00:00Z"}, 422, "occurred-at-not-allowed"),
        ({"arrived_at": "2099-01-01T00:00:00Z"}, 422, "occurred-at-not-allowed"),
        ({"acted_by": "kadis:lain"}, 403, "acted-by-not-allowed"),
    ],
)
async def test_a_form_that_does_not_fit_is_refused(rig: Rig, wrong: dict[str, Any], status: int, code: str) -> None:
    answer = await rig.post("intake", "/staf/complaints", {**FORM, "channel": "counter", **wrong}, by="staf")

    is_problem(answer, status, code)
    assert "aaa" not in answer.text


async def test_a_text_of_a_megabyte_is_too_long_and_three_are_too_large(rig: Rig) -> None:
    path = f"/public/{AGAM}/complaints"
    is_problem(await rig.post("intake", path, {"story": {"what_happened": "a" * 2**20}}), 422, "invalid")
    is_problem(await rig.post("intake", path, {"story": {"what_happened": "a" * 3 * 2**20}}), 413, "too-large")

    async def unannounced() -> AsyncIterator[bytes]:
        for _ in range(3):
            yield b"a" * 2**20

    is_problem(await rig.clients["intake"].post(path, content=unannounced()), 413, "too-large")


async def test_a_text_that_is_no_text_is_refused(rig: Rig) -> None:
    path = f"/public/{AGAM}/complaints"
    is_problem(await rig.post("intake", path, b'{"story": {"what_happened": "\xff"}}'), 400, "malformed")
    is_problem(await rig.post("intake", path, b'{"story": {"what_happened": "\\ud800"}}'), 422, "invalid")


async def test_nobody_files_with_an_office_that_is_not_on_the_bus(rig: Rig) -> None:
    is_problem(await rig.post("intake", "/public/nowhere/complaints", FORM), 404, "office-unknown")


async def test_a_complainant_follows_their_complaint_to_the_letter(rig: Rig) -> None:
    case = await walked(rig, "issued")
    asked = {"number": case.number, "code": case.code.lower()}

    told = (await rig.post("intake", f"/public/{AGAM}/track", asked, after=case.recorded)).json()

    assert (told["stage"], told["number"], told["letter_number"]) == ("diputuskan", case.number, "500.16/12/PH/2026")
    assert told["letter"] == WAY["drafted"].body["body"]


async def test_tracking_takes_the_right_code_for_the_right_number(rig: Rig) -> None:
    case, other = await walked(rig, "receipted"), await walked(rig, "receipted")
    path = f"/public/{AGAM}/track"
    for number, code in ((case.number, other.code), (other.number, case.code), (case.number, "ZZZZ-ZZZZ-ZZZZ")):
        wrong = await rig.post("intake", path, {"number": number, "code": code}, after=other.recorded)
        is_problem(wrong, 404, "not-found")
    elsewhere = {"number": case.number, "code": case.code}
    is_problem(await rig.post("intake", f"/public/{DISDIK}/track", elsewhere), 404, "not-found")


async def test_how_far_another_offices_streams_are_is_not_told(rig: Rig) -> None:
    case = await walked(rig, "receipted")
    nowhere = {"number": case.number, "code": case.code}
    for after in (case.recorded, f"register/{AGAM}/{clock.now().year}@1"):
        tracked = await rig.post("intake", f"/public/{DISDIK}/track", nowhere, after=after)
        listed = await rig.get("intake", "/staf/complaints", by="staf", opd=DISDIK, after=after)
        is_problem(tracked, 404, "not-found")
        is_problem(listed, 404, "not-found")


async def test_staf_read_the_complaint_and_nobody_of_another_office_does(rig: Rig) -> None:
    case = await walked(rig, "classified")
    path = f"/staf/complaints/{case.complaint}"

    one = await rig.get("intake", path, by="staf", after=case.recorded)

    assert one.json()["story"]["what_happened"] == STORY["what_happened"]
    assert one.headers["ETag"] == f'"{case.recorded.rpartition("@")[2]}"'
    is_problem(await rig.get("intake", path, by="staf", opd=DISDIK), 404, "not-found")
    is_problem(await rig.get("intake", path, by="kadis"), 403, "forbidden")
    is_problem(await rig.get("intake", f"/staf/complaints/{UNKNOWN}", by="staf"), 404, "not-found")
    listed = (await rig.get("intake", "/staf/complaints", by="staf", next="check")).json()
    assert all("story" not in row for row in listed)


async def test_the_etag_of_a_reading_is_good_for_one_act(rig: Rig) -> None:
    case = await walked(rig, "filed")
    read = await rig.get("intake", f"/staf/complaints/{case.complaint}", by="staf", after=case.recorded)
    seen = {"If-Match": read.headers["ETag"]}

    assert (await case.say(WAY["classified"], headers=seen)).status_code == 200
    late = await case.say(WAY["complete"], headers=seen)

    is_problem(late, 409, "stale")
    assert late.json()["detail"] == "intake.ComplaintClassified"
    is_problem(await case.say(WAY["complete"], headers={"If-Match": "yesterday"}), 422, "if-match-unreadable")


async def test_a_receipt_refused_for_a_stale_view_takes_no_number(rig: Rig) -> None:
    case = await walked(rig, "complete")
    is_problem(await case.say(WAY["receipted"], headers={"If-Match": '"1"'}), 409, "stale")

    await asyncio.gather(*(walked(rig, "receipted") for _ in range(3)))
    read = await rig.get("intake", f"/staf/complaints/{case.complaint}", by="staf", after=case.recorded)

    assert "number" not in read.json()


async def test_numbers_given_at_once_have_no_holes(rig: Rig) -> None:
    cases = await asyncio.gather(*(walked(rig, "receipted", opd=DISDIK) for _ in range(6)))

    ordinals = sorted(int(str(case.number).split("/", 1)[0]) for case in cases)

    assert ordinals == list(range(ordinals[0], ordinals[0] + len(cases)))


async def test_staf_enter_what_came_by_letter_with_its_own_times(rig: Rig) -> None:
    arrived = clock.now() - timedelta(days=2)
    form = {
        **FORM,
        "channel": "letter",
        "arrived_at": arrived.isoformat(),
        "occurred_at": arrived.isoformat(),
        "letter_date": "2026-03-01",
        "agenda_number": "045/III/2026",
    }
    filed = (await rig.post("intake", "/staf/complaints", form, by="staf")).json()

    path = f"/staf/complaints/{filed['complaint']}"
    one = (await rig.get("intake", path, by="staf", after=filed["recorded"])).json()

    assert (one["arrived_at"], one["filed_by"]) == (arrived.isoformat(), "staf:staf-1")
    assert one["agenda_number"] == "045/III/2026"


async def test_an_erasure_is_said_to_staf_and_to_the_complainant(rig: Rig) -> None:
    case = await walked(rig, "asked")
    service = rig.services["intake"]
    await rig.get("intake", f"/staf/complaints/{case.complaint}", by="staf", after=case.recorded)
    await service.keys.erase(case.complaint, "subject", who="staf", why="permintaan", at=service.desk.now())

    one = (await rig.get("intake", f"/staf/complaints/{case.complaint}", by="staf")).json()

    assert one["complainant"] == one["story"] == "[data pribadi telah dihapus]"
    is_problem(await case.say(SUPPLEMENT), 409, "data-erased")
    is_problem(await case.say(SUPPLEMENT, opd=DISDIK, after=None), 404, "not-found")


@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": "Bearer "},
        {"Authorization": "Basic c3RhZjpzdGFm"},
        {"Authorization": "Bearer a.b.c"},
        {"Authorization": "Bearer " + "a" * 9000},
    ],
)
async def test_what_is_no_token_lets_nobody_in(rig: Rig, headers: dict[str, str]) -> None:
    answer = await rig.clients["intake"].get("/staf/complaints", headers=headers)

    is_problem(answer, 401, "unauthenticated")
    assert answer.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("correlation", [b"\xe9", b"a b", b"x" * 10_000, b"\x7f"])
async def test_an_odd_correlation_id_harms_nothing(rig: Rig, correlation: bytes) -> None:
    headers = [(b"X-Correlation-Id", correlation)]
    filed = (await rig.clients["intake"].post(f"/public/{AGAM}/complaints", json=FORM, headers=headers)).json()

    read = await rig.get("intake", f"/staf/complaints/{filed['complaint']}", by="staf", after=filed["recorded"])

    assert read.status_code == 200


async def test_intake_describes_itself(rig: Rig) -> None:
    described = (await rig.clients["intake"].get("/openapi.json")).json()

    assert described["openapi"].startswith("3.1")
    assert {act.step.path for act in ACTS} <= described["paths"].keys()
