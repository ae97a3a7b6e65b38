"""What was the complainant told, and what is still to be sent? Sealed values stay sealed (JWE)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, TypedDict

from schemas.notification import (
    ContactNoted,
    NotificationAttempted,
    NotificationDelivered,
    NotificationFailed,
    NotificationRequested,
    RecommendationReceived,
)
from services.kernel.projection import Document, Projection
from services.kernel.recorded import Recorded
from services.notification.domain.state import LAST_ATTEMPT, next_attempt_at


class Notice(TypedDict, total=False):
    """`status` is requested, sending, failed, given_up or delivered; `body` is a JWE or None."""

    kind: str
    template: str
    template_version: int
    variables: dict[str, str]
    body: str | None
    requested_at: str
    status: str
    attempts: int
    attempted_at: str
    possible_double: bool
    reason: str
    delivered_at: str


class Receipt(TypedDict):
    receiver: str
    receiver_name: str | None
    proof: str
    at: str
    by: str


class Delivery(TypedDict, total=False):
    """`complainant` is a JWE or None; `notices` by notification."""

    complainant: str | None
    no_identity: bool
    contacts: list[str]
    tracking_hash: str
    notices: dict[str, Notice]
    received: Receipt


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """Attempt `attempt` of `notification` may be made from `at` on."""

    notification: str
    attempt: int
    possible_double: bool
    at: datetime


def fold(before: Document | None, fact: Recorded[Any]) -> Document | None:  # noqa: PLR0911 - a table
    row = before or {}
    match fact.event:
        case ContactNoted() as noted:
            return {**row, **_contact(noted)}
        case NotificationRequested() as asked:
            return _with(row, asked.notification, _requested(asked, fact))
        case NotificationAttempted() as tried:
            return _with(row, tried.notification, _attempted(tried, fact))
        case NotificationDelivered() as done:
            return _with(row, done.notification, Notice(status="delivered", delivered_at=fact.occurred_at.isoformat()))
        case NotificationFailed() as failed:
            over = failed.permanent or failed.attempt >= LAST_ATTEMPT
            return _with(
                row, failed.notification, Notice(status="given_up" if over else "failed", reason=failed.reason)
            )
        case RecommendationReceived() as received:
            return {**row, **Delivery(received=_received(received, fact))}
        case _:
            return None


def _with(row: Document, notification: str, said: Notice) -> Document:
    notices: dict[str, Notice] = row.get("notices", {})
    return {**row, "notices": {**notices, notification: {**notices.get(notification, {}), **said}}}


def _contact(noted: ContactNoted) -> Delivery:
    return Delivery(
        complainant=noted.complainant.jwe if noted.complainant else None,
        no_identity=noted.no_identity,
        contacts=list(noted.contacts),
        tracking_hash=noted.tracking_hash,
    )


def _requested(asked: NotificationRequested, fact: Recorded[Any]) -> Notice:
    return Notice(
        kind=asked.kind,
        template=asked.template,
        template_version=asked.template_version,
        variables=dict(asked.variables),
        body=asked.body.jwe if asked.body else None,
        requested_at=fact.occurred_at.isoformat(),
        status="requested",
        attempts=0,
        possible_double=False,
    )


def _attempted(tried: NotificationAttempted, fact: Recorded[Any]) -> Notice:
    return Notice(
        status="sending",
        attempts=tried.attempt,
        attempted_at=fact.occurred_at.isoformat(),
        possible_double=tried.possible_double,
    )


def _received(received: RecommendationReceived, fact: Recorded[Any]) -> Receipt:
    return Receipt(
        receiver=received.receiver,
        receiver_name=received.receiver_name.jwe if received.receiver_name else None,
        proof=received.proof,
        at=(received.received_at or fact.occurred_at).isoformat(),
        by=fact.actor,
    )


def plan(row: Mapping[str, Any]) -> Sequence[Due]:
    """The next attempt of each notice that may still be sent, soonest first; none while there is no e-mail address."""
    delivery: Delivery = row.get("notification", {})
    if "email" not in delivery.get("contacts", []):
        return []
    following = (_following(name, notice) for name, notice in delivery.get("notices", {}).items())
    return sorted((due for due in following if due), key=lambda due: (due.at, due.notification))


def _following(notification: str, notice: Notice) -> Due | None:
    attempts, unreported = notice["attempts"], notice["status"] == "sending"
    if notice["status"] in ("delivered", "given_up"):
        return None
    if attempts == 0:
        at: datetime | None = datetime.fromisoformat(notice["requested_at"])
    else:
        at = next_attempt_at(attempts, datetime.fromisoformat(notice["attempted_at"]), reported=not unreported)
    if at is None:
        return None
    double = notice["possible_double"] or unreported
    return Due(notification=notification, attempt=attempts + 1, possible_double=double, at=at)


def derive(row: Mapping[str, Any]) -> Document:
    """`next_due_at` is when something is to be sent; `reachable` is None until the contact is known."""
    planned = plan(row)
    contacts = row.get("notification", {}).get("contacts")
    return {
        "next_due_at": planned[0].at.isoformat() if planned else None,
        "reachable": None if contacts is None else "email" in contacts,
    }


deliveries: Final = Projection(
    name="deliveries",
    version=1,
    folds={"notification": fold},
    derive=derive,
    indexes=(("opd", "complaint"), ("derived.next_due_at",)),
)
