"""The sender: what is outstanding goes out, each attempt by whoever was elected for it.

Outstanding work is not kept anywhere: it follows from the `deliveries` rows. The append of AttemptDelivery elects one
sender for attempt n, before anything is sent; a stale row, another replica or a restart can only lose the election.
What happened is then reported. Between the two this process may die, and the mail server may fall silent: then the
attempt stays without a report, and the next, after a long silence, says of itself that it may be a double.
"""

import asyncio
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import structlog

from schemas.event import Sealed, Subject
from schemas.vocabulary import Complainant
from services.kernel.bell import heard
from services.kernel.envelope import Circumstances
from services.kernel.keys import NoKeys
from services.kernel.mongo import PASSING
from services.kernel.projection import Document
from services.kernel.refusal import Conflict, Refusal, Unavailable
from services.kernel.sealing import Erased, Foreign, Keyring, Misread, Tampered, WrongKey, open_
from services.kernel.service import Service
from services.notification.commands import AttemptDelivery, ReportDelivered, ReportFailed
from services.notification.effects.letters import TextUnknown, compose
from services.notification.effects.post import Refused, Unresolved, hand_over, written
from services.notification.projections import Due, plan

log = structlog.get_logger("sender")

AT_ONCE = 8
PAGE = 200
LOOK_SECONDS = 5.0
AGAIN_SECONDS = 1.0
CLOSING_SECONDS = 5.0
ACTOR = "policy:notification/sender"
UNOPENED = (Foreign, WrongKey, Tampered, Misread)

Message = tuple[bytes, str]
"""What goes out, and to which address."""


async def deliver(service: Service) -> None:
    """Send for ever: woken by new rows, and by the clock when the next attempt is due.

    Asked to stop, it gives letters that are being handed over a moment to end, so that a restart leaves no doubt.
    """
    sender = Sender(service)
    try:
        while True:
            view = service.rows("deliveries", "").view
            try:
                ring = view.changed.listen()
                rows = await view.everywhere(
                    {"derived.next_due_at": {"$gt": ""}}, sort="derived.next_due_at", limit=PAGE
                )
                await heard(ring, sender.begin(rows, service.desk.now()))
            except PASSING as fault:
                log.warning("waiting for MongoDB", fault=type(fault).__name__)
                await asyncio.sleep(AGAIN_SECONDS)
    finally:
        await sender.finish()


