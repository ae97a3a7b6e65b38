"""Files with a secret in them: readable by their owner only, whole or not there."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO


@contextmanager
def written(path: Path) -> Iterator[TextIO]:
    """Yield a file that becomes `path` when the block ends well, and leaves nothing when it does not.

    Raises:
        FileExistsError: there is one already; it is not touched.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        try:
            yield file
            file.flush()
            os.fsync(file.fileno())
            path.hardlink_to(fresh)  # unlike a rename it fails when another was faster
        finally:
            fresh.unlink()


def write_once(path: Path, text: str) -> None:
    """Write `text` to `path` unless someone did before."""
    if path.exists():
        return
    try:
        with written(path) as file:
            file.write(text)
    except FileExistsError:
        return
