"""Step 12 over HTTP, and the letters that really go out."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from services.kernel import clock
from services.notification.effects.post import message_id
from tests.notification.correspondence import settled, told
from tests.rig.promises import (
    UNKNOWN,
    Act,
    hides_what_is_not_there,
    is_done_once,
    is_problem,
    refuses_bad_bodies,
    refuses_strangers,
)
from tests.rig.rig import AGAM, DISDIK, MAIL_FROM, OFFICES
from tests.rig.sink import text_of, to
from tests.rig.walk import ASIDE, WAY, Step, walked

if TYPE_CHECKING:
    from tests.rig.rig import Rig

pytestmark = pytest.mark.integration

LINE = 200
CONFIRM = Step(
    service="notification",
    path="/public/{opd}/complaints/{complaint}/receipt-of-recommendation",
    by=None,
    body={"code": "ZZZZ-ZZZZ-ZZZZ"},
)
ACTS = [
    Act(
        step=replace(WAY["received"], body={"receiver": "other", "receiver_name": "Budi 😀"}),
        at="issued",
        otherwise={"receiver_name": "Badu"},
        longest={"receiver_name": LINE},
        optional=frozenset({"receiver_name"}),
        barred="kasi",
    ),
    Act(step=CONFIRM, at="issued", otherwise={"receiver": "proxy"}, longest={"code": LINE}),
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


async def test_a_letter_not_yet_signed_cannot_have_been_received(rig: Rig) -> None:
    case = await walked(rig, "receipted")

    is_problem(await case.say(WAY["received"]), 409, "letter-not-yet-issued")


async def test_only_the_tracking_code_speaks_for_the_complainant(rig: Rig) -> None:
    case = await walked(rig, "issued")

    is_problem(await case.say(CONFIRM), 403, "tracking-code-wrong")
    is_problem(
        await rig.post("notification", case.path(CONFIRM.path).replace(AGAM, "nowhere"), CONFIRM.body),
        404,
        "office-unknown",
    )
    typed = case.code.lower().replace("-", " ")
    right = await case.say(replace(CONFIRM, body={"code": typed}))
    assert right.status_code == 200


async def test_another_receiver_is_named(rig: Rig) -> None:
    case = await walked(rig, "issued")

    unnamed = await case.say(replace(WAY["received"], body={"receiver": "other"}))
    is_problem(unnamed, 422, "receiver-unnamed")
    named = await case.say(replace(WAY["received"], body={"receiver": "other", "receiver_name": "Budi"}))

    row = await told(rig, case, named.json()["recorded"])
    assert row["received"]["receiver_name"] == "Budi"
    assert row["received"]["proof"] == "signed_statement"


async def test_a_receipt_bears_a_time_that_has_been(rig: Rig) -> None:
    case = await walked(rig, "issued")
    for days in (1, -15):
        wrong = {"receiver": "complainant", "received_at": (clock.now() + timedelta(days=days)).isoformat()}
        is_problem(await case.say(replace(WAY["received"], body=wrong)), 422, "occurred-at-not-allowed")
    naive = {"receiver": "complainant", "received_at": "2026-03-04T10:00:00"}
    is_problem(await case.say(replace(WAY["received"], body=naive)), 422, "invalid")
    then = clock.now() - timedelta(days=2)
    right = await case.say(replace(WAY["received"], body={"receiver": "proxy", "received_at": then.isoformat()}))

    assert (await told(rig, case, right.json()["recorded"]))["received"]["at"] == then.isoformat()


async def test_the_receipt_goes_out_by_mail_with_all_it_has_to_say(rig: Rig) -> None:
    case = await walked(rig, "receipted")

    (message,) = await rig.mail.received(to(case.email))

    text = text_of(message)
    assert case.number is not None
    for said in (case.number, "Yth. Bapak/Ibu Siti Aminah", "tidak dipungut biaya", "kode pelacakan", OFFICES[AGAM]):
        assert said in text
    assert "$" not in text
    assert case.number in message["Subject"]
    assert message["Message-ID"] == message_id(f"{case.complaint}-receipt", rig.settings)
    assert message["From"] == f"{OFFICES[AGAM]} <{MAIL_FROM}>"
    assert case.code not in text


async def test_the_letter_goes_out_in_full(rig: Rig) -> None:
    case = await walked(rig, "issued")

    messages = await rig.mail.received(to(case.email), 2)
    own = message_id(f"{case.complaint}-recommendation", rig.settings)
    (message,) = [one for one in messages if one["Message-ID"] == own]

    text = text_of(message)
    for said in ("500.16/12/PH/2026", "4 Maret 2026", "Surat Tanggapan Pengaduan", "Mohon maaf atas keterlambatannya."):
        assert said in text
    assert str(case.number) in text
    assert (await settled(rig, case, "recommendation", "delivered"))["attempts"] == 1


async def test_an_incomplete_file_is_answered_with_what_is_missing(rig: Rig) -> None:
    case = await walked(rig, "classified")
    _, ask = ASIDE["asked"]
    wanted = {**ask.body, "missing": ["evidence", "signature", "map_of_the_site"]}
    assert (await case.say(replace(ask, body=wanted))).status_code == 200
    await case.go("receipted")

    (message,) = await rig.mail.received(to(case.email))

    for said in ("- Bukti pendukung", "- Tanda tangan", "- map_of_the_site", "belum lengkap"):
        assert said in text_of(message)


async def test_an_address_that_does_not_exist_is_given_up(rig: Rig) -> None:
    case = await walked(rig, "complete")
    rig.mail.on_recipient[case.email] = "550 5.1.1 no such user"
    await case.go("receipted")

    given_up = await settled(rig, case, "receipt", "given_up")

    assert (given_up["reason"], given_up["attempts"]) == ("smtp_550", 1)
    row = await told(rig, case)
    assert row["next_due_at"] is None


async def test_a_busy_mailbox_is_tried_again_later(rig: Rig) -> None:
    case = await walked(rig, "complete")
    rig.mail.on_message[case.email] = "451 4.3.0 try again"
    await case.go("receipted")

    failed = await settled(rig, case, "receipt", "failed")

    assert (failed["reason"], failed["possible_double"]) == ("smtp_451", False)
    assert (await told(rig, case))["next_due_at"] > failed["attempted_at"]


async def test_a_server_that_falls_silent_leaves_the_attempt_without_a_report(rig: Rig) -> None:
    case = await walked(rig, "complete")
    rig.mail.on_message[case.email] = ""
    await case.go("receipted")
    await rig.mail.received(to(case.email))

    sending = await settled(rig, case, "receipt", "sending")

    assert sending["attempts"] == 1
    assert "reason" not in sending
    row = await told(rig, case)
    assert row["next_due_at"] > sending["attempted_at"]


async def test_a_complaint_without_identity_is_written_to_by_nobody(rig: Rig) -> None:
    case = await walked(rig, "issued", identity=False)

    row = await told(rig, case)

    assert (row["reachable"], row["no_identity"], row["next_due_at"]) == (False, True, None)
    assert {notice["status"] for notice in row["notices"].values()} == {"requested"}


async def test_what_was_erased_is_not_sent_any_more(rig: Rig) -> None:
    case = await walked(rig, "complete")
    service = rig.services["notification"]
    await service.keys.erase(case.complaint, "subject", who="staf", why="permintaan", at=service.desk.now())
    await case.go("receipted")

    assert (await settled(rig, case, "receipt", "given_up"))["reason"] == "data_erased"
    assert rig.mail.those(to(case.email)) == []


async def test_deliveries_are_for_staf_of_the_office(rig: Rig) -> None:
    case = await walked(rig, "receipted")
    await told(rig, case)

    is_problem(await rig.get("notification", "/staf/deliveries", by="kasi"), 403, "forbidden")
    is_problem(await rig.get("notification", "/staf/deliveries", by="staf", complaint="a b"), 422, "invalid")
    elsewhere = await rig.get("notification", "/staf/deliveries", by="staf", opd=DISDIK, complaint=case.complaint)
    assert elsewhere.json() == []
    page = (await rig.get("notification", "/staf/deliveries", by="staf", beyond=case.complaint)).json()
    assert case.complaint not in [row["complaint"] for row in page]
    none = await rig.get("notification", "/staf/deliveries", by="staf", complaint=UNKNOWN)
    assert none.json() == []


async def test_notification_describes_itself(rig: Rig) -> None:
    described = (await rig.clients["notification"].get("/openapi.json")).json()

    assert described["openapi"].startswith("3.1")
    assert {"/staf/deliveries", *(act.step.path for act in ACTS)} <= described["paths"].keys()
