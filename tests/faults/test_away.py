"""Kafka or MongoDB away, at the start or in the middle: waits that say what they wait for, and nothing lost."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import httpx2
import pytest

from services.kernel import clock
from tests.faults import acts
from tests.faults.evidence import filings
from tests.faults.house import said, until, until_ready

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.faults.house import House

pytestmark = [pytest.mark.integration, pytest.mark.timeout(400)]

OPD = "dpmptsp-agam"
FILE = f"intake/public/{OPD}/complaints"
FORM = {"complainant": None, "story": acts.STORY}
AT_ONCE = 8


@asynccontextmanager
async def started_without(house: House, service: str, store: str) -> AsyncIterator[None]:
    """Within the block `service` has been started anew while `store` is dead; afterwards both are there."""
    await house.process(store).kill()
    await house.process(service).kill()
    coming = asyncio.create_task(house.process(service).start())
    try:
        await until(lambda: lives(house, service))
        yield
    finally:
        await house.process(store).start()
        await coming
    await until_ready(house)


async def lives(house: House, service: str) -> bool:
    try:
        return (await house.clients[service].get("/health/live")).is_success
    except httpx2.TransportError:
        return False


async def in_the_recap(house: House, complaint: str, recorded: str) -> bool:
    row = await house.people(OPD).seen("staf", f"reporting/recap/{complaint}", after=recorded)
    return bool(row["complaint"] == complaint)


async def test_started_without_mongodb_a_service_waits_says_so_and_answers_that_it_is_not_available(
    house: House,
) -> None:
    people, key, before, begins = house.people(OPD), clock.new_id(), await filings(house), len(house.log("intake"))

    async with started_without(house, "intake", "mongod"):
        status, checks = await said(house, "intake")
        assert (status, checks["journal"]["ok"]) == (503, False)
        answer = await people.tell(None, FILE, FORM, key=key)
        assert (answer.status_code, answer.headers["content-type"]) == (503, "application/problem+json")
        assert answer.json()["code"] in {"unavailable", "not-ready"}

        async def says_so() -> bool:
            return "waiting for MongoDB" in house.log("intake")[begins:]

        await until(says_so)
        assert await lives(house, "intake")

    filed = acts.Filed(**(await people.insist(None, FILE, FORM, key=key)).json())
    assert await filings(house) == [*before, filed.complaint]
    assert await in_the_recap(house, filed.complaint, filed.recorded)


async def test_started_without_kafka_a_service_waits_says_so_and_takes_complaints_meanwhile(house: House) -> None:
    people, before, begins = house.people(OPD), await filings(house), len(house.log("intake"))

    async with started_without(house, "intake", "kafka"):
        status, checks = await said(house, "intake")
        assert (status, checks["bus"]["ok"]) == (503, False)
        filed = await acts.file(people)

        async def says_so() -> bool:
            log = house.log("intake")[begins:]
            return "bus interrupted" in log and "relay interrupted" in log and "complaints.events.v1" in log

        await until(says_so)
        assert await lives(house, "intake")

    assert await filings(house) == [*before, filed.complaint]
    assert await in_the_recap(house, filed.complaint, filed.recorded)


async def test_while_kafka_stands_still_complaints_are_taken_and_arrive_afterwards(house: House) -> None:
    people, kafka = house.people(OPD), house.process("kafka")

    kafka.pause()
    try:
        filed = [await acts.file(people) for _ in range(3)]
        number, _ = await acts.checked(people, filed[0].complaint)

        async def is_known() -> bool:
            return (await said(house, "intake"))[0] == 503

        await until(is_known)
    finally:
        kafka.resume()

    await until_ready(house)
    for one in filed:
        assert await in_the_recap(house, one.complaint, one.recorded)
    row = await people.seen(
        "staf", f"reporting/recap/{filed[0].complaint}", after=f"intake/{OPD}/{filed[0].complaint}@4"
    )
    assert row["number"] == number


async def test_while_mongodb_stands_still_nothing_is_promised_and_each_key_gives_one_complaint(house: House) -> None:
    people, mongod, before = house.people(OPD), house.process("mongod"), await filings(house)
    keys = [clock.new_id() for _ in range(AT_ONCE)]
    asked = [asyncio.create_task(people.tell(None, FILE, FORM, key=key)) for key in keys]

    mongod.pause()  # some of them are at the keys now, some at the journal, some nowhere yet
    try:
        answers = await asyncio.gather(*asked)
        late = await people.tell(None, FILE, FORM, key=keys[0])
    finally:
        mongod.resume()
    assert {answer.status_code for answer in answers} <= {201, 503}
    assert late.status_code == 503
    assert late.json()["code"] == "unavailable"
    assert "Idempotency-Key" in late.json()["title"]

    filed = [(await people.insist(None, FILE, FORM, key=key)).json() for key in keys]
    again = [(await people.insist(None, FILE, FORM, key=key)).json() for key in keys]
    assert again == filed
    assert len({one["complaint"] for one in filed}) == AT_ONCE
    assert sorted(await filings(house)) == sorted([*before, *(one["complaint"] for one in filed)])
    for one in filed:
        assert await in_the_recap(house, one["complaint"], one["recorded"])
