"""What every store of the journal promises, held by its in-memory twin and by MongoDB alike."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from services.kernel.commit import START, Head, commit_of
from services.kernel.journal import Journal, Store
from services.kernel.refusal import CommandReused, Conflict
from tests.kernel.samples import LANGUAGE, OTHER, STREAM, Closed, Noted, assert_whole, of_stream, texts, wish
from tests.kernel.stores import EVERYTHING, everything, store_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from services.kernel.commit import Commit

STORES = ["memory", pytest.param("mongo", marks=pytest.mark.integration)]


@pytest.fixture(params=STORES)
async def store(request: pytest.FixtureRequest) -> AsyncIterator[Store]:
    async with store_of(request) as opened:
        yield opened


def commit(command_id: str, position: int, *, stream: str = STREAM, after: Head = START) -> Commit:
    return commit_of(wish(command_id, stream=stream, head=after)).at(position)


async def test_a_commit_is_read_back_as_it_was_inserted(store: Store) -> None:
    whole = replace(
        commit_of(wish("c1", [Noted(text="Jalan rusak 🚧"), Closed()])),
        position=1,
    )

    assert await store.insert([whole]) == 1

    assert await everything(store) == [whole]
    assert (await store.history(STREAM, 0, None)).commits == [whole]
    assert await store.by_command(["c1", "c2"]) == {"c1": whole}
    assert [fact.event for fact in whole.facts(LANGUAGE)] == [Noted(text="Jalan rusak 🚧"), Closed()]


@pytest.mark.parametrize(
    "second",
    [
        pytest.param(commit("c2", 2), id="stream and version"),
        pytest.param(commit("c2", 1, stream=OTHER), id="position"),
        pytest.param(commit("c1", 2, stream=OTHER), id="command id"),
    ],
)
async def test_each_of_the_three_keys_is_taken_once(store: Store, second: Commit) -> None:
    first = commit("c1", 1)
    await store.insert([first])

    assert await store.insert([second]) == 0

    assert await everything(store) == [first]


async def test_an_insert_stops_at_the_first_collision(store: Store) -> None:
    await store.insert([commit("c1", 1)])
    before, collides, after = (
        commit("c2", 2, stream=OTHER),
        commit("c1", 3, stream="notes/kota-1/n-3"),
        commit("c4", 4, stream="notes/kota-1/n-4"),
    )

    assert await store.insert([before, collides, after]) == 1

    assert [c.circumstances.command_id for c in await everything(store)] == ["c1", "c2"]


async def test_readers_see_nothing_behind_a_hole(store: Store) -> None:
    await store.insert([commit("c1", 1), commit("c2", 2, stream=OTHER)])
    await store.insert([commit("c4", 4, stream="notes/kota-1/n-4")])

    assert [c.position for c in await store.after(0, EVERYTHING)] == [1, 2]
    assert [c.position for c in await store.after(1, EVERYTHING)] == [2]
    assert await store.after(2, EVERYTHING) == []
    assert await store.last_position() == 4

    await store.insert([commit("c3", 3, stream="notes/kota-1/n-3")])

    assert [c.position for c in await store.after(0, EVERYTHING)] == [1, 2, 3, 4]
    assert [c.position for c in await store.after(1, 2)] == [2, 3]


async def test_a_history_is_what_came_after_a_version_and_the_command_wherever_it_lies(store: Store) -> None:
    first = commit("c1", 1)
    second = commit("c2", 2, after=first.head)
    elsewhere = commit("c3", 3, stream=OTHER)
    await store.insert([first, second, elsewhere])

    assert (await store.history(STREAM, 0, "c3")).commits == [first, second]
    assert (await store.history(STREAM, 0, "c3")).earlier == elsewhere
    assert (await store.history(STREAM, 1, "c1")).commits == [second]
    assert (await store.history(STREAM, 1, "c1")).earlier == first
    assert (await store.history(STREAM, 2, "c9")).commits == []
    assert (await store.history(STREAM, 2, "c9")).earlier is None


async def test_a_head_is_past_a_commit_once_its_version_is_taken(store: Store) -> None:
    first = commit("c1", 1)
    assert not await store.head_is_past(first)

    await store.insert([first])

    assert await store.head_is_past(commit("c2", 2))
    assert not await store.head_is_past(commit("c2", 2, after=first.head))


async def test_an_empty_store_ends_at_position_nought(store: Store) -> None:
    assert await store.last_position() == 0
    assert await everything(store) == []


async def test_appends_take_the_next_positions_and_versions(store: Store) -> None:
    journal = Journal(store)

    first = await journal.append(wish("c1"))
    second = await journal.append(wish("c2", [Noted(text="b"), Noted(text="c")], head=first.head))
    await journal.append(wish("c3", stream=OTHER))

    commits = await everything(store)
    assert_whole(commits)
    assert [(c.stream, c.version, c.first_sequence) for c in commits] == [(STREAM, 1, 1), (STREAM, 2, 2), (OTHER, 1, 1)]
    assert second.head == Head(2, 3, commits[1].events[-1].chain)
    assert second.commit == commits[1]
    assert not second.repeated


async def test_the_same_command_again_is_answered_with_the_earlier_commit(store: Store) -> None:
    earlier = await Journal(store).append(wish("c1"))

    again = await Journal(store).append(wish("c1", [Noted(text="decided otherwise")], head=earlier.head, body="c1"))

    assert again.repeated
    assert again.commit == earlier.commit
    assert len(await everything(store)) == 1


async def test_the_same_command_on_another_stream_is_answered_with_the_earlier_commit(store: Store) -> None:
    earlier = await Journal(store).append(wish("c1"))

    again = await Journal(store).append(wish("c1", stream=OTHER))

    assert again.repeated
    assert again.commit == earlier.commit
    assert len(await everything(store)) == 1


async def test_the_same_command_with_another_body_is_refused(store: Store) -> None:
    await Journal(store).append(wish("c1", body="this"))

    with pytest.raises(CommandReused):
        await Journal(store).append(wish("c1", stream=OTHER, body="that"))

    assert len(await everything(store)) == 1


async def test_an_append_behind_the_head_is_a_conflict(store: Store) -> None:
    await Journal(store).append(wish("c1"))

    with pytest.raises(Conflict):
        await Journal(store).append(wish("c2"))

    assert len(await everything(store)) == 1


async def test_when_all_keys_collide_at_once_the_command_id_decides(store: Store) -> None:
    """The server names one key only, and not always the one that matters."""
    earlier = await Journal(store).append(wish("c1"))
    late = Journal(store)
    late._position = 0  # noqa: SLF001 - a writer who has not heard of the first commit

    again = await late.append(wish("c1"))

    assert again.repeated
    assert again.commit == earlier.commit


async def test_a_writer_whose_position_was_taken_takes_the_next_one(store: Store) -> None:
    mine, other = Journal(store), Journal(store)
    await mine.append(wish("c1"))
    await other.append(wish("c2", stream=OTHER))

    third = await mine.append(wish("c3", stream="notes/kota-1/n-3"))

    assert third.commit is not None
    assert third.commit.position == 3
    assert_whole(await everything(store))


async def test_two_writers_on_one_store_lose_and_double_nothing(store: Store) -> None:
    journals = [Journal(store), Journal(store)]

    async def insist(n: int) -> None:
        journal, stream = journals[n % 2], f"notes/kota-1/n-{n % 5}"
        while True:
            head = await head_of(store, stream)
            try:
                await journal.append(wish(f"c{n}", stream=stream, head=head))
            except Conflict:
                continue
            return

    await asyncio.gather(*(insist(n) for n in range(120)))

    commits = await everything(store)
    assert_whole(commits)
    assert sorted(texts(commits)) == sorted(f"c{n}" for n in range(120))


async def head_of(store: Store, stream: str) -> Head:
    commits = of_stream(await everything(store), stream)
    return commits[-1].head if commits else START
