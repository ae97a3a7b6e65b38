"""Who is asking: a bearer JWT, checked against one issuer's public keys. No I/O."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from joserfc import jwt
from joserfc.errors import (
    BadSignatureError,
    ClaimError,
    ExpiredTokenError,
    InvalidKeyCurveError,
    InvalidKeyIdError,
    JoseError,
    KeyParameterError,
    MissingAlgorithmError,
    UnsupportedAlgorithmError,
)
from joserfc.jwa import JWSAlgModel
from joserfc.jwk import GuestProtocol, Key, KeySet
from joserfc.jws import JWSRegistry

from services.kernel.refusal import Refusal

# Public-key signatures only. With an HMAC among them, the issuer's public key would do to sign as anyone.
ALGORITHMS = frozenset({"Ed25519", "EdDSA", "ES256", "RS256"})
LEEWAY_SECONDS = 30
LONGEST = 8_192

Reason = Literal[
    "token-missing", "malformed", "expired", "wrong-audience", "wrong-issuer", "bad-signature", "algorithm", "claims"
]

_BY_CLAIM: dict[str, Reason] = {"aud": "wrong-audience", "iss": "wrong-issuer"}

# An office becomes a segment of stream names, a person a segment of command ids: neither may hold a slash.
OPD = r"[a-z0-9][a-z0-9_.-]{0,63}"
_OPD = re.compile(OPD)
_PERSON = re.compile(r"[!-.0-~]{1,128}")
_ROLE = re.compile(r"[\w.:-]{1,64}")


class Unauthenticated(Refusal):
    """`reason` is stable; nothing of the token is repeated."""

    code = "unauthenticated"
    kalimat = "Anda belum masuk, atau sesi Anda sudah berakhir. Silakan masuk kembali."
    kind = "unauthenticated"

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """A person of an office; `roles` mean nothing to the kernel."""

    person: str
    name: str | None
    opd: str
    roles: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust:
    """The one issuer believed, the audience we answer to, and the issuer's public keys by `kid`."""

    issuer: str
    audience: str
    jwks: KeySet

    def __post_init__(self) -> None:
        if any(key.key_type == "oct" for key in self.jwks):
            raise ValueError("a shared secret cannot be trusted to say who signed")


class _Registry(JWSRegistry):
    """joserfc warns at each use that `EdDSA` is now spelled `Ed25519`; issuers still write it."""

    def get_alg(self, name: str) -> JWSAlgModel:
        if name not in ALGORITHMS:
            raise UnsupportedAlgorithmError("not among the allowed")
        return self.algorithms[name]


_REGISTRY = _Registry(algorithms=ALGORITHMS)


def verify(token: str | None, trust: Trust, now: datetime) -> Principal:
    """Return who `token` (the part after "Bearer ") speaks for.

    Raises:
        Unauthenticated: with the first reason found.
    """
    if not token:
        raise Unauthenticated("token-missing")
    claims = _signed(token, trust)
    # Raised outside the handlers: the library's exceptions must not travel with parts of the token in them.
    if isinstance(claims, str):
        raise Unauthenticated(claims)
    if (reason := _objection(claims, trust, now)) is not None:
        raise Unauthenticated(reason)
    return _principal(claims)


def _signed(token: str, trust: Trust) -> dict[str, Any] | Reason:
    def key(signature: GuestProtocol) -> Key:
        # Looked up here, because a set of one key would be used without asking for its `kid`.
        return trust.jwks.get_by_kid(str(signature.headers().get("kid")))

    if len(token) > LONGEST or not token.isascii():
        return "malformed"
    try:
        return jwt.decode(token, key, registry=_REGISTRY).claims
    except (UnsupportedAlgorithmError, MissingAlgorithmError, InvalidKeyCurveError, KeyParameterError):
        return "algorithm"
    except (BadSignatureError, InvalidKeyIdError):
        return "bad-signature"
    except (JoseError, ValueError, TypeError):
        return "malformed"


def _objection(claims: dict[str, Any], trust: Trust, now: datetime) -> Reason | None:
    options = jwt.JWTClaimsRegistry(
        now=int(now.timestamp()),
        leeway=LEEWAY_SECONDS,
        iss={"essential": True, "value": trust.issuer},
        aud={"essential": True, "value": trust.audience},
        exp={"essential": True},
    )
    try:
        options.validate(claims)
    except ExpiredTokenError:
        return "expired"
    except ClaimError as fault:
        return _BY_CLAIM.get(fault.claim, "claims")
    return None


def _principal(claims: dict[str, Any]) -> Principal:
    name, roles = claims.get("name"), claims.get("roles")
    if not isinstance(name, str | None) or not isinstance(roles, list):
        raise Unauthenticated("claims")
    return Principal(
        person=_shaped(_PERSON, claims.get("sub")),
        name=name,
        opd=_shaped(_OPD, claims.get("opd")),
        roles=frozenset(_shaped(_ROLE, role) for role in roles),
    )


def _shaped(shape: re.Pattern[str], value: object) -> str:
    if not isinstance(value, str) or shape.fullmatch(value) is None:
        raise Unauthenticated("claims")
    return value
