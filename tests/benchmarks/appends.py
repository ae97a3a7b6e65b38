"""Group commit against inserting each commit by itself: the same documents, unique keys and concerns."""

from __future__ import annotations

import asyncio
import itertools
from time import perf_counter
from typing import TYPE_CHECKING

from services.kernel import clock
from services.kernel.commit import START, Proposal, commit_of
from services.kernel.envelope import Circumstances
from services.kernel.journal import Journal
from services.kernel.mongo_journal import MongoStore, to_document
from tests.benchmarks import journals
from tests.benchmarks.results import compared
from tests.situations import FILED

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tests.benchmarks.ground import Ground
    from tests.benchmarks.results import Result

CALLERS = 64
ROUNDS = 5
SECONDS = 2.0
OURS, PEER = "Journal.append", "insert_one"


def proposal() -> Proposal:
    """A filing as a first commit of its stream."""
    now, name = clock.now(), clock.new_id()
    at = Circumstances(
        command_id=f"http/bench/{name}",
        fingerprint="0" * 64,
        actor="pengadu",
        occurred_at=now,
        recorded_at=now,
        correlation=name,
    )

    def rebase(*_: object) -> Proposal:
        raise AssertionError("nobody else writes these streams")

    return Proposal(stream=f"intake/bench/{name}", head=START, events=[FILED], circumstances=at, rebase=rebase)


async def rate(act: Callable[[], Awaitable[object]], seconds: float) -> tuple[int, float]:
    """How many were acknowledged to `CALLERS`, each acting again when it was answered; and how many a second."""
    begun = perf_counter()

    async def call() -> int:
        for done in itertools.count():
            if perf_counter() > begun + seconds:
                return done
            await act()
        raise AssertionError

    done = sum(await asyncio.gather(*(call() for _ in range(CALLERS))))
    return done, done / (perf_counter() - begun)


async def measure(ground: Ground) -> list[Result]:
    with (
        journals.opened(ground.place("grouped"), "intake") as grouped,
        journals.opened(ground.place("single"), "intake") as single,
    ):
        mine, theirs, numbers = MongoStore(grouped), MongoStore(single), itertools.count(1)
        await mine.prepare()
        await theirs.prepare()
        journal = Journal(mine)
        acts: dict[str, Callable[[], Awaitable[object]]] = {
            OURS: lambda: journal.append(proposal()),
            PEER: lambda: theirs.commits.insert_one(to_document(commit_of(proposal()).at(next(numbers)))),
        }
        rates: dict[str, list[float]] = {who: [] for who in acts}
        acknowledged = 0
        for turn in range(ROUNDS + 1):
            for who, act in acts.items():
                done, figure = await rate(act, SECONDS if turn else 0.5)
                acknowledged += done if who == OURS else 0
                if turn:  # the first is to warm up
                    rates[who].append(figure)
        told = await journals.sound(grouped, acknowledged)
    return [compared(f"Group commit, {CALLERS} callers", "appends/s", OURS, rates, [told])]
