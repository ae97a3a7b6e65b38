"""Many cases at once, each act after act; told to whoever watches. Cancelled anywhere, it can begin again."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Protocol

from deploy.wabo.client import Refused
from deploy.wabo.requests import request_of
from deploy.wabo.walks import walk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from deploy.wabo.cases import Case
    from deploy.wabo.client import Answer
    from deploy.wabo.requests import Request
    from deploy.wabo.walks import Step


WORTH_ASKING: Final = 2
UNSURE: Final = frozenset({"review"})
"""Acts that are not refused while one before them is missing: routing does not ask for intake's receipt."""


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
        self._resuming = True

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
        steps, before = walk(case), NOTHING
        for step in steps:
            request = request_of(case, step)
            after = before.recorded if before.service not in ("", request.service) else None
            try:
                answer = await self._services.post(case.about.opd, request, before.complaint, after)
            except Refused as no:
                return Failure(case=case.name, step=step.name, code=no.code, kalimat=no.kalimat)
            before = _Before(service=request.service, complaint=answer.complaint, recorded=answer.recorded)
            self._told(1)
            if step is steps[0] and await self._was_walked(case, steps, answer.complaint):
                self._told(len(steps) - 1)
                return None
        return None

    async def _was_walked(self, case: Case, steps: Sequence[Step], complaint: str) -> bool:
        """Whether an earlier run walked `case` to its end, found out by asking for its last act at once.

        Its service answers by the key, or records it as the only one still missing, or refuses because others are.
        After the first refusal nobody asks so again: cases come in the same order every time, so the rest is new.
        """
        if not self._resuming or len(steps) <= WORTH_ASKING or steps[-1].name in UNSURE:
            return False
        try:
            await self._services.post(case.about.opd, request_of(case, steps[-1]), complaint, None)
        except Refused:
            self._resuming = False
        return self._resuming

    def _told(self, steps: int) -> None:
        self.tally.steps += steps
        self._watching(self.tally)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Before:
    """The act before: who performed it, on which complaint, and where it is recorded."""

    service: str
    complaint: str
    recorded: str


NOTHING: Final = _Before(service="", complaint="", recorded="")
