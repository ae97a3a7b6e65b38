"""Keys on MongoDB, in a database of their own.

A key waits in a pool, wrapped, majority-written and within reach of an escrow before anything is sealed under it.
Claiming it sets its complaint, which a unique index lets happen once. Nothing is ever upserted, and an erased
complaint keeps its document (a tombstone), so no claim can come after it.
"""

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pymongo import UpdateOne
from pymongo.errors import BulkWriteError, DuplicateKeyError, PyMongoError

from services.kernel.gathering import Gathered
from services.kernel.keys import Extent, NoKeys, whole
from services.kernel.master import MasterKeys
from services.kernel.mongo import Database
from services.kernel.refusal import Unavailable
from services.kernel.sealing import KEY_BYTES, Keyring

PARTS = ("subject", "file")
POOL = 128
LOW = 64
DUPLICATE_KEY = 11000
REWRAPPED_AT_ONCE = 100
REMEMBERED = 2_048
REMEMBERED_SECONDS = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotation:
    """How many key documents were rewrapped so far, and how many still are under an older master key."""

    done: int
    left: int


class MongoKeys:
    """Documents of `keys`: `{_id, free | complaint, opd, master, subject, file, erased: {subject, file}}`."""

    def __init__(
        self,
        database: Database,
        masters: MasterKeys,
        draw: Callable[[int], bytes],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._keys = database["keys"]
        self._masters = masters
        self._draw = draw
        self._clock = clock
        self._stock: deque[dict[str, Any]] = deque()
        self._claims = Gathered(self._claim)
        self._restocking: asyncio.Task[None] | None = None
        self._remembered: dict[str, tuple[float, Keyring]] = {}
        self._erasures = 0

    async def prepare(self) -> None:
        """Make the indexes and the first stock; before anything else. May be called again after a fault of the driver.

        Raises:
            WrongMaster: the keys found here were wrapped by a master key that is not at hand.
        """
        await self.index()
        for version in await self._keys.distinct("master"):
            sample = await self._keys.find_one({"master": version})
            self._opened(sample or {})
        self._stock = deque([document async for document in self._keys.find({"free": True}).limit(POOL)])
        if not self._stock:
            await self._restock()

    async def index(self) -> None:
        await self._keys.create_index("complaint", unique=True, sparse=True)
        await self._keys.create_index("free", sparse=True)
        await self._keys.create_index("master")

    async def close(self) -> None:
        """Let a restocking under way come to its end."""
        if self._restocking is not None:
            await asyncio.wait([self._restocking])

    async def claim(self, complaint: str, opd: str) -> Keyring:
        with _answering():
            return whole(self._opened(await self._claims((complaint, opd))))

    async def of(self, complaint: str) -> Keyring:
        with _answering():
            found = await self._keys.find_one({"complaint": complaint})
        if found is None:
            raise NoKeys(complaint)
        return self._opened(found)

    async def reading(self, complaints: Iterable[str]) -> Mapping[str, Keyring]:
        now, erasures = self._clock(), self._erasures
        asked = {complaint: self._remembered.get(complaint) for complaint in complaints}
        rings = {complaint: known[1] for complaint, known in asked.items() if known and known[0] > now}
        if missing := [complaint for complaint in asked if complaint not in rings]:
            with _answering():
                found = [document async for document in self._keys.find({"complaint": {"$in": missing}})]
            fresh = {document["complaint"]: self._opened(document) for document in found}
            # An erasure while the answer was under way may have made it old.
            if erasures == self._erasures:
                self._remember(fresh, now + REMEMBERED_SECONDS)
            rings |= fresh
        return rings

    async def erase(self, complaint: str, extent: Extent, *, who: str, why: str, at: datetime) -> None:
        mark = {"who": who, "why": why, "at": at.isoformat()}
        try:
            with _answering():
                await self._destroy(complaint, dict.fromkeys(PARTS[:1] if extent == "subject" else PARTS, mark))
        finally:
            self._erasures += 1
            self._remembered.pop(complaint, None)

    async def rotate(self) -> AsyncIterator[Rotation]:
        """Rewrap every key under the current master key, and tell how far it is. Stopped, it goes on when called again.

        Services go on meanwhile, when both versions are in their settings.
        """
        stale = {"master": {"$nin": [self._masters.current, None]}}
        done = 0
        with _answering():
            while batch := await self._keys.find(stale).to_list(REWRAPPED_AT_ONCE):
                done += sum(await asyncio.gather(*(self._rewrap(document) for document in batch)))
                yield Rotation(done=done, left=await self._keys.count_documents(stale))

    async def documents(self) -> AsyncIterator[dict[str, Any]]:
        """Every key, still wrapped, and every tombstone: what an escrow keeps. Plain JSON values."""
        with _answering():
            async for document in self._keys.find({}):
                yield document

    async def restore(self, document: Mapping[str, Any]) -> None:
        """Put back one of `documents`. What was erased stays so, on either side. Restore the erased ones first."""
        with _answering():
            try:
                await self._keys.insert_one(dict(document))
            except DuplicateKeyError:
                await self._keys.replace_one({"_id": document["_id"], "free": True}, dict(document))
                if "erased" in document:
                    await self._destroy(document["complaint"], document["erased"])

    async def _claim(self, together: Sequence[tuple[str, str]]) -> Sequence[dict[str, Any]]:
        """Claim for all at once; where another was faster, to the pooled key or to the complaint, see who has it."""
        opds = dict(together)
        claimed: dict[str, dict[str, Any]] = {}
        while left := [complaint for complaint in opds if complaint not in claimed]:
            pooled = {complaint: await self._next() for complaint in left}
            if await self._take(pooled, opds):
                claimed |= {complaint: {**document, "complaint": complaint} for complaint, document in pooled.items()}
            else:
                claimed |= {d["complaint"]: d async for d in self._keys.find({"complaint": {"$in": left}})}
        return [claimed[complaint] for complaint, _ in together]

    async def _take(self, pooled: Mapping[str, Mapping[str, Any]], opds: Mapping[str, str]) -> bool:
        """Tell whether each complaint got the key pooled for it; what a complaint had no use for is pooled again."""
        writes = [
            UpdateOne(
                {"_id": document["_id"], "free": True},
                {"$set": {"complaint": complaint, "opd": opds[complaint]}, "$unset": {"free": ""}},
            )
            for complaint, document in pooled.items()
        ]
        try:
            done = await self._keys.bulk_write(writes, ordered=False)
        except BulkWriteError as fault:
            errors = fault.details["writeErrors"]
            if fault.details["writeConcernErrors"] or any(error["code"] != DUPLICATE_KEY for error in errors):
                raise
            documents = list(pooled.values())
            self._stock.extend(documents[error["index"]] for error in errors)
            return False
        return bool(done.matched_count == len(writes))

    async def _next(self) -> dict[str, Any]:
        if len(self._stock) < LOW:
            self._restocked()
        while not self._stock:
            await asyncio.shield(self._restocked())
        return self._stock.popleft()

    def _restocked(self) -> "asyncio.Task[None]":
        if self._restocking is None or self._restocking.done():
            self._restocking = asyncio.create_task(self._restock())
            # Whoever waits for it learns of a failure; when nobody does, the next claim tries again.
            self._restocking.add_done_callback(lambda task: task.cancelled() or task.exception())
        return self._restocking

    async def _restock(self) -> None:
        made = [self._made() for _ in range(POOL)]
        await self._keys.insert_many(made)
        self._stock.extend(made)

    def _made(self) -> dict[str, Any]:
        identity = self._draw(12).hex()
        wrapped = {part: self._masters.wrap(f"{identity}/{part}", self._draw(KEY_BYTES)) for part in PARTS}
        return {"_id": identity, "free": True, "master": self._masters.current, **wrapped}

    def _opened(self, document: Mapping[str, Any]) -> Keyring:
        keys = (
            self._masters.unwrap(f"{document['_id']}/{part}", document[part]) if part in document else None
            for part in PARTS
        )
        return Keyring(document.get("complaint", ""), *keys)

    def _remember(self, rings: Mapping[str, Keyring], until: float) -> None:
        if len(self._remembered) + len(rings) > REMEMBERED:
            self._remembered.clear()
        self._remembered.update({complaint: (until, ring) for complaint, ring in rings.items()})

    async def _destroy(self, complaint: str, marks: Mapping[str, Any]) -> None:
        kept = {f"erased.{part}": {"$ifNull": [f"$erased.{part}", {"$literal": mark}]} for part, mark in marks.items()}
        while True:
            done = await self._keys.update_one({"complaint": complaint}, [{"$set": kept}, {"$unset": list(marks)}])
            if done.matched_count:
                return
            try:
                await self._keys.insert_one({"_id": self._draw(12).hex(), "complaint": complaint, "erased": {**marks}})
            except DuplicateKeyError:
                continue  # claimed in this very moment: that key is the one to destroy
            return

    async def _rewrap(self, document: Mapping[str, Any]) -> bool:
        ring = self._opened(document)
        keys = {"subject": ring.subject, "file": ring.file}
        parts = {part: self._masters.wrap(f"{document['_id']}/{part}", key) for part, key in keys.items() if key}
        # Only as it was read: an erasure in between must not be undone.
        as_read = {part: document.get(part) for part in keys}
        done = await self._keys.update_one(
            {"_id": document["_id"], **as_read}, {"$set": {**parts, "master": self._masters.current}}
        )
        return bool(done.matched_count)


@contextmanager
def _answering() -> Iterator[None]:
    try:
        yield
    except PyMongoError as fault:
        raise Unavailable("keys") from fault
