"""What notification says: who could be told, what was tried, and who has the letter."""

from collections.abc import Mapping

from pydantic import PositiveInt

from schemas.event import Event, File, Instant, Sealed, Subject
from schemas.vocabulary import Code, Complainant, ContactKind, Line, NoticeKind, Proof, Receiver, TrackingHash


class ContactNoted(Event, type="notification.ContactNoted"):
    """Internal: notification knows how the complainant can be reached, or that they cannot (`contacts` is empty).

    The complainant is intake's sealed value, copied unopened.
    """

    complainant: Sealed[Subject, Complainant] | None
    no_identity: bool
    contacts: tuple[ContactKind, ...]
    tracking_hash: TrackingHash


class NotificationRequested(Event, type="notification.NotificationRequested"):
    """There is something the complainant is to be told (pemberitahuan). An address to tell it to may be wanting.

    Recorded whether or not there is an address, because the address may become known later; without one nothing is
    ever attempted, and ContactNoted says why. `variables` hold nothing personal: numbers, dates and codes; `body` is
    the letter's text.
    """

    notification: Line
    kind: NoticeKind
    template: Code
    template_version: PositiveInt
    variables: Mapping[str, str]
    body: Sealed[File, str] | None = None


class NotificationAttempted(Event, type="notification.NotificationAttempted"):
    """One sender was chosen to send attempt n, before it did. Whether it went out is not known.

    `possible_double`: an earlier attempt never reported, so the complainant may get the message twice.
    """

    notification: Line
    attempt: PositiveInt
    possible_double: bool


class NotificationDelivered(Event, type="notification.NotificationDelivered"):
    """The complainant's mail server took the message (proof of delivery). Not that it was read."""

    notification: Line
    kind: NoticeKind
    attempt: PositiveInt


class NotificationFailed(Event, type="notification.NotificationFailed"):
    """An attempt came to nothing. Unless `permanent`, or the last one allowed, another follows after a wait."""

    notification: Line
    kind: NoticeKind
    attempt: PositiveInt
    reason: Code
    permanent: bool


class RecommendationReceived(Event, type="notification.RecommendationReceived"):
    """The letter is in the complainant's hands (step 12, surat diterima). Not agreement with its content.

    `received_at` is given when Staf record it later, from the signed receipt; `receiver_name` when it was another.
    """

    receiver: Receiver
    receiver_name: Sealed[File, str] | None = None
    proof: Proof
    received_at: Instant | None = None


NotificationEvent = (
    ContactNoted
    | NotificationRequested
    | NotificationAttempted
    | NotificationDelivered
    | NotificationFailed
    | RecommendationReceived
)