class Sender:
    """Attempts of this process: `_tried` are those under way and those whose row has not yet moved on."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._gate = asyncio.Semaphore(AT_ONCE)
        self._tried: set[tuple[str, int]] = set()
        self._under_way: set[asyncio.Task[None]] = set()

    def begin(self, rows: Iterable[Document], now: datetime) -> float:
        """Begin every attempt that is due and return how many seconds until the next one may be."""
        planned = [(row, due, (due.notification, due.attempt)) for row in rows for due in plan(row)]
        self._tried &= {key for _, _, key in planned}
        later = LOOK_SECONDS
        for row, due, key in planned:
            if due.at > now:
                later = min(later, (due.at - now).total_seconds())
            elif key not in self._tried:
                self._tried.add(key)
                task = asyncio.create_task(self._attempt(row, due), name=f"send-{due.notification}")
                self._under_way.add(task)
                task.add_done_callback(self._under_way.discard)
        return later

    async def finish(self) -> None:
        if self._under_way:
            await asyncio.wait(self._under_way, timeout=CLOSING_SECONDS)

    async def _attempt(self, row: Document, due: Due) -> None:
        async with self._gate:
            try:
                await self._deliver(row, due)
            except (*PASSING, Unavailable, Conflict) as fault:
                log.warning("attempt put off", notification=due.notification, fault=type(fault).__name__)
                await asyncio.sleep(AGAIN_SECONDS)
                self._tried.discard((due.notification, due.attempt))
            except Exception:
                log.exception("attempt broken off", notification=due.notification, attempt=due.attempt)

    async def _deliver(self, row: Document, due: Due) -> None:
        """Write the message, be elected, hand it over, report. What cannot be written is a failed attempt too."""
        prepared = await self._prepared(row, due)
        if not await self._elected(row, due):
            return
        try:
            if isinstance(prepared, Refused):
                raise prepared
            message, recipient = prepared
            await hand_over(message, recipient, self._service.settings)
        except Unresolved as silence:
            log.warning("attempt unresolved", notification=due.notification, fault=str(silence))
        except Refused as no:
            log.warning("attempt failed", notification=due.notification, attempt=due.attempt, reason=no.reason)
            await self._report(row, due, no)
        else:
            await self._report(row, due, None)

    async def _prepared(self, row: Document, due: Due) -> Message | Refused:
        try:
            ring = await self._service.trail.opening(row["complaint"], opd=row["opd"], who="sender", where="mail")
            return self._message(row, due, ring)
        except Erased:
            return Refused("data_erased", permanent=True)
        except (NoKeys, *UNOPENED):
            return Refused("data_unreadable", permanent=True)
        except TextUnknown:
            return Refused("text_unknown", permanent=False)
        except Refused as no:
            return no

    def _message(self, row: Document, due: Due, ring: Keyring) -> Message:
        delivery, settings = row["notification"], self._service.settings
        notice, office = delivery["notices"][due.notification], settings.offices.get(row["opd"], row["opd"])
        contact: Sealed[Subject, Complainant] = Sealed(delivery["complainant"])
        person = open_(ring, contact, Complainant)
        letter = open_(ring, Sealed[Any, str](notice["body"]), str) if notice["body"] else None
        if person.email is None:
            raise Refused("address_missing", permanent=True)
        told = compose(notice, name=person.name, number=number_of(row), office=office, letter=letter)
        at = self._service.desk.now()
        return written(told, person.email, office, due.notification, at, settings), person.email

    async def _elected(self, row: Document, due: Due) -> bool:
        """The command id is nobody else's, so a commit, even one found after an unknown outcome, is ours alone."""
        wish = AttemptDelivery(notification=due.notification, attempt=due.attempt, possible_double=due.possible_double)
        appended = await self._service.handler.handle(wish, _stream(row), self._circumstances("send", due))
        return appended.commit is not None

    async def _report(self, row: Document, due: Due, no: Refused | None) -> None:
        """Say what happened, again and again until it is recorded: the mail has gone, only the report can be lost."""
        said: ReportDelivered | ReportFailed = (
            ReportDelivered(notification=due.notification, attempt=due.attempt)
            if no is None
            else ReportFailed(
                notification=due.notification, attempt=due.attempt, reason=no.reason, permanent=no.permanent
            )
        )
        at = self._circumstances("report", due)
        while True:
            try:
                await self._service.handler.handle(said, _stream(row), at)
            except (*PASSING, Unavailable, Conflict) as fault:
                log.warning("report put off", notification=due.notification, fault=type(fault).__name__)
                await asyncio.sleep(AGAIN_SECONDS)
            except Refusal as late:
                log.warning("report came too late", notification=due.notification, code=late.code)
                return
            else:
                return

    def _circumstances(self, act: str, due: Due) -> Circumstances:
        desk = self._service.desk
        at, identity = desk.now(), f"{act}/{due.notification}/{due.attempt}"
        return Circumstances(
            command_id=f"{identity}/{desk.new_id()}",
            fingerprint=identity,
            actor=ACTOR,
            occurred_at=at,
            recorded_at=at,
            correlation=due.notification,
        )


def number_of(row: Document) -> str:
    """The register number some notice told of, or the complaint's identity, which can be tracked by as well."""
    notices = row["notification"]["notices"].values()
    return next((n["variables"]["number"] for n in notices if "number" in n["variables"]), str(row["complaint"]))


def _stream(row: Document) -> str:
    return f"notification/{row['opd']}/{row['complaint']}"
