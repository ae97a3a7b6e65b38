"""From records to rows, whatever comes, in whatever order: on the real store."""

from __future__ import annotations

import asyncio
import itertools
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import given as for_all
from hypothesis import strategies as st

from services.kernel.refusal import Conflict
from services.kernel.stations import BEHIND, GAP, UPGRADE
from tests.kernel.bus_samples import (
    NEWER,
    Later,
    Misshapen,
    Reader,
    Unheard,
    history,
    noted,
    paused,
    reader,
    rehashed,
    rooms,
    with_header,
)
from tests.kernel.samples import WHEN, Noted

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from schemas.event import Event
    from services.kernel.dispatcher import Record
    from services.kernel.mongo import Database

pytestmark = pytest.mark.integration
ROW = "kota-1|n-1"
NOTES, ECHO = "notes/kota-1/n-1", "echo/kota-1/n-1"
_fresh = itertools.count()


@pytest.fixture
async def database(mongo_url: str, database_name: str) -> AsyncIterator[Database]:
    async with rooms(mongo_url, database_name) as opened:
        yield opened


@pytest.fixture
def said(database: Database) -> Reader:
    return reader(database)


def batches(records: Sequence[Record], cuts: Sequence[int]) -> list[Sequence[Record]]:
    edges = [0, *sorted(cut % (len(records) + 1) for cut in cuts), len(records)]
    return [records[a:b] for a, b in itertools.pairwise(edges)]


THREE = noted(NOTES, "a", "b", "c")
TWO = noted(ECHO, "x", "y")
WHOLE = {"notes": {"texts": ["a", "b", "c"]}, "echo": {"texts": ["x", "y"]}, "derived": {"count": 5}}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@for_all(
    order=st.permutations([*THREE, *TWO]),
    again=st.lists(st.sampled_from([*THREE, *TWO]), max_size=6),
    cuts=st.lists(st.integers(0, 11), max_size=4),
)
async def test_duplicates_reorder_and_any_batches_give_the_same_row(
    database: Database, order: list[Record], again: list[Record], cuts: list[int]
) -> None:
    said = reader(database, f"said_{next(_fresh)}")

    for batch in batches([*order, *again], cuts):
        await said.dispatcher.consume(batch)

    assert await said.row(ROW) == WHOLE
    assert await said.waiting() == []


async def test_a_year_old_redelivery_changes_nothing(said: Reader) -> None:
    await said.dispatcher.consume([*THREE, *TWO])
    before = await said.view.table.find_one({"_id": ROW})

    await said.dispatcher.consume([*THREE, *TWO])

    assert await said.view.table.find_one({"_id": ROW}) == before


async def test_what_comes_early_is_held_until_another_replica_brings_the_missing_one(database: Database) -> None:
    here, there = reader(database), reader(database)
    await here.dispatcher.consume([THREE[0], THREE[2]])
    assert await here.waiting() == [(NOTES, 3, GAP)]

    await there.dispatcher.consume([THREE[1]])

    assert await there.row(ROW) == {"notes": {"texts": ["a", "b", "c"]}, "derived": {"count": 3}}
    assert await there.waiting() == []


async def test_what_was_held_too_late_is_taken_by_the_next_sweep(said: Reader) -> None:
    """A replica that slept may hold a record back after another took the one it waits for."""
    await said.dispatcher.consume([THREE[0], THREE[2]])
    held = await said.database["stations"].find_one({})
    assert held is not None
    await said.database["stations"].delete_one({})
    await said.dispatcher.consume(THREE[1:2])
    await said.database["stations"].insert_one(held)

    await said.dispatcher.sweep()

    assert await said.row(ROW) == {"notes": {"texts": ["a", "b", "c"]}, "derived": {"count": 3}}
    assert await said.waiting() == []


async def test_a_gap_older_than_the_limit_is_counted_and_a_younger_one_is_not(said: Reader) -> None:
    await said.dispatcher.consume(THREE[1:])

    stations = said.dispatcher.stations
    assert (await stations.counts(WHEN))["gaps"] == 0
    assert (await stations.counts(WHEN + timedelta(seconds=1)))["gaps"] == 2


async def test_a_sweep_over_a_gap_writes_nothing(said: Reader) -> None:
    await said.dispatcher.consume(THREE[1:])
    await said.database["stations"].update_many({}, {"$set": {"untouched": True}})

    await said.dispatcher.sweep()

    assert await said.database["stations"].count_documents({"untouched": True}) == 2


