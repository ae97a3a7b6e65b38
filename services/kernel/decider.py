"""The Decider: the one shape every service's domain takes."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Generic, TypeVar

C = TypeVar("C")
S = TypeVar("S")
E = TypeVar("E")


@dataclass(frozen=True, slots=True)
class Decider(Generic[C, S, E]):
    """Three pure pieces that together are a domain.

    `decide` returns what happens ([] when the wish already holds) and raises a Refusal when the domain says no.
    """

    initial: S
    decide: Callable[[C, S], Sequence[E]]
    evolve: Callable[[S, E], S]

    def fold(self, events: Iterable[E]) -> S:
        """Return what `events` add up to, from the beginning."""
        return self.onward(self.initial, events)

    def onward(self, state: S, events: Iterable[E]) -> S:
        """Return what `events` make of `state`."""
        return reduce(self.evolve, events, state)
