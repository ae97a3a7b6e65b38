"""How the correspondence with one complainant stands, and how facts move it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final, assert_never

from schemas.notification import (
    ContactNoted,
    NotificationAttempted,
    NotificationDelivered,
    NotificationEvent,
    NotificationFailed,
    NotificationRequested,
    RecommendationReceived,
)
from schemas.vocabulary import NoticeKind, Receiver

WAITS: Final = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 360, 1440))
"""How long to wait after each failed attempt; there is one attempt more than there are waits."""

LAST_ATTEMPT: Final = len(WAITS) + 1
SILENCE: Final = timedelta(minutes=15)
"""After so long without a report a sender is taken for dead: longer than any SMTP timeout it could sit in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """Never attempted, or the last attempt failed and another is allowed.

    `doubtful`: an earlier attempt never reported, so any later one may be a double.
    """

    kind: NoticeKind
    attempts: int = 0
    doubtful: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Sending:
    kind: NoticeKind
    attempts: int
    doubtful: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenUp:
    kind: NoticeKind
    attempts: int
    doubtful: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    kind: NoticeKind
    attempts: int
    doubtful: bool


Notice = Ready | Sending | GivenUp | Delivered


@dataclass(frozen=True, slots=True, kw_only=True)
class Correspondence:
    """`by_email` and `tracking_hash` are None until the contact is known, which may be later than a notice."""

    by_email: bool | None = None
    tracking_hash: str | None = None
    notices: Mapping[str, Notice] = field(default_factory=dict)
    received_by: Receiver | None = None

    @property
    def letter_requested(self) -> bool:
        return any(notice.kind == "recommendation" for notice in self.notices.values())


def next_attempt_at(attempts: int, tried_at: datetime, *, reported: bool) -> datetime | None:
    """When to try again after `attempts` attempts, the last begun at `tried_at`; None when it was the last one."""
    if attempts >= LAST_ATTEMPT:
        return None
    return tried_at + (WAITS[attempts - 1] if reported else max(SILENCE, WAITS[attempts - 1]))


def evolve(state: Correspondence, event: NotificationEvent) -> Correspondence:
    match event:
        case ContactNoted():
            return replace(state, by_email="email" in event.contacts, tracking_hash=event.tracking_hash)
        case NotificationRequested():
            return _with(state, event.notification, Ready(kind=event.kind))
        case NotificationAttempted():
            return _attempted(state, event)
        case NotificationDelivered():
            return _resolved(state, event, Delivered)
        case NotificationFailed():
            over = event.permanent or event.attempt >= LAST_ATTEMPT
            return _resolved(state, event, GivenUp if over else Ready)
        case RecommendationReceived():
            return replace(state, received_by=event.receiver)
        case _:
            assert_never(event)


def _attempted(state: Correspondence, event: NotificationAttempted) -> Correspondence:
    kind = state.notices[event.notification].kind
    sending = Sending(kind=kind, attempts=event.attempt, doubtful=event.possible_double)
    return _with(state, event.notification, sending)


def _resolved(
    state: Correspondence,
    event: NotificationDelivered | NotificationFailed,
    become: type[Ready | GivenUp | Delivered],
) -> Correspondence:
    notice = state.notices[event.notification]
    now = become(kind=notice.kind, attempts=notice.attempts, doubtful=notice.doubtful)
    return _with(state, event.notification, now)


def _with(state: Correspondence, notification: str, notice: Notice) -> Correspondence:
    return replace(state, notices={**state.notices, notification: notice})
