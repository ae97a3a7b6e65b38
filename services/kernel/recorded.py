"""A fact as it is met: with its place in its stream and the circumstances it was recorded under."""

from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from schemas.event import Event

E_co = TypeVar("E_co", bound=Event, covariant=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded(Generic[E_co]):
    """`occurred_at` is when it happened in the office, `recorded_at` when the journal took it (both UTC, aware)."""

    event: E_co
    stream: str
    sequence: int
    actor: str
    occurred_at: datetime
    recorded_at: datetime
    cause: str | None
    correlation: str

    @property
    def id(self) -> str:
        return f"{self.stream}@{self.sequence}"

    @property
    def owner(self) -> str:
        """The service (or `register`, `office`) whose stream this is."""
        return owner_of(self.stream)

    @property
    def opd(self) -> str:
        return opd_of(self.stream)

    @property
    def subject(self) -> str:
        """The complaint of a case stream; the last segment of any other."""
        return self.stream.rsplit("/", 1)[1]


def owner_of(stream: str) -> str:
    """The owner of a stream: its first segment."""
    return stream.split("/", 1)[0]


def opd_of(stream: str) -> str:
    """The office of a stream: its second segment."""
    return stream.split("/", 2)[1]


REGISTERS = ("register", "office")


def key_of(stream: str) -> str:
    """The Kafka key: the complaint, so that a case's streams share a partition; else the stream itself."""
    owner, _, rest = stream.partition("/")
    return stream if owner in REGISTERS else rest.rsplit("/", 1)[1]
