"""The client against a real, scripted HTTP server: what it asks again, and what it takes for an answer."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from deploy.local.trouble import Trouble
from deploy.wabo.client import Answer, Client, Refused
from deploy.wabo.requests import Request

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

REQUEST = Request(service="intake", path="/staf/complaints/{complaint}/receipt", key="wabo/case-1/receipt", body={})
DONE = (200, {"complaint": "c-1", "recorded": "intake/a/c-1@2"})
SILENT: tuple[int, dict[str, Any]] = (0, {})


@dataclass(slots=True)
class Script:
    """Answers in turn, the last one for ever; a status of 0 hangs up. `heard` holds each request's head."""

    answers: list[tuple[int, dict[str, Any]]]
    heard: list[str] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        self.heard.append(head)
        status, said = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if status:
            body = json.dumps(said).encode()
            writer.write(
                f"HTTP/1.1 {status} X\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode() + body
            )
        writer.close()


@asynccontextmanager
async def answering(
    *answers: tuple[int, dict[str, Any]], patience: float = 5.0
) -> AsyncIterator[tuple[Client, Script]]:
    script = Script(list(answers))
    server = await asyncio.start_server(script.serve, "127.0.0.1", 0)
    address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    client = Client({"intake": address}, {"a": "token-a"}, connections=2, patience=patience)
    try:
        yield client, script
    finally:
        await client.close()
        server.close()


@pytest.mark.parametrize(
    "passing",
    [SILENT, (503, {"code": "not-yet-seen"}), (503, {"code": "unavailable"}), (409, {"code": "conflict"}), (502, {})],
)
async def test_what_passes_is_asked_again_with_the_same_key(passing: tuple[int, dict[str, Any]]) -> None:
    async with answering(passing, passing, DONE) as (client, script):
        answer = await client.post("a", REQUEST, "c-1", "routing/a/c-1@3")

    assert answer == Answer(complaint="c-1", recorded="intake/a/c-1@2")
    assert len(script.heard) == 3
    assert all("Idempotency-Key: wabo/case-1/receipt" in head for head in script.heard)
    assert all("/staf/complaints/c-1/receipt?after=routing%2Fa%2Fc-1%403" in head for head in script.heard)


async def test_a_refusal_is_final() -> None:
    async with answering((409, {"code": "already-reviewed", "title": "Sudah."}), DONE) as (client, script):
        with pytest.raises(Refused) as no:
            await client.post("a", REQUEST, "c-1", None)

    assert (no.value.code, no.value.kalimat) == ("already-reviewed", "Sudah.")
    assert len(script.heard) == 1


async def test_a_service_that_stays_away_stops_the_import_with_a_sentence() -> None:
    async with answering(SILENT, patience=0.3) as (client, _):
        with pytest.raises(Trouble, match="Layanan intake tidak dapat melayani"):
            await client.post("a", REQUEST, "c-1", None)


@pytest.mark.parametrize(("status", "code"), [(503, "not-yet-seen"), (500, "fault")])
async def test_what_may_be_one_case_s_own_trouble_ends_that_case_only(status: int, code: str) -> None:
    async with answering((status, {"code": code}), patience=0.3) as (client, _):
        with pytest.raises(Refused):
            await client.post("a", REQUEST, "c-1", None)


@pytest.mark.parametrize("status", [401, 403])
async def test_a_token_that_counts_for_nothing_stops_the_import(status: int) -> None:
    async with answering((status, {"code": "forbidden"})) as (client, _):
        with pytest.raises(Trouble, match="menolak token"):
            await client.post("a", REQUEST, "c-1", None)


async def test_an_answer_that_is_no_json_is_still_a_refusal() -> None:
    async with answering((404, {})) as (client, _):
        with pytest.raises(Refused) as no:
            await client.post("a", REQUEST, "c-1", None)

    assert no.value.code == "http-404"
