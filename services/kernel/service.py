"""One service put together: where the real things are made, started, and stopped."""

import asyncio
import contextlib
import os
import secrets
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from fastapi import APIRouter, Depends, FastAPI
from pymongo.errors import PyMongoError

from schemas.event import Language
from services.kernel import clock, problems
from services.kernel.builds import Builds
from services.kernel.bus import Bus, Consumer
from services.kernel.decider import Decider
from services.kernel.desk import Desk, NotYetSeen, place
from services.kernel.dispatcher import Dispatcher
from services.kernel.envelope import instant
from services.kernel.handling import Handler
from services.kernel.health import Health
from services.kernel.incarnation import Topic
from services.kernel.journal import Journal
from services.kernel.lineup import Sink
from services.kernel.master import WrongMaster, master_keys
from services.kernel.mongo import NotAReplicaSet, NotLetIn, connect, database, refuse_standalone, refuse_strangers
from services.kernel.mongo_journal import MongoStore
from services.kernel.mongo_keys import MongoKeys
from services.kernel.policies import Policies, marks_of
from services.kernel.projection import Projection
from services.kernel.reaction import React
from services.kernel.recorded import owner_of
from services.kernel.refusal import Unavailable
from services.kernel.relay import Relay
from services.kernel.settings import Settings
from services.kernel.stations import Stations
from services.kernel.trail import Trail
from services.kernel.views import Rows, View

log = structlog.get_logger("service")

AGAIN_SECONDS = 1.0
AFTER_SECONDS = 5.0
LARGEST_BODY = 2 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """What makes a service this service. `hears` are the owners of the streams its policies follow."""

    name: str
    language: Language
    deciders: Mapping[str, Decider[Any, Any, Any]]
    hears: Collection[str]
    react: React
    projections: Sequence[Projection]
    routes: Callable[["Service"], APIRouter]
    effects: Sequence[Callable[["Service"], Awaitable[None]]] = ()


