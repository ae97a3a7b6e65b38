"""Asking the services, again and again with the same key until they answer: what was done is never done twice."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import httpx2

from deploy.local.trouble import Trouble

if TYPE_CHECKING:
    from collections.abc import Mapping

    from deploy.wabo.requests import Request

PATIENCE_SECONDS = 120.0
FIRST_WAIT_SECONDS = 0.1
LONGEST_WAIT_SECONDS = 5.0
ANSWER_SECONDS = 30.0
NOT_YET_SEEN = "not-yet-seen"
CONFLICT = "conflict"
PASSING = frozenset(
    {
        HTTPStatus.INTERNAL_SERVER_ERROR,
        HTTPStatus.BAD_GATEWAY,
        HTTPStatus.SERVICE_UNAVAILABLE,
        HTTPStatus.GATEWAY_TIMEOUT,
    }
)
NOT_OURS = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN})


class Refused(Exception):
    """A service said no. `code` is the refusal's own, `kalimat` its Indonesian sentence."""

    def __init__(self, status: int, code: str, kalimat: str) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.kalimat = kalimat


class Unreachable(Trouble):
    """A service did not answer for so long that a person must look."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    complaint: str
    recorded: str


class Client:
    """The services at their addresses, asked in the name of an office with that office's token."""

    def __init__(
        self, addresses: Mapping[str, str], tokens: Mapping[str, str], connections: int, patience: float
    ) -> None:
        self._addresses = addresses
        self._tokens = tokens
        self._patience = patience
        limits = httpx2.Limits(max_connections=connections, max_keepalive_connections=connections)
        self._http = httpx2.AsyncClient(timeout=ANSWER_SECONDS, limits=limits)

    async def close(self) -> None:
        await self._http.aclose()

    async def check(self) -> None:
        """Ask each service whether it is there at all, once.

        Raises:
            Unreachable: one is not.
        """
        for name, address in self._addresses.items():
            try:
                await self._http.get(f"{address}/health/live")
            except httpx2.HTTPError as fault:
                raise Unreachable(
                    f"Layanan {name} tidak menjawab di {address}; nyalakan dahulu (`aduan up`)."
                ) from fault

    async def post(self, opd: str, request: Request, complaint: str, after: str | None) -> Answer:
        """Send `request`, waiting longer each time while the service cannot answer.

        Raises:
            Refused: the service said no to this request, or never heard of what came before it.
            Unreachable: no answer within the patience, or the token counts for nothing.
        """
        loop = asyncio.get_running_loop()
        deadline, wait = loop.time() + self._patience, FIRST_WAIT_SECONDS
        while True:
            answer = await self._tried(opd, request, complaint, after)
            if isinstance(answer, Answer):
                return answer
            if loop.time() + wait > deadline:
                raise self._given_up(request, answer)
            await asyncio.sleep(wait)
            wait = min(wait * 2, LONGEST_WAIT_SECONDS)

    def _given_up(self, request: Request, last: Refused | None) -> Exception:
        """What may be one case's own trouble (its events held back, a fault in it) must not end the others' import."""
        if last is not None and (last.code == NOT_YET_SEEN or last.status == HTTPStatus.INTERNAL_SERVER_ERROR):
            return last
        return Unreachable(
            f"Layanan {request.service} tidak dapat melayani selama {self._patience:.0f} detik. Periksa "
            "layanannya, lalu jalankan lagi perintah yang sama; yang sudah tercatat tidak akan terulang."
        )

    async def _tried(self, opd: str, request: Request, complaint: str, after: str | None) -> Answer | Refused | None:
        """Return the answer, or why asking again may help: a refusal that passes, or (None) no answer at all."""
        url = self._addresses[request.service] + request.path.format(complaint=complaint)
        headers = {"Authorization": f"Bearer {self._tokens[opd]}", "Idempotency-Key": request.key}
        params = {} if after is None else {"after": after}
        try:
            response = await self._http.post(url, json=request.body, headers=headers, params=params)
        except httpx2.TransportError:
            return None
        if response.is_success:
            said = response.json()
            return Answer(complaint=said["complaint"], recorded=said["recorded"])
        return _passing(request, response.status_code, _problem(response))


def _passing(request: Request, status: int, problem: Mapping[str, Any]) -> Refused:
    """Return the refusal when asking again may help: the service is not ready, or others wrote faster every time.

    Raises:
        Refused: it would be refused again.
        Unreachable: every request would be.
    """
    code = str(problem.get("code", f"http-{status}"))
    refused = Refused(status, code, str(problem.get("title", "Layanan menolak tanpa penjelasan.")))
    if status in PASSING or code == CONFLICT:
        return refused
    if status in NOT_OURS:
        raise Unreachable(f"Layanan {request.service} menolak token ini ({code}); impor memerlukan peran importer.")
    raise refused


def _problem(response: httpx2.Response) -> Mapping[str, Any]:
    try:
        said = response.json()
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}
