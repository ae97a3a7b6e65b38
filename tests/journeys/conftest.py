"""One house for each file of journeys."""

from tests.faults.conftest import house

__all__ = ["house"]
