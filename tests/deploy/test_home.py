"""The house where both stores are elsewhere: the folder is still the services' own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from rich.console import Console

from deploy.home import home
from deploy.local import folder
from deploy.local.trouble import Trouble

if TYPE_CHECKING:
    from pathlib import Path

    from tests.backing.addresses import Addresses

pytestmark = pytest.mark.integration


async def test_a_fresh_folder_is_made_and_held_also_when_both_stores_are_elsewhere(
    tmp_path: Path, backing: Addresses, database_name: str, topic: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ADUAN_DATABASE_PREFIX", database_name)
    monkeypatch.setenv("ADUAN_TOPIC", topic)
    given = {"ADUAN_MONGO_URL": backing.mongo_url, "ADUAN_KAFKA_URL": backing.kafka_url}

    async with home(tmp_path / "fresh", Console(quiet=True), services=("meeting",), environ=given) as house:
        assert set(house.processes) == {"meeting"}
        with pytest.raises(Trouble, match="sedang dipakai"):
            async with folder.held(tmp_path / "fresh"):
                pass
