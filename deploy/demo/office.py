"""The people of the demo's offices, each with a token of their own, speaking to the services over HTTP."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from time import monotonic
from typing import TYPE_CHECKING, Any, Self

import httpx2

from deploy.token import demo_issuer, issue
from services.kernel import clock
from services.kernel.principal import Principal

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from pathlib import Path


PEOPLE = {
    "staf": ("yelni", "Yelni Fitria, S.AP."),
    "kasi": ("afrizal", "Afrizal, S.H."),
    "kabid": ("mardiah", "Dra. Mardiah, M.M."),
    "kadis": ("rosman", "Ir. Rosman, M.Si."),
}
PATIENCE_SECONDS = 60
LIFETIME = timedelta(hours=8)


class Refused(Exception):
    """A service said no to the demo: something is amiss."""


class Office:
    """One OPD: what its people and its complainants ask of the services."""

    def __init__(self, opd: str, clients: Mapping[str, httpx2.AsyncClient], tokens: Mapping[str, str]) -> None:
        self.opd = opd
        self._clients = clients
        self._tokens = tokens

    @classmethod
    def of(cls, opd: str, clients: Mapping[str, httpx2.AsyncClient], data: Path) -> Self:
        key, trust = demo_issuer(data)
        tokens = {
            role: issue(
                key,
                trust,
                Principal(person=person, name=name, opd=opd, roles=frozenset({role})),
                LIFETIME,
                clock.now(),
            )
            for role, (person, name) in PEOPLE.items()
        }
        return cls(opd, clients, tokens)

    async def say(self, role: str | None, service: str, path: str, body: object, after: str | None = None) -> Any:
        """POST `body` as `role` (None: the public) and return the answer.

        Raises:
            Refused: the answer is a problem; says which.
        """
        headers = {"Idempotency-Key": clock.new_id()}
        if role is not None:
            headers["Authorization"] = f"Bearer {self._tokens[role]}"
        asked = {"after": after} if after else {}
        client = self._clients[service]
        return await _patiently(
            lambda: client.post(path, json=body, params=asked, headers=headers), f"{service} {path}"
        )

    async def ask(self, role: str, service: str, path: str, **asked: str) -> Any:
        """GET as `role`."""
        headers = {"Authorization": f"Bearer {self._tokens[role]}"}
        client = self._clients[service]
        return await _patiently(lambda: client.get(path, params=asked, headers=headers), f"{service} {path}")


async def _patiently(send: Callable[[], Awaitable[httpx2.Response]], what: str) -> Any:
    """Send, and while the service says that it needs a moment (503), send the same again."""
    deadline = monotonic() + PATIENCE_SECONDS
    while True:
        answer = await send()
        if answer.is_success:
            return answer.json()
        if answer.status_code != httpx2.codes.SERVICE_UNAVAILABLE or monotonic() > deadline:
            raise Refused(f"{what}: {answer.status_code} {answer.text[:300]}")
        await asyncio.sleep(float(answer.headers.get("Retry-After", "1")))
