"""Later."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.benchmarks.ground import Ground
    from tests.benchmarks.results import Result


async def measure(ground: Ground) -> list[Result]:
    return []
