"""Bad records on the bus are set aside as designed, in every partition, and everything else goes on flowing."""

from __future__ import annotations

import asyncio
from collections import Counter
from time import monotonic
from typing import TYPE_CHECKING, Any

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.errors import MessageSizeTooLargeError
from confluent_kafka import Producer

from deploy.rebuild import definitions
from deploy.topics import described
from services.kernel.settings import EVENTS_TOPIC
from tests.faults import acts
from tests.faults.evidence import filings, gathered
from tests.faults.house import said, until, until_ready
from tests.faults.poison import STAMP, STRANGERS, UNKNOWN_TYPE, UNREADABLE, UNTRUSTED, Raw

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.faults.house import House

pytestmark = [pytest.mark.integration, pytest.mark.timeout(400)]

OPD = "dpmptsp-agam"
FIRST_BUILD = "{}_v{}_b1"
FILED_AFTERWARDS = 8


async def test_bad_records_hold_up_nobody_else_and_wait_where_they_can_be_found(house: House) -> None:
    people = house.people(OPD)
    earlier = await acts.file(people)

    await sent(house, [*STRANGERS.values(), *UNTRUSTED.values(), *UNREADABLE.values(), UNKNOWN_TYPE])

    began, later = monotonic(), [await acts.file(people) for _ in range(FILED_AFTERWARDS)]
    for filed in later:
        await people.seen("staf", f"reporting/recap/{filed.complaint}", after=filed.recorded)
    print(f"\n{FILED_AFTERWARDS} complaints filed and in the recap {monotonic() - began:.1f} s after the bad records")  # noqa: T201
    number, complete = await acts.checked(people, earlier.complaint)
    await acts.decided(people, earlier.complaint, complete)

    async def are_set_aside() -> bool:
        return await set_aside(house) == expected()

    try:
        await until(are_set_aside, 60)
    except TimeoutError:
        assert await set_aside(house) == expected()
    await until_ready(house)  # what waits for a person makes no service unready
    assert await filings(house) == [earlier.complaint, *(filed.complaint for filed in later)]
    assert number
    recaps = [row["complaint"] for row in (await people.seen("staf", "reporting/recap"))["rows"]]
    assert Counter(recaps) == Counter(await filings(house))


async def test_what_is_larger_than_the_topic_takes_is_refused_by_the_broker(house: House) -> None:
    largest = int(described()[EVENTS_TOPIC].config["max.message.bytes"])
    producer = AIOKafkaProducer(
        bootstrap_servers=house.home.backing.kafka_url, max_request_size=4 * largest, enable_idempotence=False
    )
    async with producer:
        with pytest.raises(MessageSizeTooLargeError):
            await producer.send_and_wait(EVENTS_TOPIC, bytes(largest + 1), partition=0)


async def test_no_reader_did_anything_because_of_a_bad_record(house: House) -> None:
    journals = (await gathered(house)).journals
    streams = {commit.stream for commits in journals.values() for commit in commits}
    assert not [stream for stream in streams if "palsu" in stream or "aneh" in stream]


async def sent(house: House, records: Iterable[Raw]) -> None:
    """To every partition: wherever a complaint flows, they lie before it."""
    producer = Producer({"bootstrap.servers": house.home.backing.kafka_url, "message.max.bytes": 2_000_000})
    for raw in records:
        for partition in range(described()[EVENTS_TOPIC].partitions):
            told: list[tuple[str, str | bytes | None]] = [*raw.headers]
            producer.produce(EVENTS_TOPIC, raw.value, raw.key, partition, timestamp=STAMP, headers=told)
    assert await asyncio.to_thread(producer.flush, 60) == 0


async def set_aside(house: House) -> dict[str, dict[str, int]]:
    """By consumer: how many are parked, behind a gap, quarantined."""
    checks: list[dict[str, Any]] = [(await said(house, name))[1] for name in house.clients]
    return {consumer: counts for check in checks for consumer, counts in check["consumers"]["counts"].items()}


def expected() -> dict[str, dict[str, int]]:
    """A stranger is set aside once in each partition by everyone; a forgery of intake's by those who read intake."""
    times, counts = described()[EVENTS_TOPIC].partitions, {}
    for definition in definitions():
        readers = {"policies": (definition.hears, True)}
        readers |= {FIRST_BUILD.format(p.name, p.version): (p.folds.keys(), False) for p in definition.projections}
        for reader, (owners, decides) in readers.items():
            reads = "intake" in owners
            counts[f"{definition.name}.{reader}"] = {
                "parked": reads * (len(UNREADABLE) + decides),
                "gaps": 0,
                "quarantined": times * (len(STRANGERS) + reads * len(UNTRUSTED)),
            }
    return counts
