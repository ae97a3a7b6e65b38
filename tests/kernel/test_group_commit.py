"""Appends that arrive together are written together, and each is answered as if it had come alone."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from services.kernel.commit import Appended
from services.kernel.journal import Journal, Store
from services.kernel.refusal import CommandReused, Conflict, TooLarge
from tests.kernel.samples import (
    OTHER,
    STREAM,
    AlreadyClosed,
    Closed,
    Noted,
    answered,
    assert_whole,
    of_stream,
    texts,
    together,
    wish,
)
from tests.kernel.stores import Held, everything, store_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from schemas.event import Event

STORES = ["memory", pytest.param("mongo", marks=pytest.mark.integration)]


@pytest.fixture(params=STORES)
async def store(request: pytest.FixtureRequest) -> AsyncIterator[Store]:
    async with store_of(request) as opened:
        yield opened


async def test_what_arrives_during_a_write_is_written_by_one_insert(store: Store) -> None:
    held = Held(store)
    journal = Journal(held)
    first = asyncio.create_task(journal.append(wish("c0")))
    await held.entered.wait()
    others = [asyncio.create_task(journal.append(wish(f"c{n}", stream=f"notes/kota-1/x-{n}"))) for n in range(1, 9)]
    await asyncio.sleep(0)

    held.release.set()
    await asyncio.gather(first, *others)

    assert held.inserts == 2
    assert_whole(await everything(store))


async def test_proposals_on_one_stream_are_chained_in_the_order_they_came(store: Store) -> None:
    answers = await together(Journal(store), *(wish(f"c{n}") for n in range(4)))

    commits = await everything(store)
    assert_whole(commits)
    assert texts(commits) == ["c0", "c1", "c2", "c3"]
    assert [answered(a).head.version for a in answers] == [1, 2, 3, 4]
    assert [answered(a).commit for a in answers] == list(commits)


async def test_a_later_proposal_is_decided_anew_on_what_came_before_it_in_the_group(store: Store) -> None:
    seen: list[Sequence[Event]] = []

    def anew(since: Sequence[Event]) -> Sequence[Event]:
        seen.append(since)
        return [Closed()]

    await together(Journal(store), wish("c0"), wish("c1", [Noted(text="x"), Noted(text="y")]), wish("c2", anew=anew))

    assert [list(since) for since in seen] == [[Noted(text="c0"), Noted(text="x"), Noted(text="y")]]
    assert texts(await everything(store)) == ["c0", "x", "y", "."]


async def test_who_is_refused_anew_hears_it_and_the_others_get_in(store: Store) -> None:
    def refuse(_: Sequence[Event]) -> Sequence[Event]:
        raise AlreadyClosed

    answers = await together(
        Journal(store),
        wish("c0", [Closed()]),
        wish("c1", anew=refuse),
        wish("c2", anew=lambda _: [Noted(text="after")]),
    )

    assert isinstance(answers[1], AlreadyClosed)
    assert texts(await everything(store)) == [".", "after"]


async def test_who_has_nothing_left_to_wish_stands_where_the_one_before_stands(store: Store) -> None:
    answers = await together(Journal(store), wish("c0"), wish("c1", anew=lambda _: []))

    assert answered(answers[1]).commit is None
    assert answered(answers[1]).head == answered(answers[0]).head
    assert len(await everything(store)) == 1


@pytest.mark.parametrize("outcome", ["refuses", "proposes nothing"])
async def test_an_answer_that_leans_on_a_commit_holds_only_if_that_one_gets_in(store: Store, outcome: str) -> None:
    def anew(_: Sequence[Event]) -> Sequence[Event]:
        if outcome == "refuses":
            raise AlreadyClosed
        return []

    await Journal(store).append(wish("another process"))

    answers = await together(Journal(store), wish("c0"), wish("c1", anew=anew))

    assert [type(answer) for answer in answers] == [Conflict, Conflict]
    assert texts(await everything(store)) == ["another process"]


async def test_what_leans_on_a_commit_that_lost_is_turned_away_and_the_rest_gets_in(store: Store) -> None:
    await Journal(store).append(wish("another process"))

    answers = await together(
        Journal(store), wish("c0"), wish("d0", stream=OTHER), wish("c1"), wish("d1", stream=OTHER), wish("c2")
    )

    assert [type(answer) for answer in answers] == [Conflict, Appended, Conflict, Appended, Conflict]
    commits = await everything(store)
    assert_whole(commits)
    assert texts(of_stream(commits, OTHER)) == ["d0", "d1"]


async def test_a_stranger_that_lost_turns_nobody_else_away_from_a_stream_half_written(store: Store) -> None:
    await Journal(store).append(wish("another process", stream=OTHER))

    answers = await together(Journal(store), wish("c0"), wish("d0", stream=OTHER), wish("c1"), wish("c2"))

    assert [type(answer) for answer in answers] == [Appended, Conflict, Appended, Appended]
    assert texts(of_stream(await everything(store), STREAM)) == ["c0", "c1", "c2"]


async def test_a_group_is_renumbered_when_another_process_took_the_positions(store: Store) -> None:
    journal = Journal(store)
    await journal.append(wish("c0", stream="notes/kota-1/n-0"))
    await together(Journal(store), *(wish(f"o{n}", stream=f"notes/kota-1/o-{n}") for n in range(3)))

    answers = await together(journal, wish("c1"), wish("c2"), wish("d1", stream=OTHER))

    commits = await everything(store)
    assert_whole(commits)
    assert [commits.index(answered(a).commit or commits[0]) for a in answers] == [4, 5, 6]


async def test_who_read_further_goes_first_and_who_read_less_reads_again(store: Store) -> None:
    journal = Journal(store)
    head = (await journal.append(wish("c0"))).head

    answers = await together(journal, wish("c1"), wish("c2", head=head))

    assert [type(answer) for answer in answers] == [Conflict, Appended]


async def test_a_command_twice_in_one_group_is_carried_out_once(store: Store) -> None:
    """A double click: the second must hear what came of the first, not what the domain thinks of doing it again."""

    def refuse(_: Sequence[Event]) -> Sequence[Event]:
        raise AlreadyClosed

    answers = await together(Journal(store), wish("c1", [Closed()], anew=refuse), wish("c1", [Closed()], anew=refuse))

    assert answered(answers[1]).repeated
    assert answered(answers[1]).commit == answered(answers[0]).commit
    assert len(await everything(store)) == 1


async def test_a_command_id_twice_in_one_group_with_another_body_is_refused(store: Store) -> None:
    answers = await together(
        Journal(store), wish("c1", body="this"), wish("c1", body="that"), wish("c1", stream=OTHER, body="that")
    )

    assert [type(answer) for answer in answers] == [Appended, CommandReused, CommandReused]
    assert len(await everything(store)) == 1


async def test_a_mistake_in_one_decision_is_its_own_callers_alone(store: Store) -> None:
    def stumble(_: Sequence[Event]) -> Sequence[Event]:
        raise KeyError("a mistake in a domain")

    answers = await together(Journal(store), wish("c0"), wish("c1", anew=stumble), wish("c2"), wish("d0", stream=OTHER))

    assert [type(answer) for answer in answers] == [Appended, KeyError, Appended, Appended]


async def test_text_that_cannot_be_written_is_its_own_callers_alone(store: Store) -> None:
    answers = await together(Journal(store), wish("half a surrogate \ud83d", [Closed()], stream=OTHER), wish("c1"))

    assert [type(answer) for answer in answers] == [UnicodeEncodeError, Appended]


@pytest.mark.parametrize(("records", "length"), [(1, 600 * 1024), (40, 400 * 1024)])
async def test_what_is_too_large_is_refused_and_the_others_get_in(store: Store, records: int, length: int) -> None:
    large = [Noted(text="x" * length)] * records

    answers = await together(Journal(store), wish("c1", large, stream=OTHER), wish("c2"))

    assert [type(answer) for answer in answers] == [TooLarge, Appended]


async def test_a_group_larger_than_one_insert_takes_is_written_all_the_same(store: Store) -> None:
    heavy = [Noted(text="x" * 400 * 1024)] * 15

    answers = await together(Journal(store), *(wish(f"c{n}", heavy, stream=f"notes/kota-1/h-{n}") for n in range(12)))

    assert {type(answer) for answer in answers} == {Appended}
    assert_whole(await everything(store))


async def test_who_gives_up_waiting_takes_nobody_along(store: Store) -> None:
    held = Held(store)
    journal = Journal(held)
    asks = [asyncio.create_task(journal.append(wish(f"c{n}"))) for n in range(3)]
    await held.entered.wait()

    asks[0].cancel()
    held.release.set()
    answers = await asyncio.gather(*asks, return_exceptions=True)

    assert [type(answer) for answer in answers] == [asyncio.CancelledError, Appended, Appended]
    assert texts(await everything(store)) == ["c0", "c1", "c2"]


async def test_closing_lets_the_write_under_way_finish(store: Store) -> None:
    held = Held(store)
    journal = Journal(held)
    ask = asyncio.create_task(journal.append(wish("c0")))
    await held.entered.wait()
    held.release.set()

    await journal.close()

    assert answered(await ask).head.version == 1
