"""The keys in safe-keeping: a text file of one JWE per line.

The first line holds a fresh content key, encrypted to a public key (ECDH-ES+A256KW) or a passphrase (PBES2). Every
other line holds one document under it, its `kid` the line's number; the last one says how many there are. So a file
that was cut, put together or put in another order is not taken for whole. Inside, keys are still wrapped by the
master key: to use an escrow one needs both.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OctKey, OKPKey

from services.kernel.sealing import KEY_BYTES, Tampered, decrypt, encrypt

Recipient = OctKey | ECKey | OKPKey
ROUNDS = 210_000  # as OWASP asks of PBKDF2 with SHA-512
SHORTEST_PASSPHRASE = 16


class BadEscrow(Exception):
    """Not a whole escrow file, or not one for this key."""


class Writer:
    """Makes the lines of one file, in order: `opening`, any number of `line`, `closing`."""

    def __init__(self, recipient: Recipient, draw: Callable[[int], bytes]) -> None:
        self._recipient = recipient
        self._key = draw(KEY_BYTES)
        self.count = 0

    def opening(self) -> str:
        algorithm, content = _algorithms(self._recipient)
        rounds = {"p2c": ROUNDS} if isinstance(self._recipient, OctKey) else {}
        header = {"alg": algorithm, "enc": content, **rounds}
        return jwe.encrypt_compact(header, self._key, self._recipient, algorithms=[algorithm, content])

    def line(self, document: Mapping[str, Any]) -> str:
        self.count += 1
        return encrypt(self._key, str(self.count), json.dumps(document).encode())

    def closing(self) -> str:
        return encrypt(self._key, f"end/{self.count}", b"")


def documents(lines: Iterable[str], recipient: Recipient) -> Iterator[dict[str, Any]]:
    """Open what `Writer` made, line by line. Nothing may be done with it before the end was reached.

    Raises:
        BadEscrow: the wrong key or passphrase, or a file that is not whole.
    """
    content = iter(lines)
    key = _content_key(next(content, "").strip(), recipient)
    count = 0
    for line in content:
        if (plain := _plain(line.strip(), key, str(count + 1))) is None:
            if _plain(line.strip(), key, f"end/{count}") is None or next(content, "").strip():
                break
            return
        count += 1
        yield json.loads(plain)
    raise BadEscrow(f"Berkas cadangan kunci terpotong atau rusak setelah baris {count + 1}.")


def _content_key(line: str, recipient: Recipient) -> bytes:
    try:
        key = jwe.decrypt_compact(line, recipient, algorithms=_algorithms(recipient)).plaintext
    except (JoseError, ValueError, TypeError):
        key = None
    if key is None or len(key) != KEY_BYTES:
        raise BadEscrow("Berkas ini bukan cadangan kunci, atau kunci/frasa sandi pembukanya salah.")
    return key


def _algorithms(recipient: Recipient) -> tuple[str, str]:
    return ("PBES2-HS512+A256KW" if isinstance(recipient, OctKey) else "ECDH-ES+A256KW"), "A256GCM"


def _plain(line: str, key: bytes, kid: str) -> bytes | None:
    def key_for(claimed: str) -> bytes:
        if claimed != kid:
            raise Tampered
        return key

    try:
        return decrypt(line, key_for)
    except Tampered:
        return None
