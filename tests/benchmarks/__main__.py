"""`python -m tests.benchmarks [NAME ...] [--json FILE]`: ratios measured side by side, in one run. Nothing is timed
as a test: what a machine does beside us is not ours to promise.
"""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from time import monotonic
from typing import Annotated

import typer
import uvloop
from rich.console import Console

from deploy.local.backing import backing
from tests.benchmarks import appends, filing, rebuild, visible
from tests.benchmarks.ground import Ground
from tests.benchmarks.results import Result, table, write

BENCHMARKS = {
    "appends": appends.measure,
    "filing": filing.measure,
    "rebuild": rebuild.measure,
    "visible": visible.measure,
}
console = Console()


def main(
    names: Annotated[list[str] | None, typer.Argument(help=" | ".join(BENCHMARKS))] = None,
    json: Annotated[Path | None, typer.Option(help="Write the figures to this file too.")] = None,
) -> None:
    """Run the benchmarks named, or all."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        results = runner.run(_run(names or list(BENCHMARKS)))
    if json is not None:
        write(results, json)


async def _run(names: list[str]) -> list[Result]:
    results: list[Result] = []
    with tempfile.TemporaryDirectory(prefix="aduan-bench-") as folder:
        async with backing(Path(folder) / "backing", console) as started:
            ground = Ground(backing=started, folder=Path(folder))
            for name in names:
                begun = monotonic()
                together = await BENCHMARKS[name](ground)
                console.print(*(table(result) for result in together), f"{monotonic() - begun:.0f} s\n")
                results += together
    return results


typer.run(main)
