"""The rig as a fixture: all five services, once for each worker of a test run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest_asyncio

from tests.backing.addresses import Addresses  # noqa: TC001 - fixtures are introspected
from tests.rig.rig import Rig, running

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import pytest


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def rig(backing: Addresses, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Rig]:
    """Five services that answer. Tests share it, so each brings complaints of its own."""
    async with running(backing, tmp_path_factory.mktemp("rig")) as put_together:
        yield put_together
