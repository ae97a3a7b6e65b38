"""Services put together in this process, on the tests' Kafka and MongoDB, spoken to over HTTP as anyone would."""

from __future__ import annotations

import asyncio
import secrets
from base64 import b64encode
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import httpx2
from pydantic import SecretStr

from deploy.serve import SERVICES, made
from deploy.token import AUDIENCE, ISSUER, PUBLIC, demo_issuer, issue
from services.kernel import clock
from services.kernel.desk import NotYetSeen
from services.kernel.principal import Principal, Trust
from services.kernel.settings import Settings
from tests.backing.fixtures import own_databases, own_topic
from tests.rig.sink import Sink, sink

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
    from pathlib import Path

    from joserfc.jwk import OKPKey

    from services.kernel.service import Service
    from tests.backing.addresses import Addresses

AGAM = "dpmptsp-agam"
DISDIK = "disdik-agam"
OFFICES = {AGAM: "DPMPTSP dan Ketenagakerjaan Kabupaten Agam", DISDIK: "Dinas Pendidikan Kabupaten Agam"}
MAIL_FROM = "pengaduan@dpmptsp.agam.example"
READY_WITHIN = 120.0
PATIENCE = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Rig:
    """`clients` and `services` by name; `issuer` signs the tokens that `settings` trust."""

    settings: Settings
    clients: Mapping[str, httpx2.AsyncClient]
    services: Mapping[str, Service]
    mail: Sink
    issuer: OKPKey
    trust: Trust

    def token(self, *roles: str, opd: str = AGAM, person: str | None = None) -> str:
        """Return a token as the demo's issuer makes them; the person is named for the role unless given."""
        principal = Principal(person=person or f"{roles[0]}-1", name=None, opd=opd, roles=frozenset(roles))
        return issue(self.issuer, self.trust, principal, timedelta(minutes=30), clock.now())

    def by(self, role: str | None, opd: str = AGAM) -> dict[str, str]:
        """Return the headers of someone in `role`; of the public when there is none."""
        return {} if role is None else {"Authorization": f"Bearer {self.token(role, opd=opd)}"}

    async def post(  # noqa: PLR0913 - a request has many parts
        self,
        service: str,
        path: str,
        body: Any,
        *,
        by: str | None = None,
        opd: str = AGAM,
        after: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx2.Response:
        """POST `body`: bytes as they are, anything else as JSON; called JSON either way."""
        said: dict[str, Any] = {"content": body} if isinstance(body, bytes) else {"json": body}
        told = {"Content-Type": "application/json", **self.by(by, opd), **(headers or {})}
        asked = {"after": after} if after else {}
        return await _patiently(lambda: self.clients[service].post(path, headers=told, params=asked, **said))

    async def get(self, service: str, path: str, *, by: str, opd: str = AGAM, **asked: str) -> httpx2.Response:
        headers = self.by(by, opd)
        return await _patiently(lambda: self.clients[service].get(path, headers=headers, params=asked))


@asynccontextmanager
async def running(
    backing: Addresses, data: Path, names: Sequence[str] = SERVICES, **differently: Any
) -> AsyncIterator[Rig]:
    """Run the services `names` with a topic and databases of their own; `differently` replaces settings."""
    async with AsyncExitStack() as stack:
        mail = await stack.enter_async_context(sink())
        prefix = stack.enter_context(own_databases(backing.mongo_url))
        topic = stack.enter_context(own_topic(backing.kafka_url))
        issuer, trust = demo_issuer(data)
        told = {"topic": topic, "database_prefix": prefix, "smtp_port": mail.port, **differently}
        settings = settings_for(backing, data, **told)
        apps = {name: made(name, settings) for name in names}
        clients = {}
        for name, app in apps.items():
            await stack.enter_async_context(app.router.lifespan_context(app))
            transport = httpx2.ASGITransport(app, raise_app_exceptions=False)
            client = httpx2.AsyncClient(transport=transport, base_url=f"http://{name}.test", timeout=30)
            clients[name] = await stack.enter_async_context(client)
        await asyncio.gather(*(_ready(client) for client in clients.values()))
        services = {name: app.state.service for name, app in apps.items()}
        yield Rig(settings=settings, clients=clients, services=services, mail=mail, issuer=issuer, trust=trust)


def settings_for(backing: Addresses, data: Path, **differently: Any) -> Settings:
    """Return settings that need no environment; the issuer's public keys lie in `data`."""
    told: dict[str, Any] = {
        "mongo_url": backing.mongo_url,
        "kafka_url": backing.kafka_url,
        "master_keys": SecretStr(f"v1:{b64encode(secrets.token_bytes(32)).decode()}"),
        "token_key": SecretStr(secrets.token_urlsafe(32)),
        "issuer": ISSUER,
        "audience": AUDIENCE,
        "jwks_file": data / PUBLIC,
        "offices": OFFICES,
        "smtp_host": "127.0.0.1",
        "mail_from": MAIL_FROM,
    }
    return Settings(**{**told, **differently})


async def _patiently(ask: Callable[[], Awaitable[httpx2.Response]]) -> httpx2.Response:
    """Ask, and ask again as long as the answer is that what one came after has not arrived: so does a good client."""
    async with asyncio.timeout(PATIENCE):
        while (answer := await ask()).status_code == httpx2.codes.SERVICE_UNAVAILABLE:
            if answer.json()["code"] != NotYetSeen.code:
                break
    return answer


async def _ready(client: httpx2.AsyncClient) -> None:
    async with asyncio.timeout(READY_WITHIN):
        while (await client.get("/health/ready")).status_code != httpx2.codes.OK:  # noqa: ASYNC110 - it is asked, as by an orchestrator
            await asyncio.sleep(0.05)
