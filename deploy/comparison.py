"""Two builds of one projection, row against row, where both have read the same."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from time import monotonic
from typing import TYPE_CHECKING, Any

from services.kernel.views import BOOKKEEPING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from services.kernel.mongo import Collection as Table
    from services.kernel.projection import Document

PATIENCE = 10.0
AGAIN_SECONDS = 0.5


@dataclass(slots=True)
class Comparison:
    """Row ids by outcome. `ahead` cannot be judged: the old build no longer reads, or reads later than the new."""

    same: int = 0
    different: dict[str, list[str]] = field(default_factory=dict)
    behind: list[str] = field(default_factory=list)
    ahead: list[str] = field(default_factory=list)

    @property
    def clean(self) -> bool:
        return not self.different and not self.behind

    def judge(self, key: str, old: Document | None, new: Document | None) -> None:
        """Put row `key` where it belongs."""
        seen, then = (old or {}).get("seen", {}), (new or {}).get("seen", {})
        if any(then.get(stream, 0) < sequence for stream, sequence in seen.items()):
            self.behind.append(key)
        elif seen != then:
            self.ahead.append(key)
        elif fields := _differing(old or {}, new or {}):
            self.different[key] = fields
        else:
            self.same += 1


def _differing(old: Document, new: Document) -> list[str]:
    names = sorted({*old, *new} - {*BOOKKEEPING})
    return [name for name in names if canonical(old.get(name)) != canonical(new.get(name))]


def canonical(value: Any) -> str:
    """Return `value` as JSON that does not depend on the order of fields."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str)


async def compare(old: Table, new: Table, patience: float = PATIENCE) -> Comparison:
    """Compare all rows; those that have not read the same get `patience` seconds to, as both tables may be live."""
    compared = Comparison()
    async for key, before, after in _pairs(old, new):
        compared.judge(key, before, after)
    ends = monotonic() + patience
    while (unsettled := [*compared.behind, *compared.ahead]) and monotonic() < ends:
        compared.behind, compared.ahead = [], []
        for key in unsettled:  # the old one first: what it has read by now the new one may have read too
            before = await old.find_one({"_id": key})
            compared.judge(key, before, await new.find_one({"_id": key}))
        await asyncio.sleep(AGAIN_SECONDS)
    return compared


async def _pairs(old: Table, new: Table) -> AsyncIterator[tuple[str, Document | None, Document | None]]:
    """Both tables in order of their ids, side by side, neither of them in memory."""
    olds, news = (table.find({}).sort("_id", 1) for table in (old, new))
    before, after = await anext(olds, None), await anext(news, None)
    while before is not None or after is not None:
        key = min(row["_id"] for row in (before, after) if row is not None)
        left = before if before is not None and before["_id"] == key else None
        right = after if after is not None and after["_id"] == key else None
        yield key, left, right
        before = await anext(olds, None) if left is not None else before
        after = await anext(news, None) if right is not None else after
