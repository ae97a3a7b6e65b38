"""Rows: what a projection makes of facts, purely, and how readers wait for them."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from services.kernel.envelope import arrive
from services.kernel.views import Rows
from tests.kernel.bus_samples import LANGUAGE, SAID, noted, reader, rooms

if TYPE_CHECKING:
    from services.kernel.dispatcher import Record
    from services.kernel.projection import Document

NOTES, ECHO = "notes/kota-1/n-1", "echo/kota-1/n-1"


def folded(records: list[Record]) -> Document:
    row: Document | None = None
    for r in records:
        row = SAID.apply(row, arrive(r.key, r.headers, r.value, r.timestamp).read(LANGUAGE))
    return SAID.settle(row or {})


@for_all(data=st.data())
def test_any_interleaving_of_streams_gives_the_same_row(data: st.DataObject) -> None:
    left = [noted(NOTES, *"abc"), noted(ECHO, *"xyz")]
    expected = folded([*left[0], *left[1]])
    mixed: list[Record] = []
    while any(left):
        stream = data.draw(st.sampled_from([records for records in left if records]))
        mixed.append(stream.pop(0))

    assert folded(mixed) == expected


def test_a_fold_changes_nothing_it_was_given() -> None:
    facts = [arrive(r.key, r.headers, r.value, r.timestamp).read(LANGUAGE) for r in noted(NOTES, "a", "b")]
    before = SAID.apply(None, facts[0])
    kept = {**before, "seen": dict(before["seen"])}

    SAID.apply(before, facts[1])
    SAID.skip(before, NOTES, 2)

    assert before == kept


@pytest.mark.integration
async def test_a_reader_waits_for_what_it_wrote_also_when_another_process_folds_it(
    mongo_url: str, database_name: str
) -> None:
    async with rooms(mongo_url, database_name) as database:
        folding, elsewhere = reader(database), reader(database)
        waits = [asyncio.create_task(r.view.wait_for(NOTES, 2)) for r in (folding, elsewhere)]

        await folding.dispatcher.consume(noted(NOTES, "a", "b"))

        await asyncio.wait_for(asyncio.gather(*waits), 5)
        assert await elsewhere.view.seen(NOTES) == 2
        assert await elsewhere.view.seen("notes/kota-1/nothing") == 0


@pytest.mark.integration
async def test_rows_are_of_one_office_and_of_no_other(mongo_url: str, database_name: str) -> None:
    async with rooms(mongo_url, database_name) as database:
        said = reader(database)
        await said.dispatcher.consume([*noted(NOTES, "a"), *noted("notes/kota-2/n-1", "b")])

        mine = await Rows(said.view, "kota-2").find({})
        assert [row["notes"]["texts"] for row in mine] == [["b"]]
        one: Any = await Rows(said.view, "kota-1").one("n-1")
        assert one["notes"]["texts"] == ["a"]
        assert await Rows(said.view, "kota-2").one("n-2") is None
