"""One message to one mail server, once, by SMTP; and what is known afterwards. There is no second try here."""

import contextlib
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as LINES
from email.utils import format_datetime, parseaddr
from hashlib import sha256

from aiosmtplib import SMTP, SMTPException, SMTPResponseException

from services.kernel.settings import Settings
from services.notification.effects.letters import Letter

SECONDS = 60.0
"""For each answer of the server; the whole conversation stays well within the silence after which it is repeated."""

FAREWELL_SECONDS = 2.0
REFUSED_FOR_GOOD = 500


class Refused(Exception):
    """The message was certainly not taken. `reason` is a code and repeats nothing a server said."""

    def __init__(self, reason: str, *, permanent: bool) -> None:
        super().__init__(reason)
        self.reason = reason
        self.permanent = permanent


class Unresolved(Exception):
    """The server fell silent while it had the message: whether it took it, nobody here knows."""


def written(
    letter: Letter, recipient: str, office: str, notification: str, sent: datetime, settings: Settings
) -> bytes:
    """Return the message as it goes out. Its Message-ID is the notification's, whichever attempt it is.

    Raises:
        Refused: no message can be addressed to `recipient`.
    """
    sender = parseaddr(settings.mail_from)[1]
    message = EmailMessage(policy=LINES)
    message["From"] = Address(office, addr_spec=sender)
    message["To"] = addressee(recipient)
    message["Subject"] = " ".join(letter.subject.split())  # a title may hold what mail takes for the end of a line
    message["Date"] = format_datetime(sent)
    message["Message-ID"] = message_id(notification, settings)
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(letter.text, cte="quoted-printable")
    return message.as_bytes()


def message_id(notification: str, settings: Settings) -> str:
    """Return the notification's own; hashed, because a longer header is folded, which some servers take amiss."""
    return f"<{sha256(notification.encode()).hexdigest()[:32]}@{domain(settings)}>"


def addressee(recipient: str) -> Address:
    address = _address(recipient)
    # Raised outside the handler: the library's exception would carry the address.
    if address is None:
        raise Refused("address_unusable", permanent=True)
    return address


def _address(recipient: str) -> Address | None:
    try:
        recipient.encode("ascii")
        return Address(addr_spec=recipient)
    except Exception:  # noqa: BLE001 - an odd address makes the library raise many kinds
        return None


async def hand_over(message: bytes, recipient: str, settings: Settings) -> None:
    """Give `message` to the mail server; when this returns, the server has taken it.

    Raises:
        Refused: it certainly has not. For good, when it was this recipient or this message the server would not have.
        Unresolved: it may have.
    """
    # Without a name of its own the client would ask the network for one, which may take as long as it likes.
    server = SMTP(
        hostname=settings.smtp_host, port=settings.smtp_port, timeout=SECONDS, local_hostname=domain(settings)
    )
    try:
        await _introduced(server, settings)
        await _addressed(server, recipient)
        await _given(server, message)
        with contextlib.suppress(SMTPException, OSError):
            await server.quit(timeout=FAREWELL_SECONDS)
    finally:
        server.close()


def domain(settings: Settings) -> str:
    return parseaddr(settings.mail_from)[1].rpartition("@")[2] or "localhost"


async def _introduced(server: SMTP, settings: Settings) -> None:
    """Whatever goes wrong here lies with the office's own mail server, never with the message."""
    try:
        await server.connect()
        await server.mail(parseaddr(settings.mail_from)[1])
    except SMTPResponseException as no:
        raise Refused(f"smtp_{no.code}", permanent=False) from None
    except (SMTPException, OSError):
        raise Refused("server_unreachable", permanent=False) from None


async def _addressed(server: SMTP, recipient: str) -> None:
    try:
        await server.rcpt(recipient)
    except SMTPResponseException as no:
        raise Refused(f"smtp_{no.code}", permanent=no.code >= REFUSED_FOR_GOOD) from None
    except (SMTPException, OSError):
        raise Refused("connection_lost", permanent=False) from None


async def _given(server: SMTP, message: bytes) -> None:
    try:
        await server.data(message)
    except SMTPResponseException as no:
        raise Refused(f"smtp_{no.code}", permanent=no.code >= REFUSED_FOR_GOOD) from None
    except (SMTPException, OSError) as silence:
        raise Unresolved(type(silence).__name__) from None
