"""Complainants who file and Staf who take each complaint to its receipt, without pause, until told to stop."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from deploy.household import OFFICES
from tests.faults import acts

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from random import Random  # noqa: TID251 - passed in

    from tests.faults.house import House

CLERKS = 3
WAITING = 8
# Two cores carry the services and the tests of others too.
BETWEEN_SECONDS = 0.15


@dataclass(eq=False, slots=True)
class Traffic:
    """`acknowledged`: every complaint somebody was told of, with its number as soon as that was told too."""

    house: House
    seed: int
    acknowledged: dict[str, str | None] = field(default_factory=dict)
    _desk: asyncio.Queue[tuple[str, str]] = field(default_factory=lambda: asyncio.Queue(WAITING))
    _over: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def numbered(self) -> int:
        return sum(number is not None for number in self.acknowledged.values())

    async def more(self, count: int) -> None:
        """Return once `count` more complaints have come all the way to their receipts."""
        goal = self.numbered + count
        while self.numbered < goal:
            await self._pause()

    async def write(self, writer: int, chance: Random) -> None:
        """File one complaint after another; some with an address, some without identity."""
        n = 0
        while not self._over.is_set():
            n += 1
            opd, name = chance.choice(sorted(OFFICES)), f"Pengadu {writer}-{n}"
            email = {"email": f"pengadu.{writer}.{n}@surat.example"} if chance.random() < 0.5 else {}
            person = {"name": name, "telephone": "0812 6700 1101", **email} if chance.random() < 0.8 else None
            form = {"complainant": person, "story": {"what_happened": f"Keluhan {writer}-{n}, benih {self.seed}."}}
            at, key = f"intake/public/{opd}/complaints", f"tulis-{self.seed}-{writer}-{n}"
            answer = await self.house.people(opd).insist(None, at, form, key=key)
            assert answer.status_code == 201, answer.text[:300]
            self.acknowledged[answer.json()["complaint"]] = None
            await self._desk.put((opd, answer.json()["complaint"]))
            await self._pause()

    async def serve(self) -> None:
        """Take what was filed through step 2."""
        offices = {opd: self.house.people(opd) for opd in OFFICES}
        while True:
            opd, complaint = await self._desk.get()
            self.acknowledged[complaint], _ = await acts.checked(offices[opd], complaint)
            self._desk.task_done()

    def close(self) -> None:
        """Nothing more is filed; what is under way comes to its end."""
        self._over.set()

    async def served(self) -> None:
        await self._desk.join()

    async def _pause(self) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._over.wait(), BETWEEN_SECONDS)


@asynccontextmanager
async def flowing(house: House, seed: int, chances: list[Random]) -> AsyncIterator[Traffic]:
    """Filings go on for as long as the block lasts; at its end every one of them has its receipt."""
    traffic = Traffic(house, seed)
    async with asyncio.TaskGroup() as together:
        clerks = [together.create_task(traffic.serve()) for _ in range(CLERKS)]
        writers = [together.create_task(traffic.write(n, chance)) for n, chance in enumerate(chances)]
        yield traffic
        traffic.close()
        await asyncio.gather(*writers)
        await traffic.served()
        for clerk in clerks:
            clerk.cancel()
