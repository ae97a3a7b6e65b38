"""Where the services answer and with which token: as told, else as the demo household of the data folder."""

from __future__ import annotations

import base64
import json
from datetime import timedelta
from typing import TYPE_CHECKING

from deploy.local.folder import remembered
from deploy.local.trouble import Trouble
from deploy.token import PRIVATE, demo_issuer, issue
from services.kernel.principal import Principal

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime
    from pathlib import Path

LIFETIME = timedelta(hours=8)


def addresses(data: Path, given: Mapping[str, str | None]) -> dict[str, str]:
    """Return the address of each service named in `given`: the one given, else where `aduan up` last served it.

    Raises:
        Trouble: one is neither given nor remembered in `data`.
    """
    ports = remembered(data)
    missing = [name for name, address in given.items() if not address and name not in ports]
    if missing:
        options = ", ".join(f"--{name}" for name in missing)
        raise Trouble(
            f"Alamat layanan {', '.join(missing)} belum diketahui: nyalakan `aduan up --data {data}`, "
            f"atau sebutkan dengan {options}."
        )
    return {name: (address or f"http://127.0.0.1:{ports[name]}").rstrip("/") for name, address in given.items()}


def tokens_given(told: str) -> dict[str, str]:
    """Take tokens apart, with white space between them, by the office each names.

    Only to choose among them: whether what they say is true is the services' to check.

    Raises:
        Trouble: one of them is no token.
    """
    return {_office(token): token for token in told.split()}


def _office(token: str) -> str:
    try:
        payload = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        return str(claims["opd"])
    except (IndexError, ValueError, KeyError, TypeError) as wrong:
        raise Trouble("ADUAN_TOKEN berisi sesuatu yang bukan token.") from wrong


def demo_tokens(data: Path, offices: Collection[str], *, person: str, role: str, now: datetime) -> dict[str, str]:
    """Return a token of the demo's own issuer for each office.

    Raises:
        Trouble: `data` is no demo household; there an identity provider issues tokens.
    """
    if not (data / PRIVATE).exists():
        raise Trouble(f"Belum ada token: isi ADUAN_TOKEN, atau nyalakan demo dengan `aduan up --data {data}`.")
    key, trust = demo_issuer(data)
    asking = {opd: Principal(person=person, name=None, opd=opd, roles=frozenset({role})) for opd in offices}
    return {opd: issue(key, trust, principal, LIFETIME, now) for opd, principal in asking.items()}
