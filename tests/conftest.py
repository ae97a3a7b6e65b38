"""What every test may ask for."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from tests.backing.fixtures import backing, database_name, kafka_url, mongo_url, topic
from tests.backing.run import RUN, Run

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest

__all__ = ["backing", "database_name", "kafka_url", "mongo_url", "topic"]


def pytest_configure(config: pytest.Config) -> None:
    """Workers, and a pytest started by a test, find the run in their environment and leave its end to who opened it."""
    if RUN not in os.environ:
        config.add_cleanup(_closed(Run.opened()))


def _closed(run: Run) -> Callable[[], None]:
    def close() -> None:
        os.environ.pop(RUN, None)
        run.close()

    return close
