"""Filing over HTTP: against the same handler without a store, and against one document and one send a request."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from tests.benchmarks import journals
from tests.benchmarks.ground import INTAKE, cpu_seconds, filing
from tests.benchmarks.load import closed
from tests.benchmarks.results import compared

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from tests.benchmarks.ground import Ground, Server
    from tests.benchmarks.results import Result

CALLERS = 64
ROUNDS = 4
SECONDS = 3.0
WARM_UP_SECONDS = 1.0
TABLES = (
    (f"Filing over HTTP, {CALLERS} connections", "filings/s", "rate"),
    ("Computing time of the server's process (less is better)", "ms/filing", "own"),
    ("Computing time of server, MongoDB and Kafka (less is better)", "ms/filing", "whole"),
)
OURS, LIMIT = "intake", "the same without a store"
PEER, WRITING = "insert_one + send_and_wait in the handler", "intake without relay and readers"


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """`own` and `whole` are milliseconds computed for one filing: by the server, and with MongoDB and Kafka."""

    filed: int
    rate: float
    own: float
    whole: float


async def measure(ground: Ground) -> list[Result]:
    place = ground.place("filing")
    commands = {
        OURS: (place, INTAKE),
        LIMIT: (ground.place("storeless"), ("tests.benchmarks.contestants", "storeless")),
        PEER: (ground.place("dual"), ("tests.benchmarks.contestants", "dual")),
        WRITING: (ground.place("writing"), ("tests.benchmarks.contestants", "writing")),
    }
    rounds: dict[str, list[Round]] = {who: [] for who in commands}
    with journals.opened(place, "intake") as db:
        async with ground.serving(commands) as servers:
            for turn in range(ROUNDS + 1):
                for who, server in servers.items():
                    earlier = sum(done.filed for done in rounds[who])
                    read = partial(journals.settled, db, "complaints", earlier) if who == OURS else None
                    rounds[who].append(await _round(ground, server, SECONDS if turn else WARM_UP_SECONDS, read))
        told = await journals.sound(db, sum(done.filed for done in rounds[OURS]))
    return [_compared(title, unit, rounds, field, told) for title, unit, field in TABLES]


async def _round(
    ground: Ground, server: Server, seconds: float, read: Callable[[int], Awaitable[None]] | None
) -> Round:
    """File for `seconds`; what reading the bus afterwards takes counts as computed, and not as time."""
    own, stores = cpu_seconds(server.pid), cpu_seconds(*ground.stores)
    tally = await closed(server.port, filing, CALLERS, seconds)
    assert set(tally.statuses) == {201}, tally.statuses
    filed = tally.statuses[201]
    if read is not None:
        await read(filed)
    own, stores = cpu_seconds(server.pid) - own, cpu_seconds(*ground.stores) - stores
    return Round(filed=filed, rate=tally.rate, own=1000 * own / filed, whole=1000 * (own + stores) / filed)


def _compared(title: str, unit: str, rounds: Mapping[str, Sequence[Round]], field: str, told: str) -> Result:
    """The first round only warmed up."""
    figures = {who: [getattr(done, field) for done in every[1:]] for who, every in rounds.items()}
    return compared(title, unit, OURS, figures, [told])