@pytest.mark.parametrize(
    ("poison", "reason"),
    [
        pytest.param(Misshapen(words=1), "Unreadable", id="data that do not fit"),
        pytest.param(Later(text="?"), UPGRADE, id="an unknown version"),
        pytest.param(Noted(text="trap: fold"), "ZeroDivisionError", id="a fold that fails"),
        pytest.param(Noted(text="trap: derive"), "LookupError", id="a derivation that fails"),
        pytest.param(Noted(text="trap: document"), "OverflowError", id="a row no document can hold"),
    ],
)
async def test_a_poisoned_stream_is_parked_in_order_and_the_others_flow(
    said: Reader, poison: Event, reason: str
) -> None:
    sick = history(NOTES, Noted(text="a"), poison, Noted(text="c"), Noted(text="d"))

    await said.dispatcher.consume([*sick[:3], *TWO, *noted("notes/kota-1/n-2", "a")])
    await said.dispatcher.consume(sick[3:])
    await said.dispatcher.sweep()

    assert [(sequence, why.split(":")[0]) for _, sequence, why in await said.waiting()] == [
        (2, reason),
        (3, BEHIND),
        (4, BEHIND),
    ]
    assert await said.row(ROW) == {
        "notes": {"texts": ["a"]},
        "echo": {"texts": ["x", "y"]},
        "derived": {"count": 3},
    }
    assert await said.row("kota-1|n-2") == {"notes": {"texts": ["a"]}, "derived": {"count": 1}}


async def test_a_retry_by_a_release_that_can_read_it_gives_the_state_of_no_poison(database: Database) -> None:
    said, newer = reader(database), reader(database, language=NEWER)
    sick = history(NOTES, Later(text="a"), Later(text="b"), Later(text="c"))
    await said.dispatcher.consume(sick)
    assert len(await said.waiting()) == 3

    await newer.dispatcher.sweep()

    assert await newer.row(ROW) == {"notes": {"texts": ["a", "b", "c"]}, "derived": {"count": 3}}
    assert await newer.waiting() == []


async def test_a_parked_record_is_tried_once_for_each_retry_and_no_more(said: Reader) -> None:
    tries = 0
    fold = said.view.projection.folds["notes"]

    def counted(before: Any, fact: Any) -> Any:
        nonlocal tries
        tries += fact.sequence == 2
        return fold(before, fact)

    said = reader(said.database, projection=_with_fold(said, counted))
    await said.dispatcher.consume(noted(NOTES, "a", "trap: fold", "c"))
    at_first = tries
    for _ in range(5):
        await said.dispatcher.sweep()
    assert tries == at_first

    assert await said.dispatcher.stations.retry(NOTES)
    for _ in range(5):
        await said.dispatcher.sweep()

    assert at_first < tries <= 2 * at_first
    assert [sequence for _, sequence, _ in await said.waiting()] == [2, 3]


def _with_fold(said: Reader, fold: Any) -> Any:
    return replace(said.view.projection, folds={**said.view.projection.folds, "notes": fold})


async def test_a_dropped_record_is_passed_over_live_and_in_every_rebuild(database: Database, said: Reader) -> None:
    sick = noted(NOTES, "a", "trap: fold", "c")
    await said.dispatcher.consume(sick)

    await said.dispatcher.stations.drop(NOTES, 2, "staf:ani", "salah ketik", WHEN)
    await said.dispatcher.sweep()
    rebuilt = reader(database, "said_v1_b2")
    await rebuilt.dispatcher.consume(sick)

    expected = {"notes": {"texts": ["a", "c"]}, "derived": {"count": 2}}
    assert await said.row(ROW) == await rebuilt.row(ROW) == expected
    assert await said.waiting() == []


async def test_projections_advance_past_a_type_they_never_heard_of(said: Reader) -> None:
    await said.dispatcher.consume(history(NOTES, Noted(text="a"), Unheard(text="?"), Noted(text="c")))

    assert await said.row(ROW) == {"notes": {"texts": ["a", "c"]}, "derived": {"count": 2}}


GOOD = noted(NOTES, "a", "b")


