"""How commands talk to the person at the terminal."""

from __future__ import annotations

import shutil
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import typer
from rich.console import Console

from deploy.local.trouble import Trouble

if TYPE_CHECKING:
    from collections.abc import Iterator

WIDE = 150
"""Where no terminal says how wide it is: a file, a pipe."""

console = Console(highlight=False, width=None if sys.stdout.isatty() else WIDE)


@contextmanager
def told() -> Iterator[None]:
    """Say a trouble as its sentence and end with exit code 1; a traceback would help nobody here."""
    try:
        yield
    except Trouble as trouble:
        console.print(str(trouble), style="red", markup=False, soft_wrap=True)
        raise typer.Exit(1) from trouble


def called() -> str:
    """How `aduan` can be called again from here: by its name where a shell finds it, else by its path."""
    path = sys.argv[0]
    return path if Path(path).name == "aduan" and shutil.which("aduan") is None else "aduan"
