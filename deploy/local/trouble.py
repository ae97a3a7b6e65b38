"""What stops the backing services, said to a person."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


class Trouble(Exception):
    """One Indonesian sentence naming what is missing or broken and what to do about it.

    Not a refusal of the kernel: no command was refused, the machine or the folder is not ready.
    """

    def __init__(self, kalimat: str, *, log: Path | None = None) -> None:
        super().__init__(kalimat if log is None else f"{kalimat} Catatan lengkap: {log}")
        self.kalimat = kalimat
        self.log = log


class Deferred(Trouble):
    """Not there yet, which needs nobody: the next start fetches or chooses it."""