@pytest.mark.parametrize(
    "bad",
    [
        pytest.param(with_header(GOOD[1], "ce_id", b"\xff\xfe"), id="undecodable header bytes"),
        pytest.param(with_header(GOOD[1], "ce_source", b"\xff\xfe"), id="undecodable source"),
        pytest.param(with_header(GOOD[1], "ce_type", None), id="a missing header"),
        pytest.param(rehashed(GOOD[1], headers=()), id="no headers at all"),
        pytest.param(rehashed(with_header(GOOD[1], "ce_opd", b"kota-2")), id="a foreign office"),
        pytest.param(rehashed(GOOD[1], key=b"n-2"), id="the wrong key"),
        pytest.param(rehashed(GOOD[1], value=b""), id="an empty value"),
        pytest.param(rehashed(GOOD[1], value=None), id="a tombstone"),
        pytest.param(with_header(GOOD[1], "ce_chain", b"0" * 64), id="a wrong hash"),
        pytest.param(rehashed(with_header(GOOD[1], "ce_chainprev", b"1" * 64)), id="a broken chain"),
    ],
)
async def test_an_untrusted_record_is_quarantined_singly_and_holds_up_nothing(said: Reader, bad: Record) -> None:
    await said.dispatcher.consume([GOOD[0], bad, *TWO])
    await said.dispatcher.consume([bad, GOOD[1]])

    assert len(await said.quarantined()) == 1
    assert await said.waiting() == []
    row = await said.row(ROW)
    assert row is not None
    assert row["notes"] == {"texts": ["a", "b"]}


async def test_a_forged_record_held_behind_a_gap_does_not_push_out_the_true_one(said: Reader) -> None:
    forged = noted(NOTES, "z", "z", "z")[2]
    await said.dispatcher.consume([THREE[2]])
    await said.dispatcher.consume([forged, THREE[2]])

    await said.dispatcher.consume(THREE[:2])

    row = await said.row(ROW)
    assert row is not None
    assert row["notes"] == {"texts": ["a", "b", "c"]}
    assert await said.waiting() == []


async def test_a_parked_record_that_took_effect_in_another_replica_holds_up_nothing(database: Database) -> None:
    """A replica of the old release, woken late, parks what one of the new release has already taken."""
    old, new = reader(database), reader(database, language=NEWER)
    sick = history(NOTES, Later(text="a"), Later(text="b"))
    await old.dispatcher.consume(sick[:1])
    parked = await database["stations"].find_one({})
    assert parked is not None
    await new.dispatcher.sweep()
    await database["stations"].insert_one(parked)

    await new.dispatcher.consume(sick[1:])

    row = await new.row(ROW)
    assert row is not None
    assert row["notes"] == {"texts": ["a", "b"]}
    await new.dispatcher.sweep()
    assert await new.waiting() == []


async def test_two_replicas_with_one_batch_have_one_effect(database: Database) -> None:
    """Both have read before either writes."""
    here, there = reader(database), reader(database)
    await here.dispatcher.consume(noted("notes/kota-1/n-2", "a"))
    barrier, met = asyncio.Barrier(2), 0

    async def meeting() -> None:
        nonlocal met
        if met < 2:
            met += 1
            await barrier.wait()

    both = [paused(replica, meeting) for replica in (here, there)]
    await asyncio.gather(*(replica.consume([*THREE, *TWO]) for replica in both))

    row = await here.view.table.find_one({"_id": ROW})
    assert row is not None
    assert await here.row(ROW) == WHOLE
    assert row["rev"] == 1


async def test_a_replica_that_slept_between_reading_and_writing_reads_and_folds_again(database: Database) -> None:
    zombie, awake = reader(database), reader(database)
    await awake.dispatcher.consume(THREE[:1])
    asleep, wake = asyncio.Event(), asyncio.Event()

    async def sleeping() -> None:
        if not asleep.is_set():
            asleep.set()
            await wake.wait()

    late = asyncio.create_task(paused(zombie, sleeping).consume([THREE[1], *TWO]))
    await asleep.wait()
    await awake.dispatcher.consume(THREE[1:])

    wake.set()
    await late

    assert await awake.row(ROW) == WHOLE


async def test_conflicts_that_never_end_are_given_back_to_the_bus(said: Reader) -> None:
    async def always() -> None:
        raise Conflict("always")

    with pytest.raises(Conflict):
        await paused(said, always).consume(THREE)
