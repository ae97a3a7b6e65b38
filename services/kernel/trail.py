"""Reading sealed data leaves a trail, written before anything is shown.

A line of `openings` says whose data, who asked, at which counter and when; never what was read. It lies in the
service's own database and is only ever added to.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from services.kernel.keys import Keys
from services.kernel.mongo import Collection as Table
from services.kernel.sealing import Keyring


@dataclass(frozen=True, slots=True)
class Trail:
    """The way to a key for whoever wants to read with it. Every call may raise what `Keys` raises."""

    lines: Table
    keys: Keys
    now: Callable[[], datetime]

    async def prepare(self) -> None:
        await self.lines.create_index([("complaint", 1), ("at", 1)])

    async def opening(self, complaint: str, *, opd: str, who: str, where: str) -> Keyring:
        """Note that `who` opens the complaint's data at `where`, then return its keys as they are now."""
        await self._note([complaint], opd, who, where)
        return await self.keys.of(complaint)

    async def openings(self, complaints: Collection[str], *, opd: str, who: str, where: str) -> Mapping[str, Keyring]:
        """The same for a list of one office; the keys may be some seconds old, complaints without keys are left out."""
        await self._note(complaints, opd, who, where)
        return await self.keys.reading(complaints)

    async def _note(self, complaints: Collection[str], opd: str, who: str, where: str) -> None:
        at = self.now()
        lines = [{"complaint": one, "opd": opd, "who": who, "where": where, "at": at} for one in complaints]
        if lines:
            await self.lines.insert_many(lines)
