"""deploy/compose.yaml brought up for real under a project name of its own, and taken away again with its data."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sysconfig
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from deploy import secrets_files
from deploy.household import OFFICES
from deploy.local import folder
from deploy.serve import SERVICES
from deploy.token import AUDIENCE, ISSUER, PUBLIC, demo_issuer

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT = Path(__file__).parents[2]
FILES = (ROOT / "deploy" / "compose.yaml", Path(__file__).with_name("compose.mail.yaml"))
IMAGE = "aduan:test"
# Seconds, on a slow machine whose engine copies every image for every container.
BUILT_WITHIN = 900
UP_WITHIN = 900


def lacking() -> str | None:
    """What this machine lacks for it, or None."""
    questions = {
        ("docker", "version", "--format", "{{.Server.Version}}"): "no Docker engine answers",
        ("docker", "compose", "version"): "docker has no compose plugin",
    }
    for question, answer in questions.items():
        try:
            subprocess.run(question, check=True, capture_output=True, timeout=30)
        except (OSError, subprocess.SubprocessError):
            return answer
    return None


@dataclass(frozen=True, kw_only=True, slots=True)
class Composed:
    """One project; `data` holds its secrets and its issuer, `ports` are where the services are published."""

    data: Path
    ports: Mapping[str, int]
    project: str

    @classmethod
    def ready(cls, data: Path) -> Self:
        """Make what Compose mounts, and choose the ports; nothing runs yet."""
        secrets_files.made(data / "secrets")
        demo_issuer(data)
        return cls(data=data, ports=folder.ports(data, SERVICES), project=f"aduan-test-{secrets.token_hex(4)}")

    @property
    def addresses(self) -> Mapping[str, str]:
        return {name: f"http://127.0.0.1:{port}" for name, port in self.ports.items()}

    def build(self) -> float:
        """Build the image; answers the seconds it took."""
        began = time.monotonic()
        self.compose("build", within=BUILT_WITHIN)
        return time.monotonic() - began

    def up(self) -> float:
        """Start everything and wait until all are healthy; answers the seconds it took."""
        began = time.monotonic()
        self.compose("up", "--detach", "--wait", "--no-build", "--pull", "never", within=UP_WITHIN)
        return time.monotonic() - began

    def down(self, *options: str) -> None:
        self.compose("down", "--timeout", "10", *options)

    def inside(self, service: str, *command: str) -> str:
        """What `command` prints in the running container of `service`."""
        return self.compose("exec", "--no-TTY", service, *command)

    def containers(self) -> list[dict[str, Any]]:
        """What the engine knows of each, the finished ones included."""
        names = self.compose("ps", "--all", "--quiet").split()
        return json.loads(docker("inspect", *names))  # type: ignore[no-any-return] # docker's own shape

    def compose(self, *words: str, within: float = UP_WITHIN) -> str:
        files = [word for file in FILES for word in ("--file", str(file))]
        return docker("compose", "--project-name", self.project, *files, *words, within=within, given=self._settings())

    def _settings(self) -> Mapping[str, str]:
        ports = {f"ADUAN_PORT_{name.upper()}": str(port) for name, port in self.ports.items()}
        owner = (self.data / "secrets" / "aduan_master_keys").stat()
        return ports | {
            "ADUAN_IMAGE": IMAGE,
            "ADUAN_UID": str(owner.st_uid),
            "ADUAN_GID": str(owner.st_gid),
            "ADUAN_SECRETS": str(self.data / "secrets"),
            "ADUAN_JWKS": str(self.data / PUBLIC),
            "ADUAN_ISSUER": ISSUER,
            "ADUAN_AUDIENCE": AUDIENCE,
            "ADUAN_OFFICES": json.dumps(OFFICES),
            "ADUAN_SMTP_HOST": "mail",
            "ADUAN_SMTP_PORT": "2525",
            "ADUAN_TEST_LIBRARIES": sysconfig.get_path("purelib"),
        }


def docker(*words: str, within: float = 120, given: Mapping[str, str] | None = None) -> str:
    """What it printed.

    Raises:
        AssertionError: it failed; with all it said.
    """
    environment = {**os.environ, **(given or {})}  # noqa: TID251 - which engine to ask is told there
    done = subprocess.run(
        ("docker", *words), env=environment, capture_output=True, text=True, timeout=within, check=False
    )
    assert done.returncode == 0, f"docker {' '.join(words)}\n{done.stdout}{done.stderr}"
    return done.stdout
