"""The SOP's direct way (steps 1 to 5 and 11 to 13), as people walk it, over HTTP on the whole house."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.faults import acts
from tests.faults.house import until

if TYPE_CHECKING:
    from tests.faults.house import House, People

pytestmark = pytest.mark.integration

AGAM, SCHOOLS = "dpmptsp-agam", "disdik-agam"


async def tracked(people: People, filed: acts.Filed, number: str, after: str) -> Any:
    asked = {"number": number, "code": filed.tracking_code}
    return await people.done(None, f"intake/public/{people.opd}/track", asked, after=after)


async def line(people: People, complaint: str, after: str) -> Any:
    return await people.seen("staf", f"reporting/recap/{complaint}", after=after)


async def last_fact(people: People, complaint: str) -> int:
    """The number of intake's newest fact of the complaint that the staff's view shows."""
    answer = await people.see("staf", f"intake/staf/complaints/{complaint}")
    return int(answer.headers["ETag"].strip('"'))


async def test_a_complete_file_goes_the_whole_way_to_the_recap(house: House) -> None:
    people = house.people(AGAM)
    filed = await acts.file(people)

    number, complete = await acts.checked(people, filed.complaint)
    issued = await acts.decided(people, filed.complaint, complete)
    told = await tracked(people, filed, number, issued)
    assert (told["stage"], told["letter_number"]) == ("diputuskan", "480/1/PH/XI-2026")
    assert told["letter"] == "Kami mohon maaf. Loket dibuka sesuai jadwal mulai besok."

    received = await acts.received(people, filed.complaint, issued)
    recorded = await acts.record(people, filed.complaint, received)

    row = await line(people, filed.complaint, recorded)
    assert (row["number"], row["status"], row["way"]) == (number, "Selesai dicatat", "Keputusan langsung")
    assert (row["outcome"], row["channel"], row["category"]) == ("Terselesaikan", "web", "jam_layanan")
    assert row["received_at"] is not None
    assert all(row["steps"][step]["ended_at"] for step in ("2", "3", "4", "5", "11", "12", "13"))
    assert (await tracked(people, filed, number, recorded))["stage"] == "selesai"


async def test_the_complainant_is_written_to_with_the_receipt_and_with_the_letter(house: House) -> None:
    people = house.people(AGAM)
    filed = await acts.file(people, {**acts.PERSON, "email": "dua.surat@surat.example"})
    number, complete = await acts.checked(people, filed.complaint)

    await acts.decided(people, filed.complaint, complete)

    async def both_came() -> bool:
        return len(letters_to(house, "dua.surat@surat.example")) == 2

    await until(both_came)
    receipt, letter = letters_to(house, "dua.surat@surat.example")
    assert number in receipt
    assert "Loket dibuka sesuai jadwal mulai besok." in letter


def letters_to(house: House, address: str) -> list[str]:
    """The receipt first: the letter alone tells the decision."""
    assert house.home.letters is not None
    texts = [one.get_content() for one in house.home.letters.letters() if one["To"].addresses[0].addr_spec == address]
    return sorted(texts, key=lambda text: "mohon maaf" in text)


async def test_an_incomplete_file_is_supplemented_and_then_complete(house: House) -> None:
    people = house.people(AGAM)
    filed = await acts.file(people)
    await acts.classify(people, filed.complaint)

    asked = await acts.ask_for(people, filed.complaint, "evidence", "identity")
    number = await acts.receipt(people, filed.complaint)
    told = await tracked(people, filed, filed.complaint, asked)
    assert (told["stage"], told["awaits"], told["missing"]) == (
        "diterima",
        "Kelengkapan berkas dari Anda",
        ["evidence", "identity"],
    )

    await acts.supplement(people, filed, "evidence", "identity")
    complete = await acts.declare_complete(people, filed.complaint)
    assert await acts.receipt(people, filed.complaint) == number  # another edition of the same
    assert (await tracked(people, filed, number, complete))["missing"] == []

    issued = await acts.decided(people, filed.complaint, complete)
    recorded = await acts.record(people, filed.complaint, await acts.received(people, filed.complaint, issued))
    row = await line(people, filed.complaint, recorded)
    assert (row["number"], row["status"], row["steps"]["2"]["visits"]) == (number, "Selesai dicatat", 2)


async def test_a_complaint_withdrawn_before_the_letter_ends_everywhere_and_keeps_its_number(house: House) -> None:
    people = house.people(AGAM)
    filed = await acts.file(people)
    number, complete = await acts.checked(people, filed.complaint)
    await acts.review(people, filed.complaint, complete)

    withdrawn = (await people.done(None, *acts.withdrawal(people, filed)))["recorded"]

    analysis = {"analysis": "Tidak perlu lagi.", "proposal": "Tutup."}
    at = f"routing/kabid/cases/{filed.complaint}/analysis"
    assert await people.refused("kabid", at, analysis, after=withdrawn) == (409, "complaint-withdrawn")
    recorded = await acts.record(people, filed.complaint, withdrawn, "withdrawn")
    row = await line(people, filed.complaint, recorded)
    assert (row["number"], row["status"], row["outcome"]) == (number, "Dicabut oleh pengadu", "Dicabut oleh pengadu")
    told = await tracked(people, filed, number, withdrawn)
    assert (told["withdrawn"], told["stage"]) == (True, "selesai")


async def test_a_withdrawal_after_the_letter_comes_too_late(house: House) -> None:
    people = house.people(AGAM)
    filed = await acts.file(people)
    _, complete = await acts.checked(people, filed.complaint)
    issued = await acts.decided(people, filed.complaint, complete)
    await people.seen("staf", f"intake/staf/complaints/{filed.complaint}", after=issued)  # the letter is noted

    assert await people.refused(None, *acts.withdrawal(people, filed)) == (409, "letter-already-signed")
    row = await line(people, filed.complaint, issued)
    assert row["status"] in {"Surat ditandatangani", "Surat disampaikan"}
    assert row["number_void"] is False


async def test_a_complaint_without_identity_is_handled_and_nobody_is_written_to(house: House) -> None:
    people = house.people(AGAM)
    filed = await acts.file(people, None)
    _, complete = await acts.checked(people, filed.complaint)

    issued = await acts.decided(people, filed.complaint, complete)
    recorded = await acts.record(people, filed.complaint, issued)  # the notice board tells the outcome

    row = await line(people, filed.complaint, recorded)
    assert (row["no_identity"], row["status"], row["complainant"]) == (True, "Selesai dicatat", None)
    (told,) = await people.seen("staf", "notification/staf/deliveries", complaint=filed.complaint, after=issued)
    assert (told["reachable"], told["contacts"], {n["attempts"] for n in told["notices"].values()}) == (False, [], {0})


async def test_what_one_office_handles_another_never_sees(house: House) -> None:
    ours, theirs = house.people(AGAM), house.people(SCHOOLS)
    filed = await acts.file(ours)
    number, complete = await acts.checked(ours, filed.complaint)
    other = await acts.file(theirs)
    other_number, other_complete = await acts.checked(theirs, other.complaint)
    await acts.decided(ours, filed.complaint, complete)
    await acts.decided(theirs, other.complaint, other_complete)

    for people, own, foreign in ((ours, filed, other), (theirs, other, filed)):
        assert own.complaint in await complaints_in_lists(people)
        assert foreign.complaint not in await complaints_in_lists(people)
        assert await by_id(people, foreign.complaint) == {404}
    crossed = {"number": other_number, "code": other.tracking_code}
    for asked in (crossed, {**crossed, "number": other.complaint}, {**crossed, "number": number}):
        assert await ours.refused(None, f"intake/public/{AGAM}/track", asked) == (404, "not-found")


async def complaints_in_lists(people: People) -> set[str]:
    """Every complaint that any list of the office shows to anyone who reads it."""
    lists = [
        await people.seen("staf", "intake/staf/complaints"),
        await people.seen("staf", "notification/staf/deliveries"),
        *[await people.seen(holder, f"routing/{holder}/cases") for holder in ("kasi", "kabid", "kadis")],
        (await people.seen("staf", "reporting/recap"))["rows"],
    ]
    return {row["complaint"] for rows in lists for row in rows}


async def by_id(people: People, complaint: str) -> set[int]:
    """The statuses of asking for, and of acting on, a complaint by its identity."""
    asked = [
        await people.see("staf", f"intake/staf/complaints/{complaint}"),
        await people.see("kasi", f"routing/cases/{complaint}"),
        await people.see("staf", f"reporting/recap/{complaint}"),
    ]
    refused = [
        await people.refused("staf", f"intake/staf/complaints/{complaint}/completeness", {}),
        await people.refused("staf", f"intake/staf/complaints/{complaint}/receipt", {}),
        await people.refused("kabid", f"routing/kabid/cases/{complaint}/return", {"reason": "Periksa lagi."}),
        await people.refused(
            "staf", f"notification/staf/cases/{complaint}/receipt-of-recommendation", {"receiver": "complainant"}
        ),
        await people.refused("staf", f"reporting/staf/cases/{complaint}/record", {"outcome": "settled"}),
    ]
    return {*(answer.status_code for answer in asked), *(status for status, _ in refused)}
