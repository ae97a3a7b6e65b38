"""Tokens nobody issued for us, by what is wrong with them. Each gives the whole Authorization header."""

from __future__ import annotations

import base64
import hmac
import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from joserfc import jwt
from joserfc.jwk import Key, OKPKey

from deploy.token import AUDIENCE, ISSUER, PUBLIC, demo_issuer
from services.kernel import clock
from tests.faults.house import tokens

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.faults.house import House

OPD = "dpmptsp-agam"
ROLES = ["staf", "kasi", "kabid", "kadis"]


def claims(**other: object) -> dict[str, Any]:
    """What a true token says, but for `other`; None leaves a claim out."""
    now = clock.now()
    true = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": "penyusup",
        "opd": OPD,
        "roles": ROLES,
        "iat": int(now.timestamp()),
        "exp": int((now + timedelta(hours=1)).timestamp()),
    }
    return {name: value for name, value in (true | other).items() if value is not None}


def signed(house: House, **other: object) -> str:
    """By the true issuer's key, saying something else."""
    key, _ = demo_issuer(house.data)
    return with_key(key, str(key.kid), **other)


def with_key(key: Key, kid: str, **other: object) -> str:
    token = jwt.encode({"alg": "Ed25519", "kid": kid}, claims(**other), key, algorithms=["Ed25519"])
    return f"Bearer {token}"


def by_a_stranger(house: House) -> str:
    """Signed with a key of one's own, under the name of the true one."""
    key, _ = demo_issuer(house.data)
    return with_key(OKPKey.generate_key("Ed25519"), str(key.kid))


def unsigned(house: House) -> str:
    header = {"alg": "none", "kid": str(demo_issuer(house.data)[0].kid)}
    return f"Bearer {encoded(header)}.{encoded(claims())}."


def with_the_public_key_as_secret(house: House) -> str:
    """HS256, with the bytes of the published key, which everybody has."""
    published = json.loads((house.data / PUBLIC).read_text())["keys"][0]
    secret = base64.urlsafe_b64decode(published["x"] + "==")
    text = f"{encoded({'alg': 'HS256', 'kid': published['kid']})}.{encoded(claims())}"
    mac = base64.urlsafe_b64encode(hmac.digest(secret, text.encode(), "sha256")).decode().rstrip("=")
    return f"Bearer {text}.{mac}"


def changed_afterwards(house: House) -> str:
    header, _, signature = signed(house).removeprefix("Bearer ").split(".")
    return f"Bearer {header}.{encoded(claims(opd='disdik-agam'))}.{signature}"


def encoded(part: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")


def _ago(minutes: int) -> int:
    return int((clock.now() - timedelta(minutes=minutes)).timestamp())


FORGERIES: dict[str, Callable[[House], str]] = {
    "none at all": lambda _: "",
    "another scheme": lambda house: f"Basic {tokens(house.data, OPD)['staf']}",
    "nothing after Bearer": lambda _: "Bearer",
    "not a token": lambda _: "Bearer abc",
    "three dots": lambda _: "Bearer ...",
    "very long": lambda house: signed(house, name="a" * 20_000),
    "expired": lambda house: signed(house, exp=_ago(2)),
    "never expiring": lambda house: signed(house, exp=None),
    "not yet valid": lambda house: signed(house, nbf=_ago(-60)),
    "for another audience": lambda house: signed(house, aud="portal"),
    "of another issuer": lambda house: signed(house, iss="urn:orang:lain"),
    "without an office": lambda house: signed(house, opd=None),
    "an office that is a path": lambda house: signed(house, opd="a/b"),
    "roles that are a text": lambda house: signed(house, roles="staf"),
    "a person with a slash": lambda house: signed(house, sub="a/b"),
    "alg none": unsigned,
    "HS256 with the public key": with_the_public_key_as_secret,
    "signed by a stranger": by_a_stranger,
    "signed by a stranger under an unknown name": lambda _: with_key(OKPKey.generate_key("Ed25519"), "lain"),
    "changed after it was signed": changed_afterwards,
}
