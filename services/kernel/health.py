"""Is it alive, may it be given work, and how far behind is it: for orchestrators, people and Prometheus."""

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse

from services.kernel.journal import OutcomeUnknown
from services.kernel.mongo import PASSING
from services.kernel.telemetry import exposition

if TYPE_CHECKING:
    from services.kernel.service import Service

BACKLOG_SECONDS = 30
PROBE_SECONDS = 2


class Health:
    """`/health/live`, `/health/ready` and `/metrics` of one service."""

    def __init__(self, service: "Service") -> None:
        self.service = service

    def routes(self) -> APIRouter:
        router = APIRouter(tags=["health"])
        router.add_api_route("/health/live", self.live)
        router.add_api_route("/health/ready", self.ready)
        router.add_api_route("/metrics", self.metrics, include_in_schema=False)
        return router

    async def live(self) -> dict[str, str]:
        return {"status": "live", "mode": "demo" if self.service.settings.demo else "production"}

    async def ready(self) -> JSONResponse:
        """Answer 200 when every check holds, else 503; either way with every check and its figures."""
        checks = {
            "journal": await self._journal(),
            "relay": self._relay(),
            "bus": self._bus(),
            "consumers": await self._consumers(),
        }
        ready = self.service.ready and all(check["ok"] for check in checks.values())
        return JSONResponse({"status": "ready" if ready else "not-ready", "checks": checks}, 200 if ready else 503)

    async def metrics(self) -> Response:
        relay, bus = self.service.relay.progress, self.service.bus
        counts = await self._counts() if self.service.ready else {}
        figures: dict[str, dict[str, float]] = {
            "relay_backlog_seconds": {"": relay.backlog_seconds},
            "relay_position": {"": relay.position},
            "consumer_lag": {c.name: c.lag for c in bus.consumers},
            "consumer_faults": {c.name: c.faults for c in bus.consumers},
        }
        for name in ("parked", "gaps", "quarantined"):
            figures[name] = {consumer: count[name] for consumer, count in counts.items()}
        return Response(exposition(self.service.definition.name, figures), media_type="text/plain; version=0.0.4")

    async def _journal(self) -> dict[str, Any]:
        """Write, because a store that answers reads may still refuse to be written to."""
        probe = self.service.database["health"].update_one(
            {"_id": "probe"}, {"$set": {"at": self.service.desk.now()}}, upsert=True
        )
        try:
            await asyncio.wait_for(probe, PROBE_SECONDS)
        except (*PASSING, OutcomeUnknown, TimeoutError) as fault:
            return {"ok": False, "fault": type(fault).__name__}
        return {"ok": True}

    def _relay(self) -> dict[str, Any]:
        progress = self.service.relay.progress
        backlog = round(progress.backlog_seconds, 1)
        ok = backlog < BACKLOG_SECONDS and not progress.hole
        return {"ok": ok, "backlog_seconds": backlog, "hole": progress.hole, "fault": progress.fault}

    def _bus(self) -> dict[str, Any]:
        return {"ok": self.service.bus.fault is None, "fault": self.service.bus.fault}

    async def _consumers(self) -> dict[str, Any]:
        """Parked records wait for a person and stop nothing else; a lasting gap or a consumer that stands is red."""
        if not self.service.ready:
            return {"ok": False}
        counts = await self._counts()
        stuck = [consumer.name for consumer in self.service.bus.consumers if consumer.stuck]
        ok = not stuck and not any(count["gaps"] for count in counts.values())
        return {"ok": ok, "stuck": stuck, "counts": counts}

    async def _counts(self) -> dict[str, dict[str, int]]:
        before = self.service.desk.now() - timedelta(seconds=self.service.settings.gap_seconds)
        consumers = self.service.bus.consumers
        try:
            return {c.name: await c.dispatcher.stations.counts(before) for c in consumers}
        except PASSING:
            return {}
