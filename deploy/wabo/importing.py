"""Many cases at once, each act after act; told to whoever watches. Cancelled anywhere, it can begin again."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from deploy.wabo.client import Refused
from deploy.wabo.requests import request_of
from deploy.wabo.walks import walk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from deploy.wabo.cases import Case
    from deploy.wabo.client import Answer
    from deploy.wabo.requests import Request


class Services(Protocol):
    """What the importer needs of the services; see `deploy.wabo.client.Client`."""

    async def post(self, opd: str, request: Request, complaint: str, after: str | None) -> Answer: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A case that ended early because a service said no to `step`."""

    case: str
    step: str
    code: str
    kalimat: str


@dataclass(slots=True, kw_only=True)
class Tally:
    """How far the import is: `steps` are acts answered, whether now or in an earlier run."""

    cases: int = 0
    steps: int = 0
    failures: list[Failure] = field(default_factory=list)


class Import:
    """One run of the importer. `watching` is called after every act."""

    def __init__(self, services: Services, watching: Callable[[Tally], None]) -> None:
        self.tally = Tally()
        self._services = services
        self._watching = watching

    async def run(self, cases: Sequence[Case], concurrency: int) -> Tally:
        """Walk `cases`, at most `concurrency` at once, the earliest filed first.

        Raises:
            ExceptionGroup: of Trouble; the services cannot go on. What was recorded stays.
        """
        waiting = iter(cases)
        async with asyncio.TaskGroup() as together:
            for _ in range(min(concurrency, len(cases))):
                together.create_task(self._worker(waiting))
        return self.tally

    async def _worker(self, waiting: Iterator[Case]) -> None:
        for case in waiting:
            failure = await self._walked(case)
            if failure is not None:
                self.tally.failures.append(failure)
            self.tally.cases += 1
            self._watching(self.tally)

    async def _walked(self, case: Case) -> Failure | None:
        """Perform the acts of `case` in order; each waits until its service has heard of the one before."""
        complaint, recorded, service = "", "", ""
        for step in walk(case):
            request = request_of(case, step)
            after = recorded if service not in ("", request.service) else None
            try:
                answer = await self._services.post(case.about.opd, request, complaint, after)
            except Refused as no:
                return Failure(case=case.name, step=step.name, code=no.code, kalimat=no.kalimat)
            complaint, recorded, service = answer.complaint, answer.recorded, request.service
            self.tally.steps += 1
            self._watching(self.tally)
        return None
