"""Where a request becomes a command: who asks, under which command id, seen from where, and when it happened."""

import hmac
import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any

import structlog
from fastapi import Header, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from schemas.event import Instant
from services.kernel.commit import Appended
from services.kernel.envelope import Circumstances
from services.kernel.handling import Handler
from services.kernel.principal import Principal, Trust, Unauthenticated, verify
from services.kernel.recorded import opd_of
from services.kernel.refusal import Forbidden, NotFound, Refusal

log = structlog.get_logger("desk")

IMPORTER = "importer"
AHEAD = timedelta(minutes=1)
CORRELATION = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
KEY = r"^[\x21-\x7e]{8,128}$"
ETAG = re.compile(r'(?:W/)?"?(\d{1,10})"?', re.ASCII)

After = Annotated[str | None, Query(pattern=r"^[\w./-]+@\d{1,9}$", description="tunggu sampai kejadian ini terbaca")]
IdempotencyKey = Annotated[
    str | None, Header(alias="Idempotency-Key", pattern=KEY, description="kunci pengulangan permintaan yang sama")
]
IfMatch = Annotated[str | None, Header(alias="If-Match", description="ETag yang dilihat pengguna")]


class TimeNotAllowed(Refusal):
    code = "occurred-at-not-allowed"
    kalimat = "Waktu kejadian ini tidak boleh dicatat: di masa depan, atau lebih lama dari batas pencatatan susulan."
    kind = "unprocessable"


class ActorNotAllowed(Refusal):
    code = "acted-by-not-allowed"
    kalimat = "Hanya pengimpor yang boleh mencatat tindakan atas nama orang lain."
    kind = "forbidden"


class NotYetSeen(Refusal):
    code = "not-yet-seen"
    kalimat = "Perubahan yang Anda tunggu belum sampai. Silakan coba lagi."
    kind = "unavailable"


class VersionUnreadable(Refusal):
    code = "if-match-unreadable"
    kalimat = "Tajuk If-Match harus berisi ETag yang pernah diberikan."
    kind = "unprocessable"


