# ruff: noqa: T201, S311 - the figures are to be read; chance here is to be repeated, not secret
"""Kill -9 of everything, one after the other, in the middle of a stream of filings: nothing acknowledged is lost."""

from __future__ import annotations

import os
import secrets
from collections import Counter
from random import Random  # noqa: TID251 - drawn once, printed, and passed in
from time import monotonic
from typing import TYPE_CHECKING

import pytest
from confluent_kafka.admin import AdminClient

from deploy.household import OFFICES
from deploy.serve import SERVICES
from deploy.topics import ensure_topics
from services.kernel.incarnation import BusAway, Topic
from services.kernel.settings import EVENTS_TOPIC
from tests.faults.checker import Evidence, findings
from tests.faults.evidence import gathered
from tests.faults.house import until, until_ready
from tests.faults.traffic import Traffic, flowing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.faults.house import House

pytestmark = [pytest.mark.integration, pytest.mark.timeout(600)]

SEED = "ADUAN_TEST_SEED"
VICTIMS = (*SERVICES, "kafka", "mongod")
WRITERS = 4
# Complaints taken to their receipts between one fault and the next.
BETWEEN = 8
QUIET_SECONDS = 180


async def test_every_acknowledged_complaint_is_in_the_recap_exactly_once(house: House) -> None:
    seed = int(os.environ.get(SEED, secrets.randbits(32)))  # noqa: TID251 - to repeat a run
    print(f"\nseed {seed}")
    order = list(VICTIMS)
    Random(seed).shuffle(order)

    async with flowing(house, seed, [Random(f"{seed}/{n}") for n in range(WRITERS)]) as traffic:
        await traffic.more(BETWEEN)
        for victim in order:
            await killed(house, victim)
            await traffic.more(BETWEEN)
        await topic_made_anew(house)
        await traffic.more(BETWEEN)
    evidence = await at_rest(house, traffic.acknowledged)

    told(evidence, traffic)
    assert await months_of_the_recap(house) == Counter(traffic.acknowledged.keys())
    assert None not in traffic.acknowledged.values()


async def killed(house: House, victim: str) -> None:
    """Kill it, start it again; it is back when it says so itself."""
    process, began = house.process(victim), monotonic()
    await process.kill()
    await process.start()
    back = monotonic() - began
    await until_ready(house)
    print(f"kill -9 {victim:<13} back after {back:5.1f} s, the whole house ready after {monotonic() - began:5.1f} s")


async def topic_made_anew(house: House) -> None:
    kafka_url, began = house.home.backing.kafka_url, monotonic()
    topic = Topic(kafka_url, EVENTS_TOPIC)
    before = await topic.incarnation()
    admin = AdminClient({"bootstrap.servers": kafka_url, "log_level": 0})
    admin.delete_topics([EVENTS_TOPIC])[EVENTS_TOPIC].result()

    async def is_another() -> bool:
        await ensure_topics(kafka_url)
        try:
            return await topic.incarnation() != before
        except BusAway:
            return False

    await until(is_another)
    print(f"topic deleted and made again after {monotonic() - began:5.1f} s")


async def at_rest(house: House, acknowledged: Mapping[str, str | None]) -> Evidence:
    """Wait until everything that was promised is so; then the evidence of it."""
    began, found = monotonic(), ["nothing was read yet"]
    evidence = Evidence(journals={})
    while found and monotonic() - began < QUIET_SECONDS:
        evidence = await gathered(house)
        found = findings(evidence, acknowledged)
    assert not found, f"{len(found)} findings, of which {found[:20]}"
    await until_ready(house)
    print(f"at rest after {monotonic() - began:5.1f} s")
    return evidence


async def months_of_the_recap(house: House) -> Counter[str]:
    """How often each complaint stands in the recap, as people see it."""
    recaps = [await house.people(opd).seen("staf", "reporting/recap") for opd in OFFICES]
    return Counter(row["complaint"] for recap in recaps for row in recap["rows"])


def told(evidence: Evidence, traffic: Traffic) -> None:
    facts = sum(len(commit.events) for commits in evidence.journals.values() for commit in commits)
    doubles = len(evidence.published) - len({record.id for record in evidence.published})
    again = len(evidence.letters) - len(set(evidence.letters))
    print(f"complaints {len(traffic.acknowledged)}, facts {facts}, records {len(evidence.published)}")
    print(f"published twice {doubles}, letters {len(evidence.letters)}, letters that came twice {again}")
