"""What Dockerfile, Compose file and secrets promise, read from the files: true also where no engine answers."""

from __future__ import annotations

import re
import stat
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from yaml import safe_load

from deploy import secrets_files
from deploy.local.kafka import SETTINGS as LOCAL_KAFKA
from deploy.serve import SERVICES
from deploy.topics import TOPICS
from services.kernel.settings import Settings

DEPLOY = Path(__file__).parents[2] / "deploy"
DOCKERFILE = (DEPLOY / "Dockerfile").read_text()
COMPOSE: dict[str, Any] = safe_load((DEPLOY / "compose.yaml").read_text())
PARTS: dict[str, dict[str, Any]] = COMPOSE["services"]
OUTSIDE = {"ADUAN_ISSUER": "urn:x", "ADUAN_AUDIENCE": "x", "ADUAN_JWKS_FILE": "x", "ADUAN_OFFICES": '{"a": "A"}'}
STORES = {"ADUAN_MONGO_URL": "mongodb://x", "ADUAN_KAFKA_URL": "x:1"}
SECRET = {f"aduan_{name}" for name, field in Settings.model_fields.items() if field.annotation is SecretStr}


def test_everything_the_image_installs_is_checked_against_a_hash_or_our_own() -> None:
    installs = re.findall(r"pip[^\n]* install .*?(?=&&|\nRUN|\nCOPY|\nFROM|\n#)", DOCKERFILE, re.DOTALL)

    assert len(installs) == 3
    assert all("--require-hashes" in one or "--no-index" in one for one in installs)


def test_the_image_ends_as_a_numbered_user_on_the_entry_point_of_the_services() -> None:
    last = DOCKERFILE.rpartition("\nFROM ")[2]

    assert re.search(r"^USER 10001:10001$", last, re.MULTILINE)
    assert '"aduan", "serve"' in last.rpartition("ENTRYPOINT")[2]
    assert str(secrets_files.IMAGE_USER) in last


def test_compose_runs_the_five_services_each_bounded_unprivileged_and_on_this_machine_only() -> None:
    for name in SERVICES:
        part = PARTS[name]
        assert part["command"] == [name]
        assert all(port.startswith("127.0.0.1:") for port in part["ports"])
        assert (part["read_only"], part["cap_drop"], part["restart"]) == (True, ["ALL"], "unless-stopped")
        assert part["mem_limit"]
        assert part["depends_on"]["topics"]["condition"] == "service_completed_successfully"
        assert part["healthcheck"]


def test_the_stores_have_a_volume_each_and_publish_nothing() -> None:
    for name in ("kafka", "mongo"):
        assert "ports" not in PARTS[name]
        assert PARTS[name]["volumes"][0].split(":")[0] in COMPOSE["volumes"]
        assert PARTS[name]["mem_limit"]


def test_every_secret_setting_is_a_file_and_no_secret_is_an_environment_variable() -> None:
    assert set(COMPOSE["secrets"]) == SECRET == set(secrets_files.MEANINGS)
    for name in SERVICES:
        assert set(PARTS[name]["secrets"]) == SECRET
        assert not SECRET & {variable.lower() for variable in PARTS[name]["environment"]}


def test_every_variable_a_service_is_given_is_one_it_reads() -> None:
    known = {f"ADUAN_{name.upper()}" for name in Settings.model_fields} | {"ADUAN_SECRETS_DIR"}

    assert {variable for name in SERVICES for variable in PARTS[name]["environment"]} <= known


def test_the_broker_in_compose_keeps_what_the_local_one_keeps() -> None:
    given = {name: str(value) for name, value in PARTS["kafka"]["environment"].items()}
    told = {name: given.get("KAFKA_" + name.replace(".", "_").upper()) for name in LOCAL_KAFKA}
    # How fast a lone laptop's broker starts and forms groups is its own matter.
    own = {"log.dirs", "offsets.topic.num.partitions", "group.initial.rebalance.delay.ms"}
    own |= {"broker.session.timeout.ms", "broker.heartbeat.interval.ms"}

    assert {name: value for name, value in told.items() if name not in own} == {
        name: value for name, value in LOCAL_KAFKA.items() if name not in own
    }
    assert TOPICS.exists()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    secrets_files.made(tmp_path / "secrets")
    return tmp_path / "secrets"


def test_a_service_reads_the_secrets_drawn_for_it_from_their_folder(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {**OUTSIDE, **STORES, "ADUAN_SECRETS_DIR": str(folder)}.items():
        monkeypatch.setenv(name, value)
    for name in SECRET:
        monkeypatch.delenv(name.upper(), raising=False)

    settings = Settings.load()

    assert settings.master_keys.get_secret_value() == (folder / "aduan_master_keys").read_text().strip()
    assert settings.token_key.get_secret_value() == (folder / "aduan_token_key").read_text().strip()


def test_secrets_are_their_owners_only_never_drawn_twice_and_never_committed(folder: Path) -> None:
    drawn = {name: (folder / name).read_text() for name in SECRET}

    assert secrets_files.made(folder) == frozenset()
    assert {name: (folder / name).read_text() for name in SECRET} == drawn
    assert {stat.S_IMODE((folder / name).stat().st_mode) for name in SECRET} == {0o600}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert (folder / ".gitignore").read_text() == "*\n"


def test_a_secret_that_was_lost_is_drawn_anew_and_the_others_stay(folder: Path) -> None:
    kept = (folder / "aduan_token_key").read_text()
    (folder / "aduan_master_keys").unlink()

    assert secrets_files.made(folder) == {"aduan_master_keys"}
    assert (folder / "aduan_token_key").read_text() == kept
