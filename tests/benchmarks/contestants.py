"""What filing is measured against, each intake's own application (routes, validation, sealing) with other parts in it.

`storeless`: journal and keys in the memory of the process: the limit. `dual`: the peer, a handler that writes its
document and then sends it to Kafka before it answers. It looks up no command, claims no key and reads no bus, so the
comparison favours it; and a crash between its two writes loses the second. `writing`: intake with neither relay nor
readers, to see what those take.
"""

from __future__ import annotations

import asyncio
import itertools
import secrets
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Annotated

import typer
import uvicorn
import uvloop
from aiokafka import AIOKafkaProducer
from fastapi import FastAPI

from services.intake.main import INTAKE, routes
from services.kernel import problems, telemetry
from services.kernel.commit import Appended, History, commit_of
from services.kernel.envelope import milliseconds
from services.kernel.journal import Journal
from services.kernel.keys import InMemoryKeys
from services.kernel.memory import MemoryStore
from services.kernel.mongo_journal import MongoStore, to_document
from services.kernel.recorded import key_of
from services.kernel.service import Service
from services.kernel.settings import Settings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from services.kernel.commit import Proposal


class Dual(Journal):
    """No journal: one document, then its records, one request at a time."""

    def __init__(self, store: MongoStore, settings: Settings) -> None:
        super().__init__(store)
        self.mongo = store
        self._numbers = itertools.count(1)
        self._topic = settings.topic
        self.producer = AIOKafkaProducer(bootstrap_servers=settings.kafka_url, acks="all", enable_idempotence=True)

    async def history(self, *_: object) -> History:
        return History(())

    async def append(self, proposal: Proposal) -> Appended:
        commit = commit_of(proposal).at(next(self._numbers))
        await self.mongo.commits.insert_one(to_document(commit))
        stamp = milliseconds(commit.circumstances.recorded_at)
        for wire in commit.events:
            await self.producer.send_and_wait(
                self._topic, wire.value, key_of(commit.stream).encode(), timestamp_ms=stamp, headers=list(wire.headers)
            )
        return Appended(commit.head, commit)


def application(kind: str, settings: Settings) -> FastAPI:
    service = Service(INTAKE, settings)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with PARTS[kind](service):
            yield

    app = FastAPI(lifespan=lifespan)
    problems.install(app)
    app.include_router(routes(service))
    app.add_api_route("/health/ready", lambda: "ready")
    return app


@asynccontextmanager
async def storeless(service: Service) -> AsyncIterator[None]:
    service.keys = InMemoryKeys(secrets.token_bytes)  # type: ignore[assignment]  # the twin of the same port
    service.handler.journal = Journal(MemoryStore())
    yield


@asynccontextmanager
async def dual(service: Service) -> AsyncIterator[None]:
    service.keys = InMemoryKeys(secrets.token_bytes)  # type: ignore[assignment]  # as above
    await service.store.prepare()
    service.handler.journal = journal = Dual(service.store, service.settings)
    async with journal.producer:
        yield


@asynccontextmanager
async def writing(service: Service) -> AsyncIterator[None]:
    await service.store.prepare()
    await service.keys.prepare()
    yield


PARTS = {"storeless": storeless, "dual": dual, "writing": writing}


def main(kind: str, port: Annotated[int, typer.Option()]) -> None:
    telemetry.configure(kind)
    config = uvicorn.Config(application(kind, Settings.load()), port=port, log_config=None, access_log=False)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(uvicorn.Server(config).serve())


if __name__ == "__main__":
    typer.run(main)
