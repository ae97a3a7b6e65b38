"""Questions that come up while an answer is under way are asked together, and each is answered as if alone."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from services.kernel.gathering import LARGEST_GROUP, Gathered

if TYPE_CHECKING:
    from collections.abc import Sequence


class Oracle:
    """Doubles numbers; odd ones are refused, and a group with a negative one fails as a whole."""

    def __init__(self) -> None:
        self.groups: list[list[int]] = []
        self.free = asyncio.Event()
        self.free.set()

    async def __call__(self, questions: Sequence[int]) -> list[int | Exception]:
        self.groups.append(list(questions))
        await self.free.wait()
        if min(questions) < 0:
            raise OSError(min(questions))
        return [ValueError(n) if n % 2 else 2 * n for n in questions]


async def test_what_is_asked_during_an_answer_is_asked_together_after_it() -> None:
    oracle = Oracle()
    oracle.free.clear()
    gathered = Gathered(oracle)
    asking = [asyncio.create_task(gathered(0))]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    asking += [asyncio.create_task(gathered(n)) for n in (2, 4)]
    await asyncio.sleep(0)

    oracle.free.set()

    assert await asyncio.gather(*asking) == [0, 4, 8]
    assert oracle.groups == [[0], [2, 4]]


async def test_a_refusal_concerns_its_asker_alone() -> None:
    gathered = Gathered(Oracle())

    answers = await asyncio.gather(*(gathered(n) for n in (2, 3, 4)), return_exceptions=True)

    assert (answers[0], answers[2]) == (4, 8)
    assert isinstance(answers[1], ValueError)


async def test_a_failure_is_heard_by_its_group_and_by_no_later_one() -> None:
    gathered = Gathered(Oracle())

    answers = await asyncio.gather(*(gathered(n) for n in (2, -2)), return_exceptions=True)

    assert all(isinstance(answer, OSError) for answer in answers)
    assert await gathered(2) == 4


async def test_one_who_goes_away_keeps_nobody_from_an_answer() -> None:
    oracle = Oracle()
    oracle.free.clear()
    gathered = Gathered(oracle)
    gone, staying = asyncio.create_task(gathered(2)), asyncio.create_task(gathered(4))
    await asyncio.sleep(0)
    gone.cancel()
    oracle.free.set()

    assert await staying == 8
    with pytest.raises(asyncio.CancelledError):
        await gone


async def test_a_crowd_is_asked_in_several_groups() -> None:
    oracle = Oracle()
    gathered = Gathered(oracle)

    await asyncio.gather(*(gathered(0) for _ in range(LARGEST_GROUP + 1)))

    assert [len(group) for group in oracle.groups] == [LARGEST_GROUP, 1]
