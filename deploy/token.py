"""`aduan token`: the demo's own issuer. Nothing outside the demo issues tokens; there an identity provider does."""

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer
from joserfc import jwt
from joserfc.jwk import Key, KeySet, OKPKey
from rich.console import Console

from deploy.local.trouble import Trouble
from deploy.owner_only import write_once
from deploy.screen import told
from services.kernel import clock
from services.kernel.principal import Principal, Trust, Unauthenticated, verify

ISSUER = "urn:aduan:demo"
AUDIENCE = "aduan"
PRIVATE = "demo-issuer.jwk"
PUBLIC = "demo-issuer.jwks.json"


def issue(key: Key, trust: Trust, principal: Principal, lifetime: timedelta, now: datetime) -> str:
    """Return a token, signed by `key` (Ed25519 with a `kid`), that `trust` believes for `lifetime` from `now`."""
    claims = {
        "iss": trust.issuer,
        "aud": trust.audience,
        "sub": principal.person,
        "opd": principal.opd,
        "roles": sorted(principal.roles),
        "iat": int(now.timestamp()),
        "exp": int((now + lifetime).timestamp()),
    }
    named = claims | ({"name": principal.name} if principal.name is not None else {})
    return jwt.encode({"alg": "Ed25519", "kid": str(key.kid)}, named, key, algorithms=["Ed25519"])


def demo_issuer(data: Path) -> tuple[OKPKey, Trust]:
    """Return the demo's signing key and what trusts it, made in the folder `data` when they are not there yet.

    Raises:
        Trouble: the folder or the key is another person's, or cannot be written to.
    """
    try:
        return _kept(data)
    except OSError as wrong:
        raise Trouble(
            f"Kunci penerbit token demo di {data} tidak dapat dibaca atau dibuat ({wrong.strerror}); jalankan "
            "sebagai pemilik folder itu."
        ) from wrong


def _kept(data: Path) -> tuple[OKPKey, Trust]:
    """The public half is written when it is not there or another's: a service may be reading it just now."""
    write_once(data / PRIVATE, json.dumps(_new_key().as_dict(private=True)))
    key = OKPKey.import_key(json.loads((data / PRIVATE).read_text()))
    published = KeySet([OKPKey.import_key(key.as_dict(private=False))])
    said, place = json.dumps(published.as_dict(private=False)), data / PUBLIC
    if not place.exists() or place.read_text() != said:
        place.write_text(said)
    return key, Trust(issuer=ISSUER, audience=AUDIENCE, jwks=published)


def _new_key() -> OKPKey:
    return OKPKey.generate_key("Ed25519", {"use": "sig", "alg": "Ed25519"}, auto_kid=True)


def token(
    opd: Annotated[str, typer.Option(help="Kode OPD, mis. dinsos.")],
    role: Annotated[list[str], typer.Option(help="Peran; boleh diulang.")],
    person: Annotated[str, typer.Option(help="Akun petugas.")] = "petugas-demo",
    name: Annotated[str | None, typer.Option(help="Nama petugas.")] = None,
    minutes: Annotated[int, typer.Option(min=1, max=1_440, help="Masa berlaku dalam menit.")] = 480,
    data: Annotated[Path, typer.Option(envvar="ADUAN_DATA", help="Folder data demo.")] = Path(".data"),
) -> None:
    """Buat token demo untuk mencoba API. Tidak berlaku di luar demo."""
    with told():
        key, trust = demo_issuer(data)
    principal = Principal(person=person, name=name, opd=opd, roles=frozenset(role))
    now = clock.now()
    made = issue(key, trust, principal, timedelta(minutes=minutes), now)
    try:
        verify(made, trust, now)
    except Unauthenticated as refusal:
        raise typer.BadParameter("OPD, akun atau peran memuat huruf yang tidak diizinkan.") from refusal
    Console(stderr=True).print(f"[yellow]Token DEMO[/] untuk {person} ({opd}), berlaku {minutes} menit.")
    typer.echo(made)
