"""Personal data at rest: compact JWE (RFC 7516, `dir` + A256GCM) under one of a complaint's two keys. No I/O.

The header's `kid` is `<complaint>/<subject|file>.<fingerprint of the key>`. It is authenticated with the text, so a
sealed value cannot be moved to another complaint, and the fingerprint tells a wrong key from a changed token, which
GCM alone cannot. (It also says which escrowed key opens a token, should the record of its claim be lost.)
"""

import hashlib
import hmac
import unicodedata
from base64 import urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import GuestProtocol, OctKey
from pydantic import BaseModel

from schemas.event import File, K, Sealed, Subject
from services.kernel.refusal import TooLarge

ERASED_TEXT = "[data pribadi telah dihapus]"
KEY_BYTES = 32
# A commit of 512 KiB is refused by the journal, so nothing larger ever needs to be opened.
LARGEST = 512 * 1024
_PARTS: dict[type, str] = {Subject: "subject", File: "file"}

V = TypeVar("V", bound=BaseModel | str)


class Erased(Exception):
    """The key was destroyed, for ever. Expected after an erasure: a reader shows `ERASED_TEXT` instead."""


class Foreign(Exception):
    """The value was sealed for another complaint."""


class WrongKey(Exception):
    """The value was sealed for this complaint, under a key that is not the one at hand."""


class Tampered(Exception):
    """Not what was sealed: the token was changed, cut, or is no token at all."""


class Misread(Exception):
    """The value opened, and is not of the kind asked for."""


@dataclass(frozen=True, slots=True)
class Keyring:
    """A complaint's two 256-bit keys; None where a key was destroyed."""

    complaint: str
    subject: bytes | None = field(repr=False)
    file: bytes | None = field(repr=False)

    def __post_init__(self) -> None:
        for key in (self.subject, self.file):
            if key is not None and len(key) != KEY_BYTES:
                raise ValueError(f"a sealing key has {KEY_BYTES} bytes")


class _Registry(jwe.JWERegistry):
    """joserfc opens no more than 64 KB unless told otherwise. The third is what base64 adds."""

    max_ciphertext_length = LARGEST * 4 // 3 + 4


_REGISTRY = _Registry(algorithms=["dir", "A256GCM"])


def seal(keyring: Keyring, part: type[K], value: V) -> Sealed[K, V]:
    """Encrypt `value` under the complaint's `part` key.

    Raises:
        Erased: that key was destroyed.
        TooLarge: more than `LARGEST` bytes.
    """
    key = _key(keyring, part)
    # `surrogatepass`: the codec's own complaint would carry the text in the exception.
    text = value if isinstance(value, str) else value.model_dump_json()
    plain = text.encode("utf-8", "surrogatepass")
    if len(plain) > LARGEST:
        raise TooLarge
    return Sealed(encrypt(key, f"{keyring.complaint}/{_PARTS[part]}.{fingerprint(key)}", plain))


def open_(keyring: Keyring, sealed: Sealed[K, V], kind: type[V]) -> V:
    """Decrypt a value sealed for this complaint.

    Raises:
        Erased, Foreign, WrongKey, Tampered, Misread: as each says; none repeats anything of the value.
    """
    plain = decrypt(sealed.jwe, lambda kid: _named(keyring, kid))
    value = _read(plain, kind)
    if value is None:
        raise Misread(f"{keyring.complaint} holds no {kind.__name__} here")
    return value


def shown(keyring: Keyring, jwe: str | None, kind: type[V]) -> V | str | None:
    """Open the sealed value of a row for someone who may read it: `ERASED_TEXT` once its key was destroyed."""
    if jwe is None:
        return None
    try:
        return open_(keyring, Sealed[Subject, V](jwe), kind)  # which of the two keys it was, the token itself says
    except Erased:
        return ERASED_TEXT


def token(key: bytes, text: str) -> str:
    """A keyed search and verification token: HMAC-SHA256, 64 hexadecimal digits.

    What a person types is folded first: compatibility forms, upper case, no spaces and no dashes of any kind.
    Whoever looks a token up needs the `key` it was made with: it is kept apart from the master keys and not rotated.
    """
    if len(key) < KEY_BYTES:
        raise ValueError(f"a token key has at least {KEY_BYTES} bytes")
    folded = unicodedata.normalize("NFKC", text).upper()
    bare = "".join(c for c in folded if not c.isspace() and unicodedata.category(c) not in ("Pd", "Cf"))
    return hmac.digest(key, bare.encode("utf-8", "surrogatepass"), hashlib.sha256).hex()


def fingerprint(key: bytes) -> str:
    """Eight characters that tell random keys apart and say nothing about them."""
    return _base64(hmac.digest(key, b"fingerprint", hashlib.sha256)[:6])


def encrypt(key: bytes, kid: str, plain: bytes) -> str:
    """Return the compact JWE of `plain`, its header naming `kid`."""
    header = {"alg": "dir", "enc": "A256GCM", "kid": kid}
    return jwe.encrypt_compact(header, plain, OctKey.import_key(key), registry=_REGISTRY)


def decrypt(token: str, key_for: Callable[[str], bytes]) -> bytes:
    """Return what `token` holds; `key_for` gives the key by the `kid` it claims, or raises. Else Tampered."""
    plain = _decrypted(token, key_for)
    # Raised outside the handler: the context of an exception would carry the library's view of the bytes.
    if plain is None:
        raise Tampered
    return plain


def _decrypted(token: str, key_for: Callable[[str], bytes]) -> bytes | None:
    def key(recipient: GuestProtocol) -> OctKey:
        return OctKey.import_key(key_for(str(recipient.headers().get("kid"))))

    try:
        return jwe.decrypt_compact(token, key, registry=_REGISTRY).plaintext
    except (JoseError, ValueError, TypeError, AssertionError):
        return None


def _key(keyring: Keyring, part: type[Subject | File]) -> bytes:
    key = keyring.subject if part is Subject else keyring.file
    if key is None:
        raise Erased(f"{keyring.complaint}/{_PARTS[part]}")
    return key


def _named(keyring: Keyring, kid: str) -> bytes:
    complaint, _, tail = kid.rpartition("/")
    if complaint != keyring.complaint:
        raise Foreign(f"not sealed for {keyring.complaint}")
    name, _, mark = tail.partition(".")
    part = next((part for part, known in _PARTS.items() if known == name), None)
    if part is None:
        raise Tampered
    key = _key(keyring, part)
    if fingerprint(key) != mark:
        raise WrongKey(f"{complaint}/{name}")
    return key


def _read(plain: bytes, kind: type[V]) -> V | None:
    try:
        text = plain.decode("utf-8", "surrogatepass")
        return kind(text) if issubclass(kind, str) else kind.model_validate_json(text, extra="ignore")
    except ValueError:  # pydantic's ValidationError is one
        return None


def _base64(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()
