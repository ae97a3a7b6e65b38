"""What the API rooms of all services have in common: who may act and when, with which keys, and how it is answered."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Annotated

from fastapi import Depends, Response
from pydantic import BaseModel

from services.kernel.commit import Appended
from services.kernel.desk import After, Call, stamp
from services.kernel.refusal import NotFound
from services.kernel.sealing import Keyring
from services.kernel.service import Service


class OfficeUnknown(NotFound):
    code = "office-unknown"
    kalimat = "Kantor ini tidak terdaftar."


class Done(BaseModel):
    """`recorded` is the place to give as `?after=` to whatever is asked next, of any service."""

    complaint: str
    recorded: str


def acting(service: Service, *roles: str) -> Callable[..., Awaitable[Call]]:
    """Return a dependency: as `Desk.acting`, once the policies are through what the caller comes after."""
    permitted = service.desk.acting(*roles)

    async def call(call: Annotated[Call, Depends(permitted)], after: After = None) -> Call:
        await service.reacted(call.opd, after)
        return replace(call, at=service.desk.now())  # what is done now is done after what it waited for

    return call


def office(service: Service) -> Callable[[str], Awaitable[str]]:
    """Return a dependency: the `opd` of a public address, if it is on this bus."""

    async def known(opd: str) -> str:
        if opd not in service.settings.offices:
            raise OfficeUnknown
        return opd

    return known


async def keyring(service: Service, stream: str) -> Keyring:
    """Return the keys to seal with for a stream that has begun.

    The stream is asked first: keys know no office, and whether a complaint of another one exists is not told.

    Raises:
        NotFound: nothing was ever recorded in `stream`.
    """
    await begun(service, stream)
    return await service.keys.of(stream.rsplit("/", 1)[1])


async def begun(service: Service, stream: str) -> None:
    """Pass when something was recorded in `stream`, else raise NotFound."""
    if (await service.handler.standing(stream)).head.sequence == 0:
        raise NotFound


def done(response: Response, stream: str, appended: Appended) -> Done:
    return Done(complaint=stream.rsplit("/", 1)[1], recorded=stamp(response, stream, appended))
