"""Reading sealed data leaves a trail, and no key without it."""

import os
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from services.kernel.keys import InMemoryKeys
from services.kernel.mongo import connect, database
from services.kernel.trail import Trail

pytestmark = pytest.mark.integration

AT = datetime(2026, 11, 23, 1, 2, 3, tzinfo=UTC)


@pytest.fixture
async def trail(mongo_url: str, database_name: str) -> AsyncIterator[Trail]:
    client = connect(mongo_url)
    kept = Trail(database(client, database_name)["openings"], InMemoryKeys(os.urandom), lambda: AT)
    await kept.prepare()
    for complaint in ("c-1", "c-2"):
        await kept.keys.claim(complaint, "agam")
    yield kept
    client.close()


async def lines(trail: Trail) -> list[tuple[str, str, str, str, datetime]]:
    return [(d["complaint"], d["opd"], d["who"], d["where"], d["at"]) async for d in trail.lines.find({})]


async def test_a_key_is_given_after_its_line_was_written(trail: Trail) -> None:
    ring = await trail.opening("c-1", opd="agam", who="kasi:afrizal", where="routing/case")

    assert ring == await trail.keys.of("c-1")
    assert await lines(trail) == [("c-1", "agam", "kasi:afrizal", "routing/case", AT)]


async def test_a_list_leaves_a_line_for_each_complaint(trail: Trail) -> None:
    rings = await trail.openings(["c-1", "c-2"], opd="agam", who="staf:yelni", where="notification/deliveries")

    assert set(rings) == {"c-1", "c-2"}
    assert sorted(line[0] for line in await lines(trail)) == ["c-1", "c-2"]


async def test_an_empty_list_leaves_none(trail: Trail) -> None:
    assert await trail.openings([], opd="agam", who="staf:yelni", where="notification/deliveries") == {}
    assert await lines(trail) == []
