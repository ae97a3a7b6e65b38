"""The desk: what a request's headers and its word on who acted are worth. No store is asked."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Annotated

import httpx2
import pytest
from fastapi import Depends, FastAPI
from joserfc.jwk import KeySet

from services.kernel import problems
from services.kernel.desk import Acted, ActorNotAllowed, Call, Desk, place
from services.kernel.handling import Handler
from services.kernel.journal import Journal
from services.kernel.memory import MemoryStore
from services.kernel.principal import Principal, Trust
from services.kernel.refusal import NotFound
from tests.kernel.samples import LANGUAGE, NOTES, STREAM, Note

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
KEY = "rahmi.yulia-081267001101"
STORE = MemoryStore()
DESK = Desk(
    handler=Handler(Journal(STORE), LANGUAGE, {"notes": NOTES}),
    trust=Trust(issuer="https://masuk.example", audience="aduan", jwks=KeySet([])),
    now=lambda: NOW,
    new_id=lambda: "new-id",
    backdating=timedelta(days=14),
    secret=b"s" * 32,
)
SITI = Principal(person="siti", name=None, opd="kota-1", roles=frozenset({"staf"}))
CALL = Call(
    principal=SITI, role="staf", command_id="http/1", fingerprint="f", correlation="c-12345678", expected=None, at=NOW
)


@pytest.fixture
async def client() -> AsyncIterator[httpx2.AsyncClient]:
    app = FastAPI()
    problems.install(app)

    @app.post("/acts")
    async def act(call: Annotated[Call, Depends(DESK.public)]) -> dict[str, object]:
        return {"expected": call.expected, "command": call.command_id, "fingerprint": call.fingerprint}

    transport = httpx2.ASGITransport(app, raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="http://desk.test") as opened:
        yield opened


@pytest.mark.parametrize("etag", ['"7"', 'W/"7"', "7", ' "7" '])
async def test_an_etag_is_read_as_it_was_given(client: httpx2.AsyncClient, etag: str) -> None:
    assert (await client.post("/acts", headers={"If-Match": etag})).json()["expected"] == 7


@pytest.mark.parametrize(
    "etag", ["²".encode("latin-1"), b'"' + b"9" * 5_000 + b'"', b"", b"*", b'"7", "8"', b"-1", b"7.0"]
)
async def test_what_is_no_etag_of_ours_is_refused_and_breaks_nothing(client: httpx2.AsyncClient, etag: bytes) -> None:
    answer = await client.post("/acts", headers=[(b"If-Match", etag)])

    assert (answer.status_code, answer.json()["code"]) == (422, "if-match-unreadable")


async def test_an_idempotency_key_tells_requests_apart_and_is_not_written_out(client: httpx2.AsyncClient) -> None:
    first, again, other = [
        (await client.post("/acts", headers={"Idempotency-Key": key})).json()["command"]
        for key in (KEY, KEY, KEY + "2")
    ]

    assert first == again != other
    assert "rahmi" not in first.lower()
    assert "0812" not in first


async def test_only_an_importer_says_that_another_acted() -> None:
    command, acted = Note("halo"), Acted(acted_by="kadis:syafril")
    with pytest.raises(ActorNotAllowed):
        await DESK.carry_out(CALL, command, STREAM, acted)

    imported = await DESK.carry_out(replace(CALL, role="importer"), command, STREAM, acted)

    assert imported.commit is not None
    at = imported.commit.circumstances
    assert (at.actor, at.recorded_by) == ("kadis:syafril", "importer:siti")


def test_a_place_in_another_offices_stream_is_not_waited_for() -> None:
    assert place("register/kota-1/2026@57", "kota-1") == ("register/kota-1/2026", 57)
    for after in ("register/kota-2/2026@57", "intake/kota-2/c-1@1", "intake/kota-1@1", "@1", "a/b/c/d@1"):
        with pytest.raises(NotFound):
            place(after, "kota-1")
