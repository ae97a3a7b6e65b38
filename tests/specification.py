"""given / when / then: the one vocabulary in which deciders, policies and projections are specified."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Generic

import pytest

from schemas.event import Event
from services.kernel.decider import C, Decider, E, S
from services.kernel.projection import Document, Projection
from services.kernel.reaction import Order, React
from services.kernel.recorded import Recorded
from services.kernel.refusal import Refusal

EIGHT_O_CLOCK = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
"""A Monday, 08:00 in Agam."""


@dataclass(frozen=True, slots=True)
class When(Generic[C, S, E]):
    decider: Decider[C, S, E]
    history: Sequence[E]
    command: C

    def then(self, *expected: E) -> None:
        assert tuple(self._decided()) == expected

    def then_nothing(self) -> None:
        self.then()

    def then_refused(self, refusal: type[Refusal]) -> None:
        with pytest.raises(Refusal) as said:
            self._decided()
        assert type(said.value) is refusal

    def _decided(self) -> Sequence[E]:
        return self.decider.decide(self.command, self.decider.fold(self.history))


@dataclass(frozen=True, slots=True)
class Given(Generic[C, S, E]):
    decider: Decider[C, S, E]
    history: Sequence[E]

    def when(self, command: C) -> When[C, S, E]:
        return When(self.decider, self.history, command)


def specification(decider: Decider[C, S, E]) -> Callable[..., Given[C, S, E]]:
    """`given = specification(routing)`; then `given(*facts).when(command).then(*facts)`."""

    def given(*history: E) -> Given[C, S, E]:
        return Given(decider, history)

    return given


def lived(decider: Decider[C, S, E], commands: Sequence[C]) -> list[E]:
    """The history left by people who try `commands` one after another and are now and then refused."""
    history: list[E] = []
    for command in commands:
        try:
            history += decider.decide(command, decider.fold(history))
        except Refusal:
            continue
    return history


def recorded(
    event: Event,
    stream: str,
    *,
    sequence: int = 1,
    minutes: float = 0,
    actor: str = "staf-1",
) -> Recorded[Any]:
    """`event` as it is met on the bus, `minutes` after eight o'clock."""
    at = EIGHT_O_CLOCK + timedelta(minutes=minutes)
    return Recorded(
        event=event,
        stream=stream,
        sequence=sequence,
        actor=actor,
        occurred_at=at,
        recorded_at=at,
        cause=None,
        correlation="test",
    )


@dataclass(frozen=True, slots=True)
class Hearing:
    react: React
    fact: Recorded[Any]

    def then(self, *expected: Order) -> None:
        assert tuple(self.react(self.fact)) == expected

    def then_nothing(self) -> None:
        self.then()


def policy(react: React) -> Callable[[Recorded[Any]], Hearing]:
    """`hearing = policy(react)`; then `hearing(fact).then(order)`."""

    def hearing(fact: Recorded[Any]) -> Hearing:
        return Hearing(react, fact)

    return hearing


def row_of(projection: Projection, facts: Sequence[Recorded[Any]]) -> Document:
    """The row of one complaint after `facts`, in the order given; only followed owners' facts reach a projection."""
    row: Document | None = None
    for fact in facts:
        if fact.owner in projection.folds:
            row = projection.apply(row, fact)
    return projection.settle(row or {})


def shows(row: Mapping[str, Any], part: str, **expected: Any) -> None:
    """Hold the sub-document `part` of `row` against the values named."""
    assert {name: row[part].get(name) for name in expected} == expected
