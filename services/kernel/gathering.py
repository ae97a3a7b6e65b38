"""Many askers, one question: what is asked while an answer is under way is gathered, and asked together.

A round trip to a store costs the same for one as for a hundred, and most of it is computed on our side.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

Q = TypeVar("Q")
A = TypeVar("A")

LARGEST_GROUP = 512


class Gathered(Generic[Q, A]):
    """Calls `ask` with many questions at a time, never twice at once; it answers, or refuses, each in its place.

    No question joins a call that has begun, so an answer is never older than its question. What `ask` raises, every
    asker of that group hears.
    """

    def __init__(self, ask: Callable[[Sequence[Q]], Awaitable[Sequence[A | Exception]]]) -> None:
        self._ask = ask
        self._waiting: list[tuple[Q, asyncio.Future[A]]] = []
        self._asking: asyncio.Task[None] | None = None

    async def __call__(self, question: Q) -> A:
        answer: asyncio.Future[A] = asyncio.get_running_loop().create_future()
        self._waiting.append((question, answer))
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._drain())
        return await answer

    async def _drain(self) -> None:
        while self._waiting:
            group, self._waiting = self._waiting[:LARGEST_GROUP], self._waiting[LARGEST_GROUP:]
            try:
                answers = await self._ask([question for question, _ in group])
            except Exception as fault:  # noqa: BLE001 - whatever it is, every asker must hear of it
                answers = [fault] * len(group)
            for (_, future), answer in zip(group, answers, strict=True):
                _settle(future, answer)


def _settle(future: "asyncio.Future[A]", answer: A | Exception) -> None:
    if future.done():  # its asker went away
        return
    if isinstance(answer, Exception):
        future.set_exception(answer)
    else:
        future.set_result(answer)
