from __future__ import annotations

import asyncio

from services.kernel.bell import Bell, heard


async def test_a_ring_between_looking_and_waiting_is_heard() -> None:
    bell = Bell()
    ring = bell.listen()
    bell.ring()

    await asyncio.wait_for(heard(ring, 60), 1)


async def test_everyone_who_listens_hears_one_ring_and_no_ring_is_heard_twice() -> None:
    bell = Bell()
    listening = [asyncio.create_task(heard(bell.listen(), 60)) for _ in range(5)]
    await asyncio.sleep(0)
    bell.ring()

    await asyncio.wait_for(asyncio.gather(*listening), 1)
    assert not bell.listen().is_set()


async def test_limits_running_out_inside_limits_leave_nothing_held() -> None:
    bell = Bell()

    async def waiting() -> None:
        while True:
            await heard(bell.listen(), 0.001)

    ended = await asyncio.gather(*(asyncio.wait_for(waiting(), 0.01) for _ in range(50)), return_exceptions=True)

    assert all(isinstance(end, TimeoutError) for end in ended)
    ring = bell.listen()
    bell.ring()
    assert ring.is_set()
