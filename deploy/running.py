"""The five services as children of `aduan up`, and where each of them answers."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import httpx2

from deploy.local.process import Program

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path


def addresses(ports: Mapping[str, int], services: Sequence[str]) -> dict[str, str]:
    return {name: f"http://127.0.0.1:{ports[name]}" for name in services}


def programs(
    data: Path, ports: Mapping[str, int], environment: Mapping[str, str], services: Sequence[str]
) -> dict[str, Program]:
    """How to run each service; ready when it says so itself, with its consumers on the bus."""
    return {name: _program(name, data, ports[name], environment) for name in services}


def _program(name: str, data: Path, port: int, environment: Mapping[str, str]) -> Program:
    return Program(
        title=f"Layanan {name}",
        command=(sys.executable, "-m", "deploy", "serve", name, "--port", str(port)),
        folder=data / "services",
        log=data / f"{name}.log",
        ready=lambda: ready(f"http://127.0.0.1:{port}"),
        environment=environment,
    )


async def ready(address: str) -> bool:
    """Whether the service at `address` says it may be given work."""
    try:
        async with httpx2.AsyncClient(timeout=2) as client:
            return (await client.get(f"{address}/health/ready")).status_code == httpx2.codes.OK
    except httpx2.HTTPError:
        return False
