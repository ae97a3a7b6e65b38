"""Facts, wishes and a decider that belong to no procedure, for the kernel's own tests."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeAlias, assert_never

from schemas.event import Event, Language
from services.kernel.commit import START, Appended, Head, Proposal, verified
from services.kernel.decider import Decider
from services.kernel.envelope import Circumstances, fingerprint
from services.kernel.refusal import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from services.kernel.commit import Commit
    from services.kernel.journal import Journal

STREAM = "notes/kota-1/n-1"
OTHER = "notes/kota-1/n-2"
WHEN = datetime(2026, 3, 2, 1, 30, 15, 250_000, tzinfo=UTC)


class Noted(Event, type="notes.Noted"):
    text: str


class Closed(Event, type="notes.Closed"):
    pass


LANGUAGE = Language.of(Noted, Closed)


@dataclass(frozen=True, slots=True)
class Note:
    text: str


@dataclass(frozen=True, slots=True)
class Close:
    pass


Command: TypeAlias = Note | Close
Fact: TypeAlias = Noted | Closed


class AlreadyClosed(Refusal):
    code = "already-closed"
    kalimat = "Catatan sudah ditutup."


@dataclass(frozen=True, slots=True)
class Notes:
    texts: tuple[str, ...] = ()
    closed: bool = False


def decide(command: Command, notes: Notes) -> Sequence[Fact]:
    match command:
        case Note(text) if text in notes.texts:
            return []
        case _ if notes.closed:
            raise AlreadyClosed
        case Note(text):
            return [Noted(text=text)]
        case Close():
            return [Closed()]
        case _:
            assert_never(command)


def evolve(notes: Notes, fact: Fact) -> Notes:
    match fact:
        case Noted():
            return replace(notes, texts=(*notes.texts, fact.text))
        case Closed():
            return replace(notes, closed=True)
        case _:
            assert_never(fact)


NOTES: Decider[Command, Notes, Fact] = Decider(Notes(), decide, evolve)


def at(command_id: str, body: object = None, *, when: datetime = WHEN) -> Circumstances:
    """The circumstances of a command; `body` is what the request said, the command id itself when not given."""
    return Circumstances(
        command_id=command_id,
        fingerprint=fingerprint(body or command_id),
        actor="person/budi",
        occurred_at=when,
        recorded_at=when,
        correlation=f"request/{command_id}",
    )


def wish(
    command_id: str,
    events: Sequence[Event] | None = None,
    *,
    stream: str = STREAM,
    head: Head = START,
    anew: Callable[[Sequence[Event]], Sequence[Event]] | None = None,
    body: object = None,
) -> Proposal:
    """A proposal of `events` (one note by default); `anew(since)` is what it proposes after others' events."""
    proposed = [Noted(text=command_id)] if events is None else events
    circumstances = at(command_id, body)

    def rebase(then: Head, since: Sequence[Event]) -> Proposal:
        again = proposed if anew is None else anew(since)
        return Proposal(stream=stream, head=then, events=again, circumstances=circumstances, rebase=rebase)

    return Proposal(stream=stream, head=head, events=proposed, circumstances=circumstances, rebase=rebase)


async def together(journal: Journal, *proposals: Proposal) -> list[Appended | BaseException]:
    """The answers, in order, of proposals that form one group."""
    return await asyncio.gather(*(journal.append(proposal) for proposal in proposals), return_exceptions=True)


def answered(answer: Appended | BaseException) -> Appended:
    assert isinstance(answer, Appended), answer
    return answer


def assert_whole(commits: Sequence[Commit]) -> None:
    """Positions and versions without a hole, every chain verifies, every command once."""
    assert [commit.position for commit in commits] == list(range(1, len(commits) + 1))
    commands = [commit.circumstances.command_id for commit in commits]
    assert len(set(commands)) == len(commands)
    for stream in {commit.stream for commit in commits}:
        verified(of_stream(commits, stream))


def of_stream(commits: Iterable[Commit], stream: str) -> list[Commit]:
    return [commit for commit in commits if commit.stream == stream]


def texts(commits: Iterable[Commit]) -> list[str]:
    """What was noted, in order; a closing shows as a full stop."""
    events = [fact.event for commit in commits for fact in commit.facts(LANGUAGE)]
    return [event.text if isinstance(event, Noted) else "." for event in events]
