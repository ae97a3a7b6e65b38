"""The master keys, which wrap the keys of complaints. They come from the settings; nothing has a default."""

import binascii
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass, field

from services.kernel.sealing import KEY_BYTES, Tampered, decrypt, encrypt


class BadMasterKeys(Exception):
    """The setting cannot be used. The sentence says why and repeats nothing of it but a version's name."""


class WrongMaster(Exception):
    """A key was wrapped by a master key that is not at hand, or is not what it was."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MasterKeys:
    """`current` is the version new keys are wrapped by; every version here can still unwrap."""

    current: str
    versions: Mapping[str, bytes] = field(repr=False)

    def wrap(self, name: str, key: bytes) -> str:
        """Return a JWE of `key` that unwraps under the same `name` only."""
        return encrypt(self.versions[self.current], f"{self.current}/{name}", key)

    def unwrap(self, name: str, wrapped: str) -> bytes:
        """Return the key.

        Raises:
            WrongMaster: no such version here, or that version's bytes, or `name`, are not those it was wrapped with.
        """
        key = self._unwrapped(name, wrapped)
        if key is None:
            raise WrongMaster(
                f"ADUAN_MASTER_KEYS tidak membuka kunci {name}: versi kunci induknya hilang atau berbeda."
            )
        return key

    def _unwrapped(self, name: str, wrapped: str) -> bytes | None:
        def key_for(kid: str) -> bytes:
            version, _, rest = kid.partition("/")
            if rest != name or version not in self.versions:
                raise Tampered
            return self.versions[version]

        try:
            return decrypt(wrapped, key_for)
        except Tampered:
            return None


def master_keys(text: str) -> MasterKeys:
    """Read `v2:<base64 of 32 bytes>,v1:<...>`; the first is the current one.

    Raises:
        BadMasterKeys: nothing given, a pair out of shape, a wrong length, one repeated byte, a version given twice.
    """
    versions: dict[str, bytes] = {}
    for pair in filter(None, (piece.strip() for piece in text.replace("\n", ",").split(","))):
        version, colon, encoded = pair.partition(":")
        if not colon or not version.isalnum():
            raise BadMasterKeys("ADUAN_MASTER_KEYS harus berbentuk v2:<base64 32 byte>,v1:<base64 32 byte>.")
        if version in versions:
            raise BadMasterKeys(f"ADUAN_MASTER_KEYS memuat versi {version} lebih dari sekali.")
        versions[version] = _key(version, encoded)
    if not versions:
        raise BadMasterKeys("ADUAN_MASTER_KEYS belum diisi; buat satu dengan: aduan keys new")
    if len(set(versions.values())) < len(versions):
        raise BadMasterKeys("ADUAN_MASTER_KEYS memuat kunci yang sama di bawah dua versi.")
    return MasterKeys(current=next(iter(versions)), versions=versions)


def _key(version: str, encoded: str) -> bytes:
    key = _decoded(encoded)
    if key is None:
        raise BadMasterKeys(f"ADUAN_MASTER_KEYS: kunci versi {version} bukan base64.")
    if len(key) != KEY_BYTES:
        raise BadMasterKeys(f"ADUAN_MASTER_KEYS: kunci versi {version} harus {KEY_BYTES} byte, bukan {len(key)}.")
    if len(set(key)) == 1:
        raise BadMasterKeys(f"ADUAN_MASTER_KEYS: kunci versi {version} hanya satu byte yang diulang.")
    return key


def _decoded(encoded: str) -> bytes | None:
    try:
        return b64decode(encoded.strip().replace("-", "+").replace("_", "/"), validate=True)
    except (binascii.Error, ValueError):
        return None