class Body(BaseModel):
    """A request body: closed, so that a misspelt field is refused and not ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class Acted(Body):
    """What may be said of an act entered by someone other than who did it, or later than it was done."""

    occurred_at: Instant | None = Field(None, description="waktu kejadian, bila dicatat susulan")
    acted_by: Annotated[str, StringConstraints(pattern=r"^[!-~]{1,100}$")] | None = Field(
        None, description="pelaku, bila dicatat oleh pengimpor"
    )


NOW = Acted()


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request, as the desk needs it. The public has no principal and the role `pengadu`."""

    principal: Principal | None
    role: str
    command_id: str
    fingerprint: str
    correlation: str
    expected: int | None
    at: datetime

    @property
    def actor(self) -> str:
        """`<role>:<person>`; the complainant is named by no event."""
        return self.role if self.principal is None else f"{self.role}:{self.principal.person}"

    @property
    def opd(self) -> str:
        """The caller's own office; a call without an account has none."""
        if self.principal is None:
            raise Forbidden
        return self.principal.opd

    @property
    def imports(self) -> bool:
        return self.role == IMPORTER


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """A service's counter. Time and identity come in here and nowhere further in.

    `secret` keys the hash of a request's body: it stays on the bus for ever, and without a key whoever guesses a short
    body (a name, a number) could see their guess confirmed, even after an erasure.
    """

    handler: Handler
    trust: Trust
    now: Callable[[], datetime]
    new_id: Callable[[], str]
    backdating: timedelta
    secret: bytes

    def principal(self, request: Request) -> Principal:
        """Return who asks; raise Unauthenticated otherwise."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise Unauthenticated("token-missing")
        return verify(token, self.trust, self.now())

    def reading(self, *roles: str) -> Callable[[Request], Principal]:
        """Return a dependency: who reads, holding one of `roles`; an importer may read what it entered."""

        def reader(request: Request) -> Principal:
            principal = self.principal(request)
            _role(principal, roles)
            return principal

        return reader

    def acting(self, *roles: str) -> Callable[..., Awaitable[Call]]:
        """Return a dependency: the call of someone who acts in one of `roles`, or enters it as importer."""

        async def call(request: Request, _key: IdempotencyKey = None, _seen: IfMatch = None) -> Call:
            principal = self.principal(request)
            return await self._call(request, principal, _role(principal, roles))

        return call

    async def public(self, request: Request, _key: IdempotencyKey = None) -> Call:
        """Take the call of a complainant, who needs no account."""
        return await self._call(request, None, "pengadu")

    async def _call(self, request: Request, principal: Principal | None, role: str) -> Call:
        """Take up a request that writes.

        Without an Idempotency-Key the request is its own: sent twice, it happens twice. An anonymous key counts only
        together with the body, so that nobody can ask for another's answer by guessing a key. It stays on the bus for
        ever as its hash, because a caller may have made it of a name or a number.
        """
        correlation = _correlation(request.headers.get("x-correlation-id")) or self.new_id()
        structlog.contextvars.bind_contextvars(correlation=correlation)
        body = hmac.digest(self.secret, await request.body(), "sha256").hex()
        who = f"{principal.opd}:{principal.person}" if principal else f"public:{body[:32]}"
        given = request.headers.get("idempotency-key")
        key = hmac.digest(self.secret, given.encode(), "sha256").hex()[:32] if given else self.new_id()
        return Call(
            principal=principal,
            role=role,
            command_id=f"http/{who}{request.url.path}/{key}",
            fingerprint=body,
            correlation=correlation,
            expected=_version(request.headers.get("if-match")),
            at=self.now(),
        )

    def occurred(self, call: Call, wished: datetime | None) -> datetime:
        """Return when it happened: now, or the time an importer, or Staf within the limit, gives.

        Raises:
            TimeNotAllowed: in the future, too long ago, or not this caller's to say.
        """
        if wished is None:
            return call.at
        oldest = call.at - self.backdating if call.principal is not None else call.at
        if wished > call.at + AHEAD or (wished < oldest and not call.imports):
            raise TimeNotAllowed
        return wished

    async def carry_out(
        self, call: Call, command: Any, stream: str, acted: Acted = NOW, *, command_id: str | None = None
    ) -> Appended:
        """Handle `command` for `call`; `command_id` replaces the call's where the wish has an identity of its own."""
        if acted.acted_by and not call.imports:
            raise ActorNotAllowed
        at = Circumstances(
            command_id=command_id or call.command_id,
            fingerprint=command_id or call.fingerprint,
            actor=acted.acted_by or call.actor,
            recorded_by=call.actor if acted.acted_by else None,
            occurred_at=self.occurred(call, acted.occurred_at),
            recorded_at=self.now(),
            correlation=call.correlation,
        )
        expected = call.expected if command_id is None else None
        appended = await self.handler.handle(command, stream, at, expected=expected)
        log.info("carried out", command=type(command).__name__, stream=stream, sequence=appended.head.sequence)
        return appended


def _correlation(header: str | None) -> str | None:
    """Take a caller's correlation id only where it cannot be mistaken for anything else in a log or a header."""
    return header if header and CORRELATION.fullmatch(header) else None


def _role(principal: Principal, roles: Sequence[str]) -> str:
    for role in (*roles, IMPORTER):
        if role in principal.roles:
            return role
    raise Forbidden(" / ".join(roles))


def _version(header: str | None) -> int | None:
    if header is None:
        return None
    seen = ETAG.fullmatch(header.strip())
    if seen is None:
        raise VersionUnreadable
    return int(seen[1])


def stamp(response: Response, stream: str, appended: Appended) -> str:
    """Set the ETag and return `<stream>@<sequence>`, the place to give as `?after=`."""
    response.headers["ETag"] = f'"{appended.head.sequence}"'
    return f"{stream}@{appended.head.sequence}"


def place(after: str, opd: str) -> tuple[str, int]:
    """Take `<stream>@<sequence>` apart; how far another office's stream is, is not told by waiting for it either."""
    stream, _, sequence = after.rpartition("@")
    if stream.count("/") != 2 or opd_of(stream) != opd:  # noqa: PLR2004 - service, office, complaint
        raise NotFound
    return stream, int(sequence)
