"""The store falls silent in the middle of a write: each command is carried out once, and no hole is left."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.kernel import journal as journal_module
from services.kernel.commit import START, Appended, Head, Proposal
from services.kernel.handling import Handler
from services.kernel.journal import Journal, Store
from services.kernel.memory import MemoryStore
from services.kernel.refusal import CommandReused, Conflict, Refusal
from tests.kernel.samples import (
    LANGUAGE,
    NOTES,
    OTHER,
    AlreadyClosed,
    Close,
    Note,
    answered,
    assert_whole,
    at,
    of_stream,
    texts,
    together,
    wish,
)
from tests.kernel.stores import Around, Fate, Fateful, Lagging, everything, store_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from services.kernel.commit import Commit

STORES = ["memory", pytest.param("mongo", marks=pytest.mark.integration)]


@pytest.fixture(params=STORES)
async def store(request: pytest.FixtureRequest) -> AsyncIterator[Store]:
    async with store_of(request) as opened:
        yield opened


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal_module, "RETRY_SECONDS", 0)


UNTOLD = [fate for fate in Fate if fate is not Fate.TOLD]


@pytest.mark.parametrize("fate", UNTOLD, ids=lambda fate: fate.name)
async def test_after_an_unknown_outcome_every_command_is_in_exactly_once(store: Store, fate: Fate) -> None:
    journal = Journal(Fateful(store, [fate]))

    asks = [*(wish(f"c{n}") for n in range(3)), *(wish(f"d{n}", stream=OTHER) for n in range(3))]
    await insist(journal, asks)

    commits = await everything(store)
    assert_whole(commits)
    assert sorted(texts(commits)) == ["c0", "c1", "c2", "d0", "d1", "d2"]


async def insist(journal: Journal, proposals: Sequence[Proposal]) -> list[Appended]:
    """Append as a caller does that reads again and asks again after each conflict."""

    async def one(proposal: Proposal) -> Appended:
        while True:
            try:
                return await journal.append(proposal)
            except Conflict:
                history = await journal.history(proposal.stream)
                head = history.commits[-1].head if history.commits else START
                proposal = proposal.rebase(head, [])

    return await asyncio.gather(*(one(proposal) for proposal in proposals))


async def test_an_answer_that_leans_on_a_commit_of_unknown_outcome_is_never_a_guess() -> None:
    store = MemoryStore()
    answers = await together(
        Journal(Fateful(store, [Fate.ALL_IN])), wish("c0"), wish("c1", anew=lambda _: []), wish("c2")
    )

    assert [type(answer) for answer in answers] == [Appended, Conflict, Appended]
    assert texts(await everything(store)) == ["c0", "c2"]


async def test_what_blocks_but_cannot_be_read_yet_is_waited_for_and_not_hammered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(journal_module, "LAG_SECONDS", 0.05)
    store = MemoryStore()
    await Journal(store).append(wish("another process", stream=OTHER))
    lagging = Lagging(store)
    lagging.shown = 0
    ask = asyncio.create_task(Journal(lagging).append(wish("c0")))
    loop = asyncio.get_running_loop()
    loop.call_later(0.2, setattr, lagging, "shown", 1)

    assert answered(await ask).head.version == 1

    assert lagging.inserts < 10
    assert_whole(await everything(store))


async def test_a_store_that_fails_for_good_is_said_to_every_caller_and_the_next_group_is_tried() -> None:
    class Full(Around):
        async def insert(self, commits: Sequence[Commit]) -> int:
            done = await super().insert(commits) if self.inserts else 0
            self.inserts += 1
            if not done:
                raise OSError("no space left")
            return done

    store = MemoryStore()
    journal = Journal(Full(store))

    answers = await together(journal, wish("c0"), wish("c1"))
    later = await journal.append(wish("c2"))

    assert {type(answer).__name__ for answer in answers} == {"Unavailable"}
    assert later.head == Head(1, 1, later.head.chain)


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    fates=st.lists(st.lists(st.sampled_from(Fate), max_size=12), min_size=2, max_size=3),
    schedule=st.lists(
        st.tuples(
            st.integers(0, 2),  # the process that is asked
            st.integers(0, 2),  # the stream
            st.integers(0, 9),  # the command id: some are asked twice, in two processes too
            st.sampled_from([Note("a"), Note("b"), Note("c"), Close()]),
            st.integers(0, 6),  # how many turns of the event loop pass before the next one asks
        ),
        min_size=1,
        max_size=40,
    ),
)
async def test_whatever_happens_each_command_is_carried_out_once_and_nothing_is_missing(
    fates: list[list[Fate]], schedule: list[tuple[int, int, int, Note | Close, int]]
) -> None:
    store = MemoryStore()
    handlers = [Handler(Journal(Fateful(store, each)), LANGUAGE, {"notes": NOTES}) for each in fates]

    async def ask(who: int, where: int, command_id: int, command: Note | Close) -> Appended | Refusal:
        stream = f"notes/kota-1/n-{where}"
        try:
            circumstances = at(f"k{command_id}", [where, repr(command)])
            return await handlers[who % len(handlers)].handle(command, stream, circumstances)
        except Refusal as no:
            return no

    asks = []
    for who, where, command_id, command, turns in schedule:
        asks.append(asyncio.create_task(ask(who, where, command_id, command)))
        for _ in range(turns):
            await asyncio.sleep(0)
    answers = await asyncio.gather(*asks)

    commits = await everything(store)
    assert_whole(commits)
    by_command = {commit.circumstances.command_id: commit for commit in commits}
    for (_, where, command_id, command, _), answer in zip(schedule, answers, strict=True):
        _assert_true(answer, command, by_command.get(f"k{command_id}"), of_stream(commits, f"notes/kota-1/n-{where}"))
    for where in range(3):
        noted = texts(of_stream(commits, f"notes/kota-1/n-{where}"))
        assert len(set(noted)) == len(noted), "decided on what was not there"
        assert "." not in noted[:-1], "something came after the closing"


def _assert_true(
    answer: Appended | Refusal, command: Note | Close, carried_out: Commit | None, there: Sequence[Commit]
) -> None:
    """An answer says what the journal says."""
    match answer:
        case Appended(commit=None, head=head):
            assert any(commit.head == head for commit in there)
        case Appended(commit=commit):
            assert commit == carried_out
        case CommandReused():
            assert carried_out is not None
        case AlreadyClosed():
            assert "." in texts(there)
        case _:
            raise answer
