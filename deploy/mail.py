"""A mail server for the demo and for tests: real SMTP in, a folder of letters out. It delivers to nobody."""

from __future__ import annotations

from contextlib import contextmanager
from email import message_from_bytes, policy
from threading import Condition
from typing import TYPE_CHECKING

from aiosmtpd.controller import Controller

if TYPE_CHECKING:
    from collections.abc import Iterator
    from email.message import EmailMessage
    from pathlib import Path

    from aiosmtpd.smtp import SMTP, Envelope, Session


class Letterbox:
    """Keeps every message it takes as `<folder>/<count>.eml`, in the order they came."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._count = len(list(folder.glob("*.eml")))
        self._came = Condition()

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802, ARG002 - aiosmtpd's
        self._count += 1
        taken = self.folder / f"{self._count:06d}.eml"
        unfinished = taken.with_suffix(".part")
        unfinished.write_bytes(envelope.original_content or b"")
        unfinished.rename(taken)
        with self._came:
            self._came.notify_all()
        return "250 Message accepted for delivery"

    def wait_for(self, count: int, seconds: float) -> bool:
        """Block until `count` letters have come in all; False when they did not within `seconds`."""
        with self._came:
            return self._came.wait_for(lambda: self._count >= count, seconds)

    def letters(self) -> list[EmailMessage]:
        """Return what came so far, oldest first."""
        files = sorted(self.folder.glob("*.eml"))
        return [message_from_bytes(file.read_bytes(), policy=policy.default) for file in files]


@contextmanager
def letterbox(folder: Path, port: int) -> Iterator[Letterbox]:
    """Take mail on 127.0.0.1:`port` for as long as the block lasts."""
    box = Letterbox(folder)
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield box
    finally:
        controller.stop()
