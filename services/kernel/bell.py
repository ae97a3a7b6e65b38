"""Something happened, look again: rung by one task, heard by all who wait. No lock, so no wait can leave one held.

A Condition would not do. On Python 3.11 a wait that is cancelled while it takes its lock back (a time limit around a
time limit, on a busy machine) goes on without the lock: its `async with` then releases someone else's, and the lock
it gets later is never released. Whoever rings would wait for ever.
"""

import asyncio
import contextlib


class Bell:
    def __init__(self) -> None:
        self._next = asyncio.Event()

    def ring(self) -> None:
        """Wake everyone who listens."""
        rung, self._next = self._next, asyncio.Event()
        rung.set()

    def listen(self) -> asyncio.Event:
        """Return the next ring. To be asked for before looking: what changes between looking and waiting is heard."""
        return self._next


async def heard(ring: asyncio.Event, seconds: float) -> None:
    """Return at `ring`, or after `seconds`."""
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(ring.wait(), seconds)
