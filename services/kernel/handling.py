"""The one loop of the system: read, fold, decide, append."""

import asyncio
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from schemas.event import Event, Language
from services.kernel.commit import START, Appended, Commit, Head, Proposal
from services.kernel.decider import Decider
from services.kernel.envelope import Circumstances
from services.kernel.journal import Journal, OutcomeUnknown
from services.kernel.refusal import CommandReused, Conflict, Stale, Unavailable

ATTEMPTS = 12
KEPT_STATES = 4096
PATIENCE_SECONDS = 20


@dataclass(frozen=True, slots=True)
class Standing:
    """What a stream adds up to, and where it ends."""

    state: Any
    head: Head


class Handler:
    """Carries out commands on a service's streams. `deciders` is by the stream's first segment.

    A folded state stays true for ever, only more is appended; so the last ones are kept, and a read fetches no more
    than what came since.
    """

    def __init__(self, journal: Journal, language: Language, deciders: Mapping[str, Decider[Any, Any, Any]]) -> None:
        self.journal = journal
        self.language = language
        self.deciders = deciders
        self._kept: OrderedDict[str, Standing] = OrderedDict()

    async def standing(self, stream: str) -> Standing:
        """Return where `stream` stands now; the initial state and START when it has no events."""
        return (await self._read(stream, None))[0]

    async def handle(self, command: Any, stream: str, at: Circumstances, *, expected: int | None = None) -> Appended:
        """Carry out `command` on `stream`.

        Args:
            command: what is wished; its decider is found by the stream.
            stream: where it is decided.
            at: who, when and under which command id.
            expected: the stream's last sequence as the person saw it, or None when that does not matter.

        Raises:
            Refusal: the domain said no, the person's view was stale, or the command id stands for another body.
            Conflict: other writers won every time.
            Unavailable: the journal does not answer; the outcome is unknown until asked again.
        """
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                for _ in range(ATTEMPTS):
                    try:
                        return await self._attempt(command, stream, at, expected)
                    except Conflict:
                        continue
                return await self._attempt(command, stream, at, expected)
        except (TimeoutError, OutcomeUnknown) as fault:
            raise Unavailable("journal") from fault

    async def since(self, stream: str, expected: int) -> str:
        """Name the facts recorded after the one the person had seen."""
        history = await self.journal.history(stream)
        facts = [fact for commit in history.commits for fact in commit.facts(self.language)]
        return ", ".join(fact.event.type for fact in facts if fact.sequence > expected)

    async def _attempt(self, command: Any, stream: str, at: Circumstances, expected: int | None) -> Appended:
        standing, earlier = await self._read(stream, at.command_id)
        if earlier is not None:
            if earlier.circumstances.fingerprint != at.fingerprint:
                raise CommandReused(earlier.id)
            return Appended(earlier.head, earlier, repeated=True)
        if expected is not None and expected != standing.head.sequence:
            raise Stale(await self.since(stream, expected))
        proposal = self._propose(command, stream, at, standing, freely=expected is None)
        if not proposal.events:
            return Appended(standing.head, None)
        return await self.journal.append(proposal)

    def _propose(self, command: Any, stream: str, at: Circumstances, standing: Standing, *, freely: bool) -> Proposal:
        decider = self._decider(stream)

        def rebase(head: Head, since: Sequence[Event]) -> Proposal:
            if not freely:  # the person decided on what they saw, and that is no longer how it stands
                raise Conflict(stream)
            then = Standing(decider.onward(standing.state, since), head)
            return self._propose(command, stream, at, then, freely=True)

        events = decider.decide(command, standing.state)
        return Proposal(stream=stream, head=standing.head, events=events, circumstances=at, rebase=rebase)

    async def _read(self, stream: str, command_id: str | None) -> tuple[Standing, Commit | None]:
        decider = self._decider(stream)
        kept = self._kept.get(stream) or Standing(decider.initial, START)
        history = await self.journal.history(stream, kept.head.version, command_id)
        standing = kept
        for commit in history.commits:
            facts = commit.facts(self.language)
            standing = Standing(decider.onward(standing.state, (f.event for f in facts)), commit.head)
        self._keep(stream, standing)
        return standing, history.earlier

    def _keep(self, stream: str, standing: Standing) -> None:
        held = self._kept.get(stream)
        if held is None or held.head.version <= standing.head.version:
            self._kept[stream] = standing
        self._kept.move_to_end(stream)
        if len(self._kept) > KEPT_STATES:
            self._kept.popitem(last=False)

    def _decider(self, stream: str) -> Decider[Any, Any, Any]:
        return self.deciders[stream.split("/", 1)[0]]
