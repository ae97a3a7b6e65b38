"""A mail server of the tests: it takes what it is given, or answers as a test told it to."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from email import message_from_bytes, policy
from typing import TYPE_CHECKING

from aiosmtpd.smtp import SMTP

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from email.message import EmailMessage

    from aiosmtpd.smtp import Envelope, Session

PATIENCE = 20.0
TAKEN = "250 OK"


class Sink:
    """`on_recipient` and `on_message` hold, by address, the answer to RCPT and to the message; else all is taken.

    The answer "" to a message means silence: the connection is cut once the server has it.
    """

    def __init__(self) -> None:
        self.port = 0
        self.messages: list[EmailMessage] = []
        self.on_recipient: dict[str, str] = {}
        self.on_message: dict[str, str] = {}
        self._came = asyncio.Condition()

    async def received(self, wanted: Callable[[EmailMessage], bool], count: int = 1) -> list[EmailMessage]:
        """Return the `wanted` messages once there are `count` of them."""
        async with asyncio.timeout(PATIENCE), self._came:
            await self._came.wait_for(lambda: len(self.those(wanted)) >= count)
        return self.those(wanted)

    def those(self, wanted: Callable[[EmailMessage], bool]) -> list[EmailMessage]:
        return [message for message in self.messages if wanted(message)]

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self,
        server: SMTP,  # noqa: ARG002 - and its arguments
        session: Session,  # noqa: ARG002
        envelope: Envelope,
        address: str,
        options: list[str],  # noqa: ARG002
    ) -> str:
        envelope.rcpt_tos.append(address)
        return self.on_recipient.get(address, TAKEN)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: ARG002, N802
        answer = self.on_message.get(envelope.rcpt_tos[0], TAKEN)
        if answer in {"", TAKEN}:
            async with self._came:
                self.messages.append(message_from_bytes(envelope.original_content or b"", policy=policy.default))
                self._came.notify_all()
        if not answer and isinstance(server.transport, asyncio.WriteTransport):
            server.transport.abort()
        return answer or TAKEN


@asynccontextmanager
async def sink() -> AsyncIterator[Sink]:
    """Take mail on a free port of 127.0.0.1."""
    taking = Sink()
    server = await asyncio.get_running_loop().create_server(lambda: SMTP(taking), "127.0.0.1", 0)
    taking.port = server.sockets[0].getsockname()[1]
    async with server:
        yield taking


def to(address: str) -> Callable[[EmailMessage], bool]:
    return lambda message: message["To"] == address


def text_of(message: EmailMessage) -> str:
    body = message.get_body()
    assert body is not None
    return str(body.get_content())
