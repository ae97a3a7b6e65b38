"""What the complainant is told, who sends it, and that the letter arrived (steps 2, 11 and 12)."""

from collections.abc import Sequence
from hmac import compare_digest
from typing import assert_never

from schemas.notification import (
    ContactNoted,
    NotificationAttempted,
    NotificationDelivered,
    NotificationEvent,
    NotificationFailed,
    NotificationRequested,
    RecommendationReceived,
)
from schemas.vocabulary import Proof
from services.kernel.decider import Decider
from services.kernel.refusal import NotFound
from services.notification.commands import (
    AcknowledgeReceipt,
    AttemptDelivery,
    Command,
    NoteContact,
    ReportDelivered,
    ReportFailed,
    RequestNotification,
)
from services.notification.domain import refusals as no
from services.notification.domain.state import (
    LAST_ATTEMPT,
    Correspondence,
    Delivered,
    GivenUp,
    Notice,
    Ready,
    Sending,
    evolve,
)


def decide(command: Command, state: Correspondence) -> Sequence[NotificationEvent]:
    """Return what happens when `command` meets `state`.

    Raises:
        Refusal: one of `services.notification.domain.refusals`, or NotFound for a complaint not yet heard of.
    """
    match command:
        case NoteContact():
            return _note_contact(command, state)
        case RequestNotification():
            return _request(command, state)
        case AttemptDelivery():
            return _attempt(command, _notice(command.notification, state)) if state.by_email else []
        case ReportDelivered():
            return _report_delivered(command, _tried(command, state))
        case ReportFailed():
            return _report_failed(command, _tried(command, state))
        case AcknowledgeReceipt():
            return _acknowledge(command, state)
        case _:
            assert_never(command)


def _note_contact(command: NoteContact, state: Correspondence) -> Sequence[NotificationEvent]:
    if state.tracking_hash is not None:
        return []
    return [
        ContactNoted(
            complainant=command.complainant,
            no_identity=command.no_identity,
            contacts=command.contacts,
            tracking_hash=command.tracking_hash,
        )
    ]


def _request(command: RequestNotification, state: Correspondence) -> Sequence[NotificationEvent]:
    if command.notification in state.notices:
        return []
    return [
        NotificationRequested(
            notification=command.notification,
            kind=command.kind,
            template=command.template,
            template_version=command.template_version,
            variables=command.variables,
            body=command.body,
        )
    ]


def _attempt(command: AttemptDelivery, notice: Notice) -> Sequence[NotificationEvent]:
    """Elect the sender of the next attempt; whoever asks for any other gets nothing and must not send."""
    following = command.attempt == notice.attempts + 1 <= LAST_ATTEMPT
    match notice:
        case Ready() if following:
            return [_attempted(command, possible_double=notice.doubtful)]
        case Sending() if following and command.possible_double:
            return [_attempted(command, possible_double=True)]
        case Ready() | Sending() | GivenUp() | Delivered():
            return []
        case _:
            assert_never(notice)


def _attempted(command: AttemptDelivery, *, possible_double: bool) -> NotificationAttempted:
    return NotificationAttempted(
        notification=command.notification, attempt=command.attempt, possible_double=possible_double
    )


def _report_delivered(command: ReportDelivered, notice: Notice) -> Sequence[NotificationEvent]:
    match notice:
        case Delivered():
            return []
        case Ready() | GivenUp() if not (notice.doubtful and command.attempt < notice.attempts):
            raise no.AlreadyReported
        case Ready() | GivenUp() | Sending():
            return [NotificationDelivered(notification=command.notification, kind=notice.kind, attempt=command.attempt)]
        case _:
            assert_never(notice)


def _report_failed(command: ReportFailed, notice: Notice) -> Sequence[NotificationEvent]:
    if not isinstance(notice, Sending) or command.attempt != notice.attempts:
        return []  # it failed before, or arrived by another attempt, or another attempt is under way
    return [
        NotificationFailed(
            notification=command.notification,
            kind=notice.kind,
            attempt=command.attempt,
            reason=command.reason,
            permanent=command.permanent,
        )
    ]


def _acknowledge(command: AcknowledgeReceipt, state: Correspondence) -> Sequence[NotificationEvent]:
    proof = _proof(command.tracking_hash, state)
    if not state.letter_requested:
        raise no.LetterNotYetIssued
    if command.receiver == "other" and command.receiver_name is None:
        raise no.ReceiverUnnamed
    if state.received_by is not None:
        if state.received_by != command.receiver:
            raise no.AlreadyReceived
        return []
    return [
        RecommendationReceived(
            receiver=command.receiver,
            receiver_name=command.receiver_name,
            proof=proof,
            received_at=command.received_at,
        )
    ]


def _proof(shown: str | None, state: Correspondence) -> Proof:
    if shown is None:
        return "signed_statement"
    if state.tracking_hash is None:
        raise NotFound
    if not compare_digest(shown, state.tracking_hash):
        raise no.TrackingCodeWrong
    return "tracking_code"


def _notice(notification: str, state: Correspondence) -> Notice:
    notice = state.notices.get(notification)
    if notice is None:
        raise no.NotificationUnknown(notification)
    return notice


def _tried(command: ReportDelivered | ReportFailed, state: Correspondence) -> Notice:
    notice = _notice(command.notification, state)
    if not 1 <= command.attempt <= notice.attempts:
        raise no.AttemptUnknown
    return notice


notification: Decider[Command, Correspondence, NotificationEvent] = Decider(
    initial=Correspondence(), decide=decide, evolve=evolve
)