class Service:
    """The running parts of one service in one process."""

    def __init__(self, definition: Definition, settings: Settings) -> None:
        self.definition = definition
        self.settings = settings
        self.ready = False
        self.fatal: str | None = None
        self.client = connect(settings.mongo_url)
        self.database = database(self.client, f"{settings.database_prefix}_{definition.name}")
        self.store = MongoStore(self.database)
        self.journal = Journal(self.store)
        self.handler = Handler(self.journal, definition.language, definition.deciders)
        keyroom = database(self.client, f"{settings.database_prefix}_keys")
        self.keys = MongoKeys(keyroom, master_keys(settings.master_keys.get_secret_value()), secrets.token_bytes)
        self.trail = Trail(self.database["openings"], self.keys, clock.now)
        self.topic = Topic(settings.kafka_url, settings.topic)
        identity = settings.replica or f"{definition.name}-{os.getpid()}-{clock.new_id()}"
        self.relay = Relay(self.journal, self.database, self.topic, settings.kafka_url, identity, clock.now)
        self.policies = Policies(
            definition.name, definition.hears, definition.react, self.handler, marks_of(self.database), clock.now
        )
        self.bus = Bus(settings.kafka_url, self.topic, self._wanted)
        self.desk = Desk(
            handler=self.handler,
            trust=settings.trust(),
            now=clock.now,
            new_id=clock.new_id,
            backdating=timedelta(days=settings.backdating_days),
            secret=settings.token_key.get_secret_value().encode(),
        )
        self._consumers: dict[str, tuple[Consumer, Sink]] = {}
        self._serving: dict[str, View] = {}

    async def run(self) -> None:
        """Wait for the stores, then relay, consume and act until cancelled.

        What no waiting mends (a mongod without a replica set, or one that refuses us, the wrong master key) is kept in
        `fatal`, and the process is told to end.
        """
        try:
            await self._prepared()
        except (NotAReplicaSet, NotLetIn, WrongMaster) as wrong:
            self.fatal = str(wrong)
            signal.raise_signal(signal.SIGTERM)
            return
        parts = [self.relay.run, self.bus.run, *(self._effect(effect) for effect in self.definition.effects)]
        async with asyncio.TaskGroup() as together:
            for part in parts:
                together.create_task(self._kept_up(part))

    async def open(self) -> None:
        """Pass once the stores are prepared: before, no key is unique and the master key is not known to be the one."""
        if not self.ready:
            raise problems.NotReady

    async def close(self) -> None:
        await self.journal.close()
        await self.keys.close()
        self.client.close()

    def rows(self, projection: str, opd: str) -> Rows:
        """Return the rows of `opd` in the build that serves."""
        if projection not in self._serving:
            raise problems.NotReady
        return Rows(self._serving[projection], opd)

    async def seen(self, projection: str, opd: str, after: str | None) -> None:
        """Wait until the rows of `projection` have seen `after` (`<stream>@<sequence>`) and what followed from it here.

        What rows are not made of, and what no policy listens to, is not waited for.
        """
        if after is not None:
            await self._patiently(self._followed(self.rows(projection, opd).view, *place(after, opd)))

    async def reacted(self, opd: str, after: str | None) -> None:
        """Wait until the policies are through `after`, if they listen to it."""
        if after is not None and owner_of(after) in self.policies.owners:
            await self._patiently(self.policies.wait_for(*place(after, opd)))

    async def _followed(self, view: View, stream: str, sequence: int) -> None:
        if owner_of(stream) in view.owners:
            await view.wait_for(stream, sequence)
        if owner_of(stream) in self.policies.owners and self.definition.name in view.owners:
            await self.policies.wait_for(stream, sequence)
            ours = f"{self.definition.name}/{stream.split('/', 1)[1]}"
            await view.wait_for(ours, (await self.handler.standing(ours)).head.sequence)

    def as_of(self, projection: str) -> datetime | None:
        """Return the oldest of the record times its serving build has reached, one for each partition it reads here.

        None as long as this process has read nothing.
        """
        view = self.rows(projection, "").view
        reached = [c.reached for c, sink in self._consumers.values() if sink is view]
        times = [stamp for places in reached for _, stamp in places.values()]
        return instant(min(times)) if times else None

    async def _patiently(self, wait: Awaitable[None]) -> None:
        try:
            await asyncio.wait_for(wait, AFTER_SECONDS)
        except TimeoutError:
            raise NotYetSeen from None

    async def _prepared(self) -> None:
        while True:
            try:
                await refuse_standalone(self.client, self.settings.mongo_url)
                await self.store.prepare()
                await self.keys.prepare()
                await self.trail.prepare()
                await self._wanted()
            except (PyMongoError, Unavailable) as fault:
                refuse_strangers(fault)
                log.warning("waiting for MongoDB", fault=type(fault).__name__, code=getattr(fault, "code", None))
                await asyncio.sleep(AGAIN_SECONDS)
            else:
                self.ready = True
                return

    async def _kept_up(self, part: Callable[[], Awaitable[None]]) -> None:
        """Begin a part again after a fault nobody foresaw; what it knows is in the stores."""
        while True:
            try:
                await part()
            except Exception:
                log.exception("part began again", part=getattr(part, "__qualname__", "effect"))
            await asyncio.sleep(AGAIN_SECONDS)

    def _effect(self, effect: Callable[["Service"], Awaitable[None]]) -> Callable[[], Awaitable[None]]:
        async def act() -> None:
            await effect(self)

        return act

    async def _wanted(self) -> Sequence[Consumer]:
        """Return the consumers of this release: the policies, and every live build of every projection."""
        wanted = [await self._consumer("policies", "policies", self.policies)]
        for projection in self.definition.projections:
            builds = Builds(self.database, projection)
            for build in await builds.live():
                view = builds.view(build)
                if build not in self._consumers:
                    await view.prepare()
                wanted.append(await self._consumer(projection.name, build, view))
            self._serving[projection.name] = self._answering(builds, await builds.serving())
        return wanted

    def _answering(self, builds: Builds, build: str) -> View:
        """Return the view of `build`, which may be of an older version: it answers until a person switches."""
        kept = self._consumers.get(build)
        return kept[1] if kept and isinstance(kept[1], View) else builds.view(build)

    async def _consumer(self, name: str, group: str, sink: Sink) -> Consumer:
        if group not in self._consumers:
            stations = Stations(self.database, name, group)
            await stations.prepare()
            dispatcher = Dispatcher(sink, stations, self.definition.language, clock.now)
            self._consumers[group] = (Consumer(f"{self.definition.name}.{group}", dispatcher), sink)
        return self._consumers[group][0]


def application(definition: Definition, settings: Settings) -> FastAPI:
    """Return the service as a web application that runs it for as long as it is served."""
    service = Service(definition, settings)

    @contextlib.asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        running = asyncio.create_task(service.run(), name=definition.name)
        try:
            yield
        finally:
            running.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await running
            await service.close()

    app = FastAPI(title=f"aduan {definition.name}", version="1", lifespan=lifespan)
    app.state.service = service
    problems.install(app)
    app.add_middleware(problems.LargestBody, limit=LARGEST_BODY)
    app.include_router(Health(service).routes())
    app.include_router(definition.routes(service), dependencies=[Depends(service.open)])
    return app
