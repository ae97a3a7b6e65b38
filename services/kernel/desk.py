"""Where a request becomes a command: who asks, under which command id, seen from where, and when it happened."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Annotated, Any

from fastapi import Header, Query, Request, Response
from pydantic import AwareDatetime

from services.kernel.commit import Appended
from services.kernel.envelope import Circumstances
from services.kernel.handling import Handler
from services.kernel.principal import Principal, Trust, Unauthenticated, verify
from services.kernel.refusal import Forbidden, NotFound, Refusal

IMPORTER = "importer"
AHEAD = timedelta(minutes=1)
KEY = r"^[\x21-\x7e]{8,128}$"


class TimeNotAllowed(Refusal):
    code = "occurred-at-not-allowed"
    kalimat = "Waktu kejadian ini tidak boleh dicatat: di masa depan, atau lebih lama dari batas pencatatan susulan."
    kind = "unprocessable"


class NotYetSeen(Refusal):
    code = "not-yet-seen"
    kalimat = "Perubahan yang Anda tunggu belum sampai. Silakan coba lagi."
    kind = "unavailable"


class VersionUnreadable(Refusal):
    code = "if-match-unreadable"
    kalimat = "Tajuk If-Match harus berisi ETag yang pernah diberikan."
    kind = "unprocessable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request, as the desk needs it. `who` is empty for the public."""

    principal: Principal | None
    command_id: str
    fingerprint: str
    correlation: str
    expected: int | None
    at: datetime

    @property
    def actor(self) -> str:
        return "public" if self.principal is None else self.principal.person


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """A service's counter. Time and identity come in here and nowhere further in."""

    handler: Handler
    trust: Trust
    now: Callable[[], datetime]
    new_id: Callable[[], str]
    backdating: timedelta

    def principal(self, request: Request) -> Principal:
        """Return who asks; raise Unauthenticated otherwise."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise Unauthenticated("token-missing")
        return verify(token, self.trust, self.now())

    def staff(self, *roles: str) -> Callable[[Request], Principal]:
        """Return a dependency that lets only holders of one of `roles` (or an importer) pass."""

        def allowed(request: Request) -> Principal:
            principal = self.principal(request)
            if principal.roles.isdisjoint({*roles, IMPORTER}):
                raise Forbidden(" / ".join(roles))
            return principal

        return allowed

    async def call(self, request: Request, principal: Principal | None) -> Call:
        """Take up a request that writes.

        Without an Idempotency-Key the request is its own: sent twice, it happens twice. An anonymous key counts only
        together with the body, so that nobody can ask for another's answer by guessing a key.
        """
        body = sha256(await request.body()).hexdigest()
        who = f"{principal.opd}:{principal.person}" if principal else f"public:{body[:32]}"
        key = request.headers.get("idempotency-key") or self.new_id()
        return Call(
            principal=principal,
            command_id=f"http/{who}{request.url.path}/{key}",
            fingerprint=body,
            correlation=request.headers.get("x-correlation-id") or self.new_id(),
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
        free = call.principal is not None and IMPORTER in call.principal.roles
        oldest = call.at - self.backdating if call.principal is not None else call.at
        if wished > call.at + AHEAD or (wished < oldest and not free):
            raise TimeNotAllowed
        return wished

    async def carry_out(
        self,
        call: Call,
        command: Any,
        stream: str,
        *,
        occurred_at: datetime | None = None,
        command_id: str | None = None,
    ) -> Appended:
        """Handle `command` for `call`; `command_id` replaces the call's where the wish has an identity of its own."""
        at = Circumstances(
            command_id=command_id or call.command_id,
            fingerprint=command_id or call.fingerprint,
            actor=call.actor,
            occurred_at=self.occurred(call, occurred_at),
            recorded_at=call.at,
            correlation=call.correlation,
        )
        return await self.handler.handle(command, stream, at, expected=call.expected if command_id is None else None)


def _version(header: str | None) -> int | None:
    if header is None:
        return None
    digits = header.strip().removeprefix("W/").strip('"')
    if not digits.isdigit():
        raise VersionUnreadable
    return int(digits)


def stamp(response: Response, stream: str, appended: Appended) -> str:
    """Set the ETag and return `<stream>@<sequence>`, the place to give as `?after=`."""
    response.headers["ETag"] = f'"{appended.head.sequence}"'
    return f"{stream}@{appended.head.sequence}"


Occurred = Annotated[AwareDatetime | None, "when it happened, if not now"]
After = Annotated[str | None, Query(pattern=r"^[\w./-]+@\d{1,9}$", description="tunggu sampai kejadian ini terbaca")]
IdempotencyKey = Annotated[str | None, Header(pattern=KEY, description="kunci pengulangan permintaan yang sama")]
IfMatch = Annotated[str | None, Header(description="ETag yang dilihat pengguna")]


def place(after: str) -> tuple[str, int]:
    """Take `<stream>@<sequence>` apart."""
    stream, _, sequence = after.rpartition("@")
    if stream.count("/") != 2:  # noqa: PLR2004 - service, office, complaint
        raise NotFound
    return stream, int(sequence)
