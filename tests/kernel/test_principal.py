from __future__ import annotations

import hashlib
import hmac
import json
import traceback
from base64 import urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import ECKey, Key, KeySet, OctKey, OKPKey, RSAKey

from deploy.token import issue
from services.kernel.principal import Principal, Trust, Unauthenticated, verify

NOW = datetime(2025, 3, 3, 9, 0, tzinfo=UTC)
EDDSA = OKPKey.generate_key("Ed25519", {"kid": "ed"})
ECDSA = ECKey.generate_key("P-256", {"kid": "ec"})
RSA = RSAKey.generate_key(2048, {"kid": "rsa"})
STRANGER = OKPKey.generate_key("Ed25519", {"kid": "ed"})
KEYS: dict[str, Key] = {"Ed25519": EDDSA, "EdDSA": EDDSA, "ES256": ECDSA, "RS256": RSA}


def public(*keys: Key) -> KeySet:
    return KeySet.import_key_set({"keys": [key.as_dict(private=False) for key in keys]})


TRUST = Trust(issuer="https://masuk.example", audience="aduan", jwks=public(EDDSA, ECDSA, RSA))
CLAIMS: dict[str, Any] = {
    "iss": "https://masuk.example",
    "aud": "aduan",
    "sub": "siti",
    "name": "Siti Rahmawati",
    "opd": "dinsos",
    "roles": ["kasi", "staf"],
    "exp": int(NOW.timestamp()) + 600,
}
SITI = Principal(person="siti", name="Siti Rahmawati", opd="dinsos", roles=frozenset({"kasi", "staf"}))


def signed(algorithm: str = "Ed25519", key: Key | None = None, kid: str | None = None, **changed: Any) -> str:
    signer = key or KEYS[algorithm]
    claims = {name: value for name, value in {**CLAIMS, **changed}.items() if value is not ...}
    return jwt.encode({"alg": algorithm, "kid": kid or str(signer.kid)}, claims, signer, algorithms=[algorithm])


def refused(token: str | None, trust: Trust = TRUST) -> str:
    """The reason; nothing of the token may show in what is raised."""
    with pytest.raises(Unauthenticated) as refusal:
        verify(token, trust, NOW)
    shown = [repr(refusal.value), str(refusal.value), *traceback.format_exception(refusal.value)]
    assert refusal.value.__context__ is None
    assert all(piece not in "".join(shown) for piece in (token or "").split(".") if len(piece) > 12)
    return refusal.value.reason


def unsigned(header: dict[str, Any], payload: dict[str, Any]) -> str:
    parts = (urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in (header, payload))
    return ".".join([*parts, ""])


@pytest.mark.filterwarnings("ignore:EdDSA is deprecated")
@pytest.mark.parametrize("algorithm", KEYS)
def test_a_token_of_each_allowed_algorithm_tells_who_is_asking(algorithm: str) -> None:
    assert verify(signed(algorithm), TRUST, NOW) == SITI


def test_a_name_may_be_missing_and_roles_may_be_none_at_all() -> None:
    assert verify(signed(name=..., roles=[]), TRUST, NOW) == Principal(
        person="siti", name=None, opd="dinsos", roles=frozenset()
    )


def test_one_of_several_audiences_is_enough() -> None:
    assert verify(signed(aud=["lain", "aduan"]), TRUST, NOW) == SITI


@pytest.mark.parametrize("token", [None, ""])
def test_no_token_is_said_so(token: str | None) -> None:
    assert refused(token) == "token-missing"


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"exp": int(NOW.timestamp()) - 31}, "expired"),
        ({"exp": ...}, "claims"),
        ({"exp": "besok"}, "claims"),
        ({"exp": float("nan")}, "claims"),
        ({"nbf": int(NOW.timestamp()) + 31}, "claims"),
        ({"iat": int(NOW.timestamp()) + 31}, "claims"),
        ({"aud": "lain"}, "wrong-audience"),
        ({"aud": []}, "wrong-audience"),
        ({"aud": ...}, "wrong-audience"),
        ({"iss": "https://lain.example"}, "wrong-issuer"),
        ({"iss": ...}, "wrong-issuer"),
        ({"opd": ...}, "claims"),
        ({"opd": ""}, "claims"),
        ({"opd": "dinsos/lain"}, "claims"),
        ({"opd": 7}, "claims"),
        ({"sub": ...}, "claims"),
        ({"sub": "a b"}, "claims"),
        ({"sub": "a/b"}, "claims"),
        ({"name": 7}, "claims"),
        ({"roles": ...}, "claims"),
        ({"roles": "kadis"}, "claims"),
        ({"roles": [["kadis"]]}, "claims"),
    ],
)
def test_claims_that_do_not_hold_are_refused(changed: dict[str, Any], reason: str) -> None:
    assert refused(signed(**changed)) == reason


