from __future__ import annotations

import secrets
from typing import Any

import pytest
from joserfc.jwk import ECKey, OctKey, OKPKey

from deploy.escrow import BadEscrow, Recipient, Writer, documents

DOCUMENTS: list[dict[str, Any]] = [{"_id": str(n), "complaint": f"c-{n}", "subject": "wrapped"} for n in range(3)]
PHRASE = OctKey.import_key("tiga kuda menyeberang sungai")


def written(recipient: Recipient) -> list[str]:
    writer = Writer(recipient, secrets.token_bytes)
    return [writer.opening(), *(writer.line(document) for document in DOCUMENTS), writer.closing()]


@pytest.mark.parametrize("key", [OKPKey.generate_key("X25519"), ECKey.generate_key("P-256")])
def test_what_was_written_to_a_public_key_opens_with_the_private_one(key: OKPKey | ECKey) -> None:
    public = type(key).import_key(key.as_dict(private=False))
    assert list(documents(written(public), key)) == DOCUMENTS


def test_what_was_written_under_a_passphrase_opens_with_it() -> None:
    assert list(documents(written(PHRASE), PHRASE)) == DOCUMENTS


@pytest.mark.parametrize("other", [OctKey.import_key("frasa yang lain sama sekali"), OKPKey.generate_key("X25519")])
def test_nothing_else_opens_it(other: Recipient) -> None:
    with pytest.raises(BadEscrow, match="salah"):
        list(documents(written(PHRASE), other))


def cut(lines: list[str]) -> list[str]:
    return lines[:-1]


def shortened(lines: list[str]) -> list[str]:
    return [*lines[:-2], lines[-1]]


def swapped(lines: list[str]) -> list[str]:
    return [lines[0], lines[2], lines[1], *lines[3:]]


def doubled(lines: list[str]) -> list[str]:
    return [*lines[:2], *lines[1:]]


def lengthened(lines: list[str]) -> list[str]:
    return [*lines, lines[1]]


@pytest.mark.parametrize("spoil", [cut, shortened, swapped, doubled, lengthened])
def test_a_file_that_is_not_as_it_was_written_is_not_taken_for_whole(spoil: Any) -> None:
    with pytest.raises(BadEscrow, match="terpotong atau rusak"):
        list(documents(spoil(written(PHRASE)), PHRASE))


@pytest.mark.parametrize("lines", [[], [""], ["bukan JWE"], ["a.b.c.d.e"]])
def test_any_other_file_is_no_escrow(lines: list[str]) -> None:
    with pytest.raises(BadEscrow):
        list(documents(lines, PHRASE))
