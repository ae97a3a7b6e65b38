"""The whole house as real processes in a folder of its own, and its people speaking to it over HTTP."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import httpx2
import pytest
from rich.console import Console

from deploy.demo.office import PEOPLE
from deploy.home import home
from deploy.serve import SERVICES
from deploy.token import demo_issuer, issue
from services.kernel import clock
from services.kernel.principal import Principal

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
    from pathlib import Path

    from deploy.home import Home
    from deploy.local.process import Process

AGAIN_SECONDS = 0.1
# A part may be away for as long as a broker takes to start on a busy machine.
PATIENCE_SECONDS = 120.0
ANSWER_SECONDS = 45.0


@dataclass(frozen=True, kw_only=True, slots=True)
class House:
    """Everything running: `clients` by service, `data` the folder that holds journals, logs and letters."""

    data: Path
    home: Home
    clients: Mapping[str, httpx2.AsyncClient]

    def process(self, name: str) -> Process:
        return self.home.processes[name]

    def people(self, opd: str) -> People:
        return People(opd, self.clients, tokens(self.data, opd))

    def log(self, name: str) -> str:
        return (self.data / f"{name}.log").read_text(errors="replace")


@asynccontextmanager
async def living(data: Path) -> AsyncIterator[House]:
    """The house of five services on MongoDB and Kafka of its own, for as long as the block lasts."""
    async with home(data, Console(quiet=True), services=SERVICES, environ={}) as running, AsyncExitStack() as stack:
        clients = {
            name: await stack.enter_async_context(httpx2.AsyncClient(base_url=address, timeout=ANSWER_SECONDS))
            for name, address in running.addresses.items()
        }
        yield House(data=data, home=running, clients=clients)


def tokens(data: Path, opd: str) -> dict[str, str]:
    """A token for each role of the direct way, of the office `opd`."""
    key, trust = demo_issuer(data)
    return {
        role: issue(key, trust, principal(opd, role, person, name), timedelta(hours=1), clock.now())
        for role, (person, name) in PEOPLE.items()
    }


def principal(opd: str, role: str, person: str, name: str) -> Principal:
    return Principal(person=person, name=name, opd=opd, roles=frozenset({role}))


class People:
    """Those of one office, and its complainants; a role of None is the public, who has no token."""

    def __init__(self, opd: str, clients: Mapping[str, httpx2.AsyncClient], tokens: Mapping[str, str]) -> None:
        self.opd = opd
        self._clients = clients
        self._tokens = tokens

    async def tell(
        self, role: str | None, at: str, body: object, *, after: str | None = None, key: str | None = None
    ) -> httpx2.Response:
        """POST `body` at `<service>/<path>`, once."""
        service, _, path = at.partition("/")
        headers = self._named(role) | {"Idempotency-Key": key or clock.new_id()}
        asked = {"after": after} if after else {}
        return await self._clients[service].post(f"/{path}", json=body, params=asked, headers=headers)

    async def insist(
        self, role: str | None, at: str, body: object, *, after: str | None = None, key: str | None = None
    ) -> httpx2.Response:
        """As `tell`, with one key again and again until the answer is definite, as a patient caller would."""
        kept = key or clock.new_id()
        return await definite(lambda: self.tell(role, at, body, after=after, key=kept))

    async def done(self, role: str | None, at: str, body: object, *, after: str | None = None) -> Any:
        """As `insist`, for what must succeed; return what was answered."""
        answer = await self.insist(role, at, body, after=after)
        assert answer.is_success, f"{at}: {answer.status_code} {answer.text[:500]}"
        return answer.json()

    async def refused(self, role: str | None, at: str, body: object, *, after: str | None = None) -> tuple[int, str]:
        """As `insist`, for what must be refused; return the status and the stable code."""
        answer = await self.insist(role, at, body, after=after)
        assert answer.headers["content-type"] == "application/problem+json", f"{at}: {answer.status_code}"
        return answer.status_code, answer.json()["code"]

    async def see(self, role: str, at: str, **asked: str) -> httpx2.Response:
        """GET `<service>/<path>` as `role`."""
        service, _, path = at.partition("/")
        return await definite(lambda: self._clients[service].get(f"/{path}", params=asked, headers=self._named(role)))

    async def seen(self, role: str, at: str, **asked: str) -> Any:
        """As `see`, for what must be there."""
        answer = await self.see(role, at, **asked)
        assert answer.is_success, f"{at}: {answer.status_code} {answer.text[:500]}"
        return answer.json()

    def _named(self, role: str | None) -> dict[str, str]:
        return {} if role is None else {"Authorization": f"Bearer {self._tokens[role]}"}


async def definite(ask: Callable[[], Awaitable[httpx2.Response]]) -> httpx2.Response:
    """Ask until there is an answer other than that it is not available just now."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            try:
                answer = await ask()
            except httpx2.TransportError:
                pass
            else:
                if answer.status_code != httpx2.codes.SERVICE_UNAVAILABLE:
                    return answer
            await asyncio.sleep(AGAIN_SECONDS)


async def until(holds: Callable[[], Awaitable[bool]], seconds: float = PATIENCE_SECONDS) -> None:
    """Await a condition that other processes make true."""
    async with asyncio.timeout(seconds):
        while not await holds():  # noqa: ASYNC110 - other processes
            await asyncio.sleep(AGAIN_SECONDS)


async def until_ready(house: House, seconds: float = PATIENCE_SECONDS) -> None:
    """Await that every service says that it may be given work; else tell what the last one said."""
    for name in house.clients:
        try:
            await until(lambda name=name: is_ready(house, name), seconds)  # type: ignore[misc]
        except TimeoutError:
            pytest.fail(f"{name} is not ready: {await said(house, name)}")


async def is_ready(house: House, name: str) -> bool:
    return (await said(house, name))[0] == httpx2.codes.OK


async def said(house: House, name: str) -> tuple[int, Any]:
    """The status of a service's readiness, and its checks; 0 when there is nobody to answer."""
    try:
        answer = await house.clients[name].get("/health/ready", timeout=ANSWER_SECONDS)
    except httpx2.TransportError as fault:
        return 0, repr(fault)
    return answer.status_code, answer.json()["checks"]
