"""Bad input over HTTP: each is answered by a problem with a stable code and a sentence, and nothing is recorded."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio

from tests.faults import acts
from tests.faults.evidence import positions
from tests.faults.forgeries import FORGERIES
from tests.faults.house import tokens

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    import httpx2

    from tests.faults.house import House

pytestmark = pytest.mark.integration

OPD = "dpmptsp-agam"
FILE = f"/public/{OPD}/complaints"
JSON = {"Content-Type": "application/json"}
MOST_BYTES = 2 * 1024 * 1024
ENGLISH = re.compile(r"\b(the|not|is|are|was|invalid|found|error|request|must|field)\b", re.IGNORECASE)


@pytest_asyncio.fixture(loop_scope="session")
async def unmoved(house: House) -> AsyncIterator[House]:
    """The house, and afterwards the proof that no journal has moved."""
    before = await positions(house)
    yield house
    assert await positions(house) == before


def said(answer: httpx2.Response) -> tuple[int, str]:
    """The status and code of a problem that is as a problem should be."""
    assert answer.headers["content-type"] == "application/problem+json", (answer.status_code, answer.text[:300])
    problem = answer.json()
    assert problem["status"] == answer.status_code
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", problem["code"])
    assert problem["type"] == f"urn:aduan:problem:{problem['code']}"
    for sentence in (problem["title"], *(wrong["detail"] for wrong in problem.get("errors", ()))):
        assert re.fullmatch(r"[A-Z].*[.]", sentence, re.DOTALL)
        assert not ENGLISH.search(sentence), sentence
    return answer.status_code, problem["code"]


async def posted(house: House, body: bytes, headers: dict[str, str] | None = None) -> httpx2.Response:
    return await house.clients["intake"].post(FILE, content=body, headers=headers or JSON)


NOT_JSON = {
    "nothing": b"",
    "cut off": b'{"story": {"what_happened": "Loket',
    "plain text": b"Loket tutup",
    "a form": b"story=Loket+tutup",
    "two values": b"{} {}",
    "a trailing comma": b'{"story": {"what_happened": "Loket",},}',
    "not utf-8": b'{"story": {"what_happened": "\xff\xfe\xfa"}}',
    "a raw control character": b'{"story": {"what_happened": "Loket \x00 tutup"}}',
    "very deep": b"[" * 100_000,
    "zeros": bytes(1_000),
}


@pytest.mark.parametrize("body", NOT_JSON.values(), ids=NOT_JSON.keys())
async def test_what_is_not_json_is_refused(unmoved: House, body: bytes) -> None:
    assert said(await posted(unmoved, body)) in {(400, "malformed"), (422, "invalid")}


def form(**story: Any) -> dict[str, Any]:
    return {"story": {"what_happened": "Loket tutup.", **story}}


WRONG: dict[str, Any] = {
    "null": None,
    "a list": [],
    "a text": "Loket tutup",
    "a number": 1e308,
    "no story": {},
    "a story that is a text": {"story": "Loket tutup"},
    "a text that is a number": form(what_happened=5),
    "a text that is an object": form(what_happened={"$gt": ""}),
    "a text that is a list": form(what_happened=["Loket"]),
    "an empty text": form(what_happened=""),
    "a text of blanks": form(what_happened=" \n\t "),
    "a text of 20,001 letters": form(what_happened="a" * 20_001),
    "a text of 1 MB": form(what_happened="a" * 1_000_000),
    "a text of 1 MB in another field": form(request="é" * 500_000),
    "a line of two lines": form(place="Loket\nTiku"),
    "a null character": form(what_happened="Loket\u0000tutup"),
    "an escape": form(what_happened="Loket \u001b[31mtutup"),
    "a delete": form(what_happened="Loket\u007f"),
    "an unknown field": {**form(), "priority": "high"},
    "an unknown field further in": form(color="red"),
    "a flag that is a word": {**form(), "identity_hidden": "barangkali"},
    "a time without zone": {**form(), "form_opened_at": "2026-11-23T08:00:00"},
    "a time that is none": {**form(), "form_opened_at": "kemarin"},
    "a person without name": {**form(), "complainant": {"telephone": "0812 6700 1101"}},
    "an address that is none": {**form(), "complainant": {"name": "Rahmi", "email": "rahmi"}},
    "an address of two lines": {**form(), "complainant": {"name": "Rahmi", "email": "a@b.example\r\nBcc: c@d.example"}},
    "a telephone of letters": {**form(), "complainant": {"name": "Rahmi", "telephone": "nol delapan"}},
}


@pytest.mark.parametrize("body", WRONG.values(), ids=WRONG.keys())
async def test_a_form_of_the_wrong_shape_is_refused_and_says_where(unmoved: House, body: Any) -> None:
    answer = await posted(unmoved, json.dumps(body, ensure_ascii=False).encode())

    assert said(answer) == (422, "invalid")
    assert all(wrong["pointer"].startswith("/body") for wrong in answer.json()["errors"])


@pytest.mark.parametrize("escaped", [r"\ud800", r"\udc00", r"\udc00\ud800", r"a\ud83d"])
async def test_half_a_character_is_refused(unmoved: House, escaped: str) -> None:
    body = b'{"story": {"what_happened": "Loket %s tutup"}}' % escaped.encode()
    assert said(await posted(unmoved, body)) in {(400, "malformed"), (422, "invalid")}


async def test_what_was_sent_is_never_repeated_in_the_answer(unmoved: House) -> None:
    answer = await posted(unmoved, json.dumps({**form(), "complainant": {"name": "Rahasia\u0000Benar"}}).encode())
    assert answer.status_code == 422
    assert "Rahasia" not in answer.text


@pytest.mark.parametrize("size", [MOST_BYTES + 1, 8 * MOST_BYTES])
async def test_a_body_over_the_limit_is_refused_whether_or_not_it_says_its_length(unmoved: House, size: int) -> None:
    async def piecewise() -> AsyncIterator[bytes]:
        for _ in range(size // 65_536 + 1):
            yield b"a" * 65_536

    assert said(await posted(unmoved, b"a" * size)) == (413, "too-large")
    assert said(await unmoved.clients["intake"].post(FILE, content=piecewise(), headers=JSON)) == (413, "too-large")


HEADERS = {
    "a key too short": {"Idempotency-Key": "1"},
    "a key too long": {"Idempotency-Key": "k" * 129},
    "a key with blanks": {"Idempotency-Key": "kunci yang panjang"},
    "a body said to be text": {"Content-Type": "text/plain"},
    "a body said to be nothing": {"Content-Type": ""},
}


@pytest.mark.parametrize("headers", HEADERS.values(), ids=HEADERS.keys())
async def test_headers_that_cannot_be_are_refused(unmoved: House, headers: dict[str, str]) -> None:
    answer = await posted(unmoved, json.dumps(form()).encode(), JSON | headers)
    assert said(answer) in {(422, "invalid"), (400, "malformed"), (415, "media-type")}


PATHS = {
    "an unknown office": ("/public/dinas-lain/complaints", (404, "office-unknown")),
    "an office that is a path": ("/public/..%2f..%2fetc/complaints", (404, "not-found")),
    "an office with a null": ("/public/%00/complaints", (404, "office-unknown")),
    "a very long office": (f"/public/{'a' * 5_000}/complaints", (404, "office-unknown")),
    "an unknown act": (f"/public/{OPD}/complaints/x/escalation", (404, "not-found")),
}


@pytest.mark.parametrize(("path", "expected"), PATHS.values(), ids=PATHS.keys())
async def test_an_address_that_does_not_exist_is_not_found(
    unmoved: House, path: str, expected: tuple[int, str]
) -> None:
    assert said(await unmoved.clients["intake"].post(path, json=form())) == expected


@pytest.mark.parametrize("service", ["intake", "routing", "meeting", "notification", "reporting"])
async def test_unknown_routes_and_methods_are_problems_in_every_service(unmoved: House, service: str) -> None:
    client = unmoved.clients[service]
    for path in ("/tidak-ada", "/", "/staf/../admin", "/%2e%2e/%2e%2e/etc/passwd", "/a%00b", "/complaints?x[$ne]=1"):
        assert said(await client.get(path)) == (404, "not-found")
    for method in ("DELETE", "PUT", "PATCH", "TRACE", "OPTIONS"):
        assert said(await client.request(method, "/health/live")) == (405, "method-not-allowed")


PROTECTED: dict[str, tuple[str, str, object]] = {
    "intake": ("POST", "/staf/complaints", {**form(), "channel": "counter"}),
    "routing": ("POST", "/kasi/cases/x/review", {"review": "a", "proposal": "b"}),
    "notification": ("POST", "/staf/cases/x/receipt-of-recommendation", {"receiver": "complainant"}),
    "reporting": ("POST", "/staf/cases/x/record", {"outcome": "settled"}),
}


@pytest.mark.parametrize("service", PROTECTED)
@pytest.mark.parametrize("forged", FORGERIES.values(), ids=FORGERIES.keys())
async def test_a_token_nobody_issued_for_us_is_refused(
    unmoved: House, service: str, forged: Callable[[House], str]
) -> None:
    method, path, body = PROTECTED[service]
    answer = await unmoved.clients[service].request(method, path, json=body, headers={"Authorization": forged(unmoved)})
    assert said(answer) == (401, "unauthenticated")
    assert answer.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("service", PROTECTED)
async def test_a_role_that_may_not_is_refused(unmoved: House, service: str) -> None:
    method, path, body = PROTECTED[service]
    headers = {"Authorization": f"Bearer {tokens(unmoved.data, OPD)['kadis']}"}
    answer = await unmoved.clients[service].request(method, path, json=body, headers=headers)
    assert said(answer) == (403, "forbidden")


@pytest.mark.parametrize("complaint", ["tidak-ada", "%00", "a" * 3_000, "..%2f..", "💥", "x@1", "$where"])
async def test_a_complaint_that_cannot_be_is_not_found(unmoved: House, complaint: str) -> None:
    people = tokens(unmoved.data, OPD)
    asked: tuple[tuple[str, str, str, str, object], ...] = (
        ("intake", "staf", "POST", f"/staf/complaints/{complaint}/completeness", {}),
        ("intake", "staf", "GET", f"/staf/complaints/{complaint}", None),
        ("routing", "kasi", "GET", f"/cases/{complaint}", None),
        ("reporting", "staf", "GET", f"/recap/{complaint}", None),
    )
    for service, role, method, path, body in asked:
        answer = await unmoved.clients[service].request(
            method, path, json=body, headers={"Authorization": f"Bearer {people[role]}"}
        )
        assert said(answer)[0] in {404, 422}


async def test_the_token_of_another_office_finds_nothing_and_changes_nothing(house: House) -> None:
    ours, theirs = house.people(OPD), house.people("disdik-agam")
    filed = await acts.file(ours)
    await acts.checked(ours, filed.complaint)
    before = (await positions(house))["intake"]

    for at, body in (("classification", {"kind": "complaint", "category": "x", "title": "y"}), ("receipt", {})):
        assert await theirs.refused("staf", f"intake/staf/complaints/{filed.complaint}/{at}", body) == (
            404,
            "not-found",
        )
    assert (await theirs.see("staf", f"intake/staf/complaints/{filed.complaint}")).status_code == 404
    assert (await positions(house))["intake"] == before


UNHARMED = {
    "emoji": "Loket tutup 😟👩🏽‍💼🇮🇩",
    "other scripts": "كلمة 漢字 Привет ᮞᮥᮔ᮪ᮓ ꦗꦮ",
    "combining marks": "Z͑ͫa̴lgo é vs é",
    "right to left and invisible": "a\u202eb\u200bc\ufeffd\u2028e",
    "what markup and queries are made of": "<script>alert(1)</script> $where {{7*7}} ${jndi:ldap://x} '; DROP TABLE --",
    "several lines": "satu\ndua\r\n\ttiga",
    "beyond the basic plane": "\U0010ffff \ufffd \uffff",
    "as long as allowed": "😟" * 20_000,
}


@pytest.mark.parametrize("text", UNHARMED.values(), ids=UNHARMED.keys())
async def test_unusual_but_sound_text_is_taken_and_given_back_unharmed(house: House, text: str) -> None:
    people = house.people(OPD)

    filed = await acts.file(people, None, {"what_happened": text})

    shown = await people.seen("staf", f"intake/staf/complaints/{filed.complaint}", after=filed.recorded)
    assert shown["story"]["what_happened"] == text
