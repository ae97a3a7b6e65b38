"""The demo's household: what five services on one laptop are told, and the secrets made for them once."""

from __future__ import annotations

import json
import secrets
from typing import TYPE_CHECKING

from deploy.keys import DEMO_MASTER, demo_masters
from deploy.owner_only import write_once
from deploy.token import AUDIENCE, ISSUER, PUBLIC, demo_issuer

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from deploy.local.backing import Backing

OFFICES: Mapping[str, str] = {
    "dpmptsp-agam": "DPMPTSP dan Ketenagakerjaan Kabupaten Agam",
    "disdik-agam": "Dinas Pendidikan dan Kebudayaan Kabupaten Agam",
    "dinkes-agam": "Dinas Kesehatan Kabupaten Agam",
}


def environment(data: Path, backing: Backing, smtp_port: int) -> dict[str, str]:
    """Return the settings of the demo's services; secrets are drawn once and kept in `data`, readable by its owner."""
    demo_issuer(data)
    demo_masters(data)
    write_once(data / "demo-token.key", secrets.token_urlsafe(32))
    return {
        "ADUAN_DEMO": "true",
        "ADUAN_MONGO_URL": backing.mongo_url,
        "ADUAN_KAFKA_URL": backing.kafka_url,
        "ADUAN_MASTER_KEYS": (data / DEMO_MASTER).read_text().strip(),
        "ADUAN_TOKEN_KEY": (data / "demo-token.key").read_text(),
        "ADUAN_ISSUER": ISSUER,
        "ADUAN_AUDIENCE": AUDIENCE,
        "ADUAN_JWKS_FILE": str((data / PUBLIC).absolute()),
        "ADUAN_OFFICES": json.dumps(OFFICES),
        "ADUAN_SMTP_HOST": "127.0.0.1",
        "ADUAN_SMTP_PORT": str(smtp_port),
        "ADUAN_MAIL_FROM": "pengaduan@dpmptsp.agam.example",
    }
