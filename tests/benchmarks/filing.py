"""Filing over HTTP: against the same handler without a store, and against one document and one send a request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.benchmarks import journals
from tests.benchmarks.ground import INTAKE, cpu_seconds, filing
from tests.benchmarks.load import closed
from tests.benchmarks.results import compared

if TYPE_CHECKING:
    from tests.benchmarks.ground import Ground
    from tests.benchmarks.results import Result

CALLERS = 64
ROUNDS = 4
SECONDS = 3.0
WARM_UP_SECONDS = 1.0
OURS, LIMIT = "intake", "the same without a store"
PEER, WRITING = "insert_one + send_and_wait in the handler", "intake without relay and readers"


async def measure(ground: Ground) -> list[Result]:
    place = ground.place("filing")
    commands = {
        OURS: (place, INTAKE),
        LIMIT: (ground.place("storeless"), ("tests.benchmarks.contestants", "storeless")),
        PEER: (ground.place("dual"), ("tests.benchmarks.contestants", "dual")),
        WRITING: (ground.place("writing"), ("tests.benchmarks.contestants", "writing")),
    }
    rates: dict[str, list[float]] = {who: [] for who in commands}
    costs: dict[str, list[float]] = {who: [] for who in commands}
    whole: dict[str, list[float]] = {who: [] for who in commands}
    filed = 0
    async with ground.serving(commands) as servers:
        with journals.opened(place, "intake") as db:
            for turn in range(ROUNDS + 1):
                for who, server in servers.items():
                    before = cpu_seconds(server.pid), cpu_seconds(*ground.stores)
                    tally = await closed(server.port, filing, CALLERS, SECONDS if turn else WARM_UP_SECONDS)
                    assert set(tally.statuses) == {201}, tally.statuses
                    if who == OURS:
                        filed += tally.statuses[201]
                        await journals.settled(db, "complaints", filed)
                    if turn:
                        rates[who].append(tally.rate)
                        own, others = cpu_seconds(server.pid) - before[0], cpu_seconds(*ground.stores) - before[1]
                        costs[who].append(1000 * own / tally.statuses[201])
                        whole[who].append(1000 * (own + others) / tally.statuses[201])
            told = await journals.sound(db, filed)
    return [
        compared(f"Filing over HTTP, {CALLERS} connections", "filings/s", OURS, rates, [told]),
        compared(
            "The same: computing time of the server's process, reading the bus included", "ms/filing", OURS, costs
        ),
    ]
