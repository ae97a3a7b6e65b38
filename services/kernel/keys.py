"""The keys of complaints: made ahead, claimed once, destroyed for good.

Erasure is honoured at once by `claim` and `of`, which always ask the store and are what one seals with. `reading` may
remember an opened keyring for some seconds; the erasing process forgets at once, others by then.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Literal, Protocol

from services.kernel.sealing import KEY_BYTES, Erased, Keyring

Extent = Literal["subject", "both"]


class NoKeys(Exception):
    """No keys were ever claimed for this complaint."""


class Keys(Protocol):
    """A keyring per complaint. Every method may raise Unavailable; asking again is safe."""

    async def claim(self, complaint: str, opd: str) -> Keyring:
        """Return the complaint's keys, the same at every call, from whichever process; Erased after any erasure."""
        ...

    async def of(self, complaint: str) -> Keyring:
        """Return the keys as they are now; a destroyed one is None, and sealing or opening with it raises Erased.

        Raises:
            NoKeys: none were claimed.
        """
        ...

    async def reading(self, complaints: Iterable[str]) -> Mapping[str, Keyring]:
        """Return many keyrings to read with, perhaps some seconds old; complaints without keys are left out."""
        ...

    async def erase(self, complaint: str, extent: Extent, *, who: str, why: str, at: datetime) -> None:
        """Destroy the subject key or both, for ever; the first erasure of a key is the one on record.

        `who` and `why` outlive the data: an account and a ground, never a text about the person.
        """
        ...


class InMemoryKeys:
    """The twin for tests; it keeps the keys themselves."""

    def __init__(self, draw: Callable[[int], bytes]) -> None:
        self._draw = draw
        self._rings: dict[str, Keyring] = {}

    async def claim(self, complaint: str, opd: str) -> Keyring:  # noqa: ARG002 - the port's signature
        if complaint not in self._rings:
            self._rings[complaint] = Keyring(complaint, self._draw(KEY_BYTES), self._draw(KEY_BYTES))
        return whole(self._rings[complaint])

    async def of(self, complaint: str) -> Keyring:
        if complaint not in self._rings:
            raise NoKeys(complaint)
        return self._rings[complaint]

    async def reading(self, complaints: Iterable[str]) -> Mapping[str, Keyring]:
        return {complaint: self._rings[complaint] for complaint in complaints if complaint in self._rings}

    async def erase(self, complaint: str, extent: Extent, *, who: str, why: str, at: datetime) -> None:  # noqa: ARG002
        before = self._rings.get(complaint, Keyring(complaint, None, None))
        self._rings[complaint] = Keyring(complaint, None, before.file if extent == "subject" else None)


def whole(ring: Keyring) -> Keyring:
    """Return `ring` if nothing of it was destroyed, else raise Erased."""
    if ring.subject is None or ring.file is None:
        raise Erased(ring.complaint)
    return ring
