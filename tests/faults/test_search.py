"""The search for leaks finds what it looks for, however it was written."""

from __future__ import annotations

import json
from base64 import b64encode, urlsafe_b64encode
from urllib.parse import quote

from hypothesis import given as for_all
from hypothesis import strategies as st

from tests.faults.search import found

PLANTED = 'Zubaidah "Upik" Qintharâ 😟'
bytes_around = st.binary(max_size=9)


@for_all(bytes_around, bytes_around)
def test_a_text_is_found_in_bytes_and_in_base64_of_any_alignment(before: bytes, after: bytes) -> None:
    plain = before + PLANTED.encode() + after
    for written in (plain, b64encode(plain), urlsafe_b64encode(plain), b64encode(plain).rstrip(b"=")):
        assert found([PLANTED], [("here", written)]) == [f"{PLANTED!r} in here"]


def test_a_text_is_found_in_every_other_writing() -> None:
    writings = [
        PLANTED.encode("utf-16"),
        PLANTED.encode("utf-16-be"),
        json.dumps({"a": PLANTED}).encode(),
        json.dumps({"a": PLANTED}, ensure_ascii=False).encode(),
        quote(PLANTED).encode(),
        PLANTED.encode().hex().encode(),
        repr({"a": PLANTED}).encode(),
    ]
    for written in writings:
        assert found([PLANTED], [("here", written)]), written


@for_all(st.binary(max_size=300))
def test_nothing_is_found_where_it_is_not(content: bytes) -> None:
    assert found([PLANTED], [("here", content)]) == []
