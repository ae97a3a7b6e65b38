"""Finds a text in bytes whatever it was written as: the encodings a leak may come in. Pure."""

from __future__ import annotations

import json
from base64 import b64encode
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

BITS = {"byte": 8, "letter": 6}


def spellings(text: str) -> set[bytes]:
    """Every way `text` may stand in bytes."""
    plain = text.encode()
    wide = [text.encode("utf-16-le"), text.encode("utf-16-be"), text.encode("utf-32-le")]
    escaped = [json.dumps(text)[1:-1], json.dumps(text, ensure_ascii=False)[1:-1], repr(text)[1:-1], ascii(text)[1:-1]]
    quoted = [quote(text, safe=""), quote_plus(text), quote(text, safe="").lower()]
    return {
        plain,
        *wide,
        *(each.encode() for each in (*escaped, *quoted)),
        *(plain.hex().encode(), plain.hex().upper().encode()),
        *in_base64(plain),
        *in_base64(wide[0]),
    }


def in_base64(plain: bytes) -> Iterator[bytes]:
    """What is the same of `plain` in base64 whatever stands before and after it, for each of the three alignments."""
    for before in range(3):
        letters = b64encode(bytes(before) + plain + bytes(2))
        first = -(-before * BITS["byte"] // BITS["letter"])
        last = (before + len(plain)) * BITS["byte"] // BITS["letter"]
        yield letters[first:last]
        yield letters[first:last].translate(bytes.maketrans(b"+/", b"-_"))


def found(planted: Iterable[str], places: Iterable[tuple[str, bytes]]) -> list[str]:
    """Where which of the `planted` texts stands, by the names of the places; never the text's surroundings."""
    spelled = {text: spellings(text) for text in planted}
    return [
        f"{text!r} in {name}"
        for name, content in places
        for text, ways in spelled.items()
        if any(way in content for way in ways)
    ]
