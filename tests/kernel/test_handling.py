"""The one loop: read, fold, decide, append; what is said no to leaves no trace."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from services.kernel import handling
from services.kernel.commit import Appended
from services.kernel.handling import Handler
from services.kernel.journal import Journal, OutcomeUnknown, Store
from services.kernel.memory import MemoryStore
from services.kernel.refusal import CommandReused, Conflict, Stale, Unavailable
from tests.kernel.samples import (
    LANGUAGE,
    NOTES,
    OTHER,
    STREAM,
    AlreadyClosed,
    Close,
    Note,
    Notes,
    assert_whole,
    at,
    texts,
)
from tests.kernel.stores import Around, everything, store_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from services.kernel.commit import Commit, History

STORES = ["memory", pytest.param("mongo", marks=pytest.mark.integration)]


@pytest.fixture(params=STORES)
async def store(request: pytest.FixtureRequest) -> AsyncIterator[Store]:
    async with store_of(request) as opened:
        yield opened


def handler(store: Store) -> Handler:
    return Handler(Journal(store), LANGUAGE, {"notes": NOTES})


async def test_a_command_is_decided_on_what_was_recorded(store: Store) -> None:
    mine = handler(store)

    first = await mine.handle(Note("a"), STREAM, at("c1"))
    second = await mine.handle(Close(), STREAM, at("c2"))

    assert (first.head.sequence, second.head.sequence) == (1, 2)
    assert (await mine.standing(STREAM)).state == Notes(("a",), closed=True)
    assert (await mine.standing(STREAM)).head == second.head


async def test_a_refusal_writes_nothing(store: Store) -> None:
    mine = handler(store)
    await mine.handle(Close(), STREAM, at("c1"))

    with pytest.raises(AlreadyClosed):
        await mine.handle(Note("a"), STREAM, at("c2"))

    assert texts(await everything(store)) == ["."]


async def test_a_wish_that_already_holds_writes_nothing(store: Store) -> None:
    mine = handler(store)
    first = await mine.handle(Note("a"), STREAM, at("c1"))

    assert await mine.handle(Note("a"), STREAM, at("c2")) == Appended(first.head, None)

    assert texts(await everything(store)) == ["a"]


async def test_the_same_command_again_is_not_decided_again(store: Store) -> None:
    mine = handler(store)
    first = await mine.handle(Close(), STREAM, at("c1"))

    again = await handler(store).handle(Close(), STREAM, at("c1"))

    assert again == Appended(first.head, first.commit, repeated=True)


async def test_the_same_command_again_hears_its_own_answer_also_when_the_stream_went_on(store: Store) -> None:
    mine = handler(store)
    first = await mine.handle(Note("a"), STREAM, at("c1"), expected=0)
    await mine.handle(Note("b"), STREAM, at("c2"))

    again = await mine.handle(Note("a"), STREAM, at("c1"), expected=0)

    assert again.head == first.head


async def test_the_same_command_with_another_body_is_refused(store: Store) -> None:
    await handler(store).handle(Note("a"), STREAM, at("c1", "a"))

    for stream in (STREAM, OTHER):
        with pytest.raises(CommandReused):
            await handler(store).handle(Note("b"), stream, at("c1", "b"))


async def test_two_clicks_at_once_are_one_command(store: Store) -> None:
    mine = handler(store)

    both = await asyncio.gather(*(mine.handle(Close(), STREAM, at("c1")) for _ in range(2)))

    assert both[0].commit == both[1].commit
    assert [one.repeated for one in both] == [False, True]


async def test_an_edit_of_what_has_changed_since_is_stale_and_names_what_changed(store: Store) -> None:
    mine, other = handler(store), handler(store)
    seen = (await mine.handle(Note("a"), STREAM, at("c1"))).head.sequence
    await other.handle(Note("b"), STREAM, at("c2"))
    await other.handle(Close(), STREAM, at("c3"))

    with pytest.raises(Stale) as stale:
        await mine.handle(Note("c"), STREAM, at("c4"), expected=seen)

    assert stale.value.detail == "notes.Noted, notes.Closed"
    assert len(await everything(store)) == 3


async def test_of_two_edits_of_the_same_version_at_once_one_is_stale(store: Store) -> None:
    mine = handler(store)

    both = await asyncio.gather(
        *(mine.handle(Note(text), STREAM, at(text), expected=0) for text in "ab"), return_exceptions=True
    )

    assert [type(one) for one in both] == [Appended, Stale]
    assert texts(await everything(store)) == ["a"]


async def test_who_loses_a_race_decides_again_on_what_the_winner_wrote(store: Store) -> None:
    class Overtaken(Around):
        """Another process closes the stream between our first read and our first insert."""

        async def insert(self, commits: Sequence[Commit]) -> int:
            if not self.inserts:
                await handler(self.inside).handle(Close(), STREAM, at("other"))
            return await super().insert(commits)

    with pytest.raises(AlreadyClosed):
        await handler(Overtaken(store)).handle(Note("a"), STREAM, at("c1"))

    assert texts(await everything(store)) == ["."]


async def test_who_loses_every_time_is_told_so() -> None:
    class AlwaysOvertaken(Around):
        async def insert(self, commits: Sequence[Commit]) -> int:
            await handler(self.inside).handle(Note(f"other {self.inserts}"), STREAM, at(f"other {self.inserts}"))
            return await super().insert(commits)

    store = MemoryStore()
    with pytest.raises(Conflict):
        await handler(AlwaysOvertaken(store)).handle(Note("a"), STREAM, at("c1"))

    assert "a" not in texts(await everything(store))


async def test_a_kept_state_stays_right_when_another_process_appends(store: Store) -> None:
    mine, other = handler(store), handler(store)

    for n in range(6):
        await (mine, other)[n % 2].handle(Note(str(n)), STREAM, at(f"c{n}"))
        here, there = await mine.standing(STREAM), await other.standing(STREAM)
        assert here == there == await handler(store).standing(STREAM)
        assert len(here.state.texts) == n + 1


async def test_a_kept_state_is_not_read_again() -> None:
    class Counting(Around):
        read = 0

        async def history(self, stream: str, after_version: int, command_id: str | None) -> History:
            history = await super().history(stream, after_version, command_id)
            self.read += len(history.commits)
            return history

    counting = Counting(MemoryStore())
    mine = handler(counting)

    for n in range(20):
        await mine.handle(Note(str(n)), STREAM, at(f"c{n}"))

    assert counting.read == 19


async def test_only_the_last_states_are_kept_and_the_others_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handling, "KEPT_STATES", 2)
    mine = handler(MemoryStore())

    for n in range(8):
        await mine.handle(Note(str(n)), f"notes/kota-1/n-{n % 4}", at(f"c{n}"))

    assert [(await mine.standing(f"notes/kota-1/n-{n}")).state.texts for n in range(2)] == [("0", "4"), ("1", "5")]


async def test_many_callers_on_few_streams_are_all_served(store: Store) -> None:
    handlers = [handler(store), handler(store)]

    await asyncio.gather(
        *(handlers[n % 2].handle(Note(str(n)), f"notes/kota-1/n-{n % 3}", at(f"c{n}")) for n in range(90))
    )

    commits = await everything(store)
    assert_whole(commits)
    assert sorted(texts(commits), key=int) == [str(n) for n in range(90)]


async def test_a_journal_that_does_not_answer_is_said_and_the_outcome_is_there_when_asked_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Silent(Around):
        async def insert(self, commits: Sequence[Commit]) -> int:
            await super().insert(commits)
            await asyncio.Event().wait()
            return 0

    monkeypatch.setattr(handling, "PATIENCE_SECONDS", 0.05)
    store = MemoryStore()

    with pytest.raises(Unavailable):
        await handler(Silent(store)).handle(Note("a"), STREAM, at("c1"))

    assert (await handler(store).handle(Note("a"), STREAM, at("c1"))).repeated


async def test_a_journal_that_cannot_be_read_is_unavailable() -> None:
    class Unreadable(Around):
        async def history(self, stream: str, after_version: int, command_id: str | None) -> History:
            raise OutcomeUnknown(f"{stream} {after_version} {command_id}")

    with pytest.raises(Unavailable):
        await handler(Unreadable(MemoryStore())).handle(Note("a"), STREAM, at("c1"))


async def test_who_and_when_are_recorded_as_they_were_given(store: Store) -> None:
    given = replace(at("c1"), recorded_by="person/siti", evidence="surat 12/2026", cause="notes/kota-1/n-2@1")

    commit = (await handler(store).handle(Note("a"), STREAM, given)).commit

    assert commit is not None
    assert commit.circumstances == given
    assert [c.circumstances for c in await everything(store)] == [given]
