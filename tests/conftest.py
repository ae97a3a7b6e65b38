"""What every test may ask for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import HealthCheck, settings

from tests.backing.fixtures import backing, database_name, kafka_url, mongo_url, topic
from tests.backing.run import Run
from tests.rig.fixtures import rig

if TYPE_CHECKING:
    import pytest

# How long an example takes is the machine's business: a law that holds must not fail because others compute too.
settings.register_profile("aduan", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("aduan")

__all__ = ["backing", "database_name", "kafka_url", "mongo_url", "rig", "topic"]


def pytest_configure(config: pytest.Config) -> None:
    """Workers, and a pytest started by a test, find the run in their environment; who opened it ends it."""
    if not Run.is_open():
        config.add_cleanup(Run.opened().close)
