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

    def fold(self, events: Iterable[E], state: S | None = None) -> S:
        """Return what `events` add up to, from `state` or from the beginning."""
        return reduce(self.evolve, events, self.initial if state is None else state)
