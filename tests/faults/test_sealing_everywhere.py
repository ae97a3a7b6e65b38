"""Personal data is nowhere but in the letters: not on the bus, in no database, in no log. Erased, it is gone."""

from __future__ import annotations

import secrets
from contextlib import closing
from time import monotonic
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio

from deploy.keys import DEMO_MASTER
from deploy.rebuild import Place, definitions, run
from services.kernel import clock, mongo
from services.kernel.master import master_keys
from services.kernel.mongo_keys import MongoKeys
from services.kernel.sealing import ERASED_TEXT
from tests.faults import acts
from tests.faults.checker import of_bus, of_journal
from tests.faults.evidence import gathered, positions
from tests.faults.house import until, until_ready
from tests.faults.planted import Planted, planted
from tests.faults.remains import remains
from tests.faults.search import found

if TYPE_CHECKING:
    from services.kernel.keys import Extent
    from tests.faults.house import House

pytestmark = [pytest.mark.integration, pytest.mark.timeout(400)]

OPD = "dpmptsp-agam"
STILL_SECONDS = 4.0


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def walked(house: House) -> Planted:
    """Personal data in every field that takes any, through the whole direct way, to the letter and the record."""
    return await planted(house, OPD)


async def at_rest(house: House) -> None:
    """Wait until nobody has anything left to append: nobody did for longer than a reader needs to take a batch."""
    before, since = await positions(house), monotonic()

    async def still() -> bool:
        nonlocal before, since
        earlier, before = before, await positions(house)
        if earlier != before:
            since = monotonic()
        rows = [await house.people(OPD).seen("staf", "notification/staf/deliveries")]
        waiting = [notice["status"] for row in rows[0] for notice in row["notices"].values() if row["reachable"]]
        return monotonic() - since > STILL_SECONDS and all(status == "delivered" for status in waiting)

    await until(still)
    await until_ready(house)


async def test_no_planted_text_is_anywhere_and_what_is_not_sealed_is_found(house: House, walked: Planted) -> None:
    await at_rest(house)
    places = await remains(house)

    assert found(walked.personal, places) == []

    seen = {at.partition(" ")[0] for at in (line.partition(" in ")[2] for line in found([walked.title], places))}
    assert seen == {"topic", "collection", "file"}
    kinds = {name.split(" of ")[0].split("@")[0] for name, _ in places}
    assert {"topic key", "topic value", "topic header ce_actor", "collection local.oplog.rs"} <= kinds
    assert {f"file {log}.log" for log in ("mongod", "kafka", "intake", "notification")} <= kinds | {"file mongod.log"}
    assert any(name.startswith("file kafka/log/complaints.events.v1-") for name, _ in places)


async def test_the_letters_say_what_is_sealed_everywhere_else(house: House, walked: Planted) -> None:
    await at_rest(house)
    assert house.home.letters is not None
    texts = [letter.get_content() for letter in house.home.letters.letters()]
    assert any(walked.letter in text for text in texts)


async def erased(house: House, complaint: str, extent: Extent) -> None:
    masters = master_keys((house.data / DEMO_MASTER).read_text().strip())
    with closing(mongo.connect(house.home.backing.mongo_url)) as client:
        keys = MongoKeys(mongo.database(client, "aduan_keys"), masters, secrets.token_bytes)
        await keys.erase(complaint, extent, who="staf:yelni", why="permintaan", at=clock.now())


async def views(house: House, complaint: str) -> dict[str, Any]:
    """Everything about the complaint that anyone may read, by who shows it."""
    people = house.people(OPD)
    return {
        "intake": await people.seen("staf", f"intake/staf/complaints/{complaint}"),
        "routing": await people.seen("kasi", f"routing/cases/{complaint}"),
        "notification": await people.seen("staf", "notification/staf/deliveries", complaint=complaint),
        "reporting": await people.seen("staf", f"reporting/recap/{complaint}"),
    }


async def rebuilt_the_same(house: House) -> None:
    """Every projection of every service, filled anew from the bus, says what the one that answers says."""
    place = Place(mongo_url=house.home.backing.mongo_url, kafka_url=house.home.backing.kafka_url)
    for definition in definitions():
        for projection in definition.projections:
            assert await run(place, definition, projection, switch=False, force=False), projection.name


async def test_after_an_erasure_the_chain_verifies_a_rebuild_is_the_same_and_reading_says_so(
    house: House, walked: Planted
) -> None:
    await at_rest(house)
    before, known = await positions(house), await views(house, walked.complaint)
    assert known["intake"]["story"]["what_happened"] == walked.story
    assert known["routing"]["acts"]["letter"]["body"] == walked.letter

    await erased(house, walked.complaint, "subject")

    async def is_noticed() -> bool:
        shown = await views(house, walked.complaint)
        return all(shown[name]["complainant"] == ERASED_TEXT for name in ("intake", "routing", "reporting"))

    await until(is_noticed)
    shown = await views(house, walked.complaint)
    assert (shown["intake"]["story"], shown["routing"]["story"]) == (ERASED_TEXT, ERASED_TEXT)
    assert shown["routing"]["acts"] == known["routing"]["acts"]  # the office's own file is not the complainant's
    assert not [text for text in walked.of_the_subject if text in str(shown)]
    await nothing_is_lost(house, before)


async def test_when_both_keys_are_gone_the_letter_is_too_and_the_record_stays(house: House, walked: Planted) -> None:
    await at_rest(house)
    before = await positions(house)

    await erased(house, walked.complaint, "both")

    async def is_noticed() -> bool:
        shown = str(await views(house, walked.complaint))
        return not [text for text in walked.personal if text in shown]

    await until(is_noticed)  # a service that has just read may remember a key for a while
    shown = await views(house, walked.complaint)
    assert shown["routing"]["acts"]["letter"]["body"] == ERASED_TEXT
    assert shown["reporting"]["title"] == walked.title
    assert shown["reporting"]["notes"] == ERASED_TEXT
    tracked = {"number": walked.number, "code": walked.tracking_code}
    told = await house.people(OPD).done(None, f"intake/public/{OPD}/track", tracked)
    assert (told["stage"], told["letter"]) == ("selesai", ERASED_TEXT)
    for at, body in walked.late_acts:
        assert await house.people(OPD).refused("staf", at, body) == (409, "data-erased")
    await nothing_is_lost(house, before)


async def nothing_is_lost(house: House, before: dict[str, int]) -> None:
    evidence = await gathered(house)
    assert await positions(house) == before
    assert [said for name, commits in evidence.journals.items() for said in of_journal(name, commits)] == []
    assert list(of_bus(evidence.journals, evidence.published)) == []
    await rebuilt_the_same(house)
    await until_ready(house)
    filed = await acts.file(house.people(OPD))  # and life goes on
    await acts.classify(house.people(OPD), filed.complaint)