def test_clocks_may_differ_by_half_a_minute() -> None:
    at = int(NOW.timestamp())
    assert verify(signed(exp=at - 29, nbf=at + 29), TRUST, NOW) == SITI


def test_alg_none_is_refused() -> None:
    assert refused(unsigned({"alg": "none", "kid": "ed"}, CLAIMS)) == "algorithm"


@pytest.mark.parametrize("key", [RSA, ECDSA, EDDSA])
def test_a_public_key_is_no_shared_secret(key: RSAKey | ECKey | OKPKey) -> None:
    # By hand: the library will not even sign with it.
    content = unsigned({"alg": "HS256", "kid": key.kid}, CLAIMS).removesuffix(".")
    mac = hmac.digest(key.as_pem(private=False), content.encode(), hashlib.sha256)
    assert refused(f"{content}.{urlsafe_b64encode(mac).rstrip(b'=').decode()}") == "algorithm"


def test_an_algorithm_that_is_not_the_keys_is_refused() -> None:
    assert refused(signed("ES256", ECDSA, kid="rsa")) == "algorithm"


def test_a_key_nobody_published_is_refused() -> None:
    assert refused(signed(kid="lain")) == "bad-signature"


def test_a_stranger_using_a_known_kid_is_refused() -> None:
    assert refused(signed(key=STRANGER)) == "bad-signature"


def test_a_token_without_a_kid_is_refused_even_when_there_is_one_key_only() -> None:
    nameless = jwt.encode({"alg": "Ed25519"}, dict(CLAIMS), EDDSA, algorithms=["Ed25519"])
    alone = Trust(issuer=TRUST.issuer, audience=TRUST.audience, jwks=public(EDDSA))
    assert refused(nameless, alone) == "bad-signature"


def test_a_shared_secret_among_the_published_keys_is_refused_at_once() -> None:
    with pytest.raises(ValueError, match="shared secret"):
        Trust(issuer="i", audience="a", jwks=KeySet([OctKey.generate_key(256)]))


@settings(max_examples=200)
@given(data=st.data())
def test_a_token_with_any_byte_changed_is_refused(data: st.DataObject) -> None:
    token = signed()
    at = data.draw(st.integers(0, len(token) - 1))
    other = data.draw(st.characters().filter(lambda c: c != token[at]))
    assert refused(token[:at] + other + token[at + 1 :]) in {"malformed", "algorithm", "bad-signature"}


@given(token=st.text(min_size=1, max_size=80) | st.builds(".".join, st.lists(st.text(max_size=20), min_size=3)))
def test_what_is_no_token_is_malformed(token: str) -> None:
    assert refused(token) in {"malformed", "algorithm"}


def test_a_token_of_unreasonable_length_is_not_even_read() -> None:
    assert refused(signed(name="x" * 9_000)) == "malformed"


@given(
    person=st.from_regex(r"[a-z0-9@.|_-]{1,40}", fullmatch=True),
    opd=st.from_regex(r"[a-z][a-z0-9-]{0,20}", fullmatch=True),
    roles=st.frozensets(st.sampled_from(["kasi", "kabid", "kadis", "staf"])),
    seconds=st.integers(1, 86_400),
)
def test_what_was_issued_is_believed_until_it_expires(
    person: str, opd: str, roles: frozenset[str], seconds: int
) -> None:
    principal = Principal(person=person, name=None, opd=opd, roles=roles)
    token = issue(EDDSA, TRUST, principal, timedelta(seconds=seconds), NOW)
    assert verify(token, TRUST, NOW + timedelta(seconds=seconds - 1)) == principal
    with pytest.raises(Unauthenticated, match="expired"):
        verify(token, TRUST, NOW + timedelta(seconds=seconds + 60))
