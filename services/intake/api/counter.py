"""Steps 1 and 2 as acts on a complaint, whoever performs them: seal, make the command, carry it out."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from schemas.event import File, Sealed, Subject
from schemas.intake import ComplaintFiled, NumberAssigned
from schemas.vocabulary import CHANNELS, Supplement
from services.intake.api.requests import (
    CompletionDemand,
    CounterFiling,
    Filed,
    Filing,
    Supplementing,
    Withdrawal,
)
from services.intake.commands import (
    AssignNumber,
    Command,
    FileComplaint,
    IssueReceipt,
    RequestCompletion,
    SupplementComplaint,
    WithdrawComplaint,
)
from services.intake.domain.complaint import ready_for_receipt
from services.intake.domain.state import Checked
from services.kernel import clock
from services.kernel.commit import Appended, Commit
from services.kernel.desk import AHEAD, NOW, Acted, Call, TimeNotAllowed
from services.kernel.edge import keyring
from services.kernel.refusal import Conflict, Stale
from services.kernel.sealing import Keyring, open_, seal, token
from services.kernel.service import Service


@dataclass(frozen=True, slots=True)
class Counter:
    """Intake's acts. `opd` is always the caller's own, or the one a public form belongs to."""

    service: Service

    def hash_of(self, code: str) -> str:
        return token(self.service.settings.token_key.get_secret_value().encode(), code)

    async def file(self, call: Call, opd: str, filing: Filing) -> tuple[Filed, Appended]:
        """File a complaint; the same Idempotency-Key answers the same complaint and tracking code."""
        complaint, code = self.service.desk.new_id(), clock.new_code()
        entered = filing if isinstance(filing, CounterFiling) else None
        if entered:
            self._arrived_before(call, entered)
        ring = await self.service.keys.claim(complaint, opd)
        command = self._filing(ring, code, filing, entered)
        stream = f"intake/{opd}/{complaint}"
        appended = await self.service.desk.carry_out(call, command, stream, entered or NOW)
        if appended.repeated and appended.commit is not None:
            return await self._filed_before(appended.commit), appended
        return Filed(complaint=complaint, recorded=f"{stream}@1", tracking_code=code), appended

    def _arrived_before(self, call: Call, entered: CounterFiling) -> None:
        """Refuse an arrival after the filing: the month of the recap follows from it, and the clock of step 2."""
        filed = self.service.desk.occurred(call, entered.occurred_at)
        if entered.arrived_at is not None and entered.arrived_at > filed + AHEAD:
            raise TimeNotAllowed

    def _filing(self, ring: Keyring, code: str, filing: Filing, entered: CounterFiling | None) -> FileComplaint:
        person = filing.complainant
        return FileComplaint(
            channels=frozenset(CHANNELS),
            channel=entered.channel if entered else "web",
            story=seal(ring, Subject, filing.story),
            complainant=seal(ring, Subject, person) if person else None,
            contacts=person.contacts if person else (),
            identity_hidden=filing.identity_hidden,
            content_public=filing.content_public,
            tracking_hash=self.hash_of(code),
            tracking_code=seal(ring, Subject, code),
            service=entered.service if entered else None,
            arrived_at=entered.arrived_at if entered else None,
            form_opened_at=filing.form_opened_at,
            letter_date=entered.letter_date if entered else None,
            agenda_number=entered.agenda_number if entered else None,
        )

    async def _filed_before(self, commit: Commit) -> Filed:
        filed = commit.facts(self.service.definition.language)[0]
        event = filed.event
        assert isinstance(event, ComplaintFiled)  # noqa: S101 - this command records nothing else
        code = open_(await self.service.keys.of(filed.subject), event.tracking_code, str)
        return Filed(complaint=filed.subject, recorded=filed.id, tracking_code=code)

    async def request_completion(self, call: Call, complaint: str, demand: CompletionDemand) -> Appended:
        sealed: Sealed[File, str] = seal(await self._ring(call.opd, complaint), File, demand.notice)
        command = RequestCompletion(missing=tuple(demand.missing), notice=sealed)
        return await self.act(call, call.opd, complaint, command, demand)

    async def supplement(
        self, call: Call, opd: str, complaint: str, brought: Supplementing, code: str | None = None
    ) -> Appended:
        """Record what the complainant brought; `code` is None when Staf record it from paper."""
        ring = await self._ring(opd, complaint)
        command = SupplementComplaint(
            supplement=seal(ring, Subject, Supplement(text=brought.text)),
            documents=tuple(brought.documents),
            tracking_hash=None if code is None else self.hash_of(code),
        )
        return await self.act(call, opd, complaint, command, brought)

    async def withdraw(
        self, call: Call, opd: str, complaint: str, wish: Withdrawal, code: str | None = None
    ) -> Appended:
        """Withdraw; `code` is None when Staf hold a signed statement."""
        ring = await self._ring(opd, complaint)
        command = WithdrawComplaint(
            tracking_hash=None if code is None else self.hash_of(code),
            reason=None if wish.reason is None else seal(ring, Subject, wish.reason),
        )
        return await self.act(call, opd, complaint, command, wish)

    async def receipt(self, call: Call, complaint: str, acted: Acted) -> tuple[str, Appended]:
        """Take the next number, then issue the receipt that carries it.

        A crash between the two leaves a number whose receipt the policy finishes. Asked again, the number is the same.
        """
        await self._may_take_a_number(call, f"intake/{call.opd}/{complaint}")
        number = await self._number(call, complaint, acted)
        return number, await self.act(call, call.opd, complaint, IssueReceipt(number=number), acted)

    async def _may_take_a_number(self, call: Call, stream: str) -> None:
        """Refuse now what the receipt would be refused for: once a number is taken, the policy finishes the receipt."""
        standing = await self.service.handler.standing(stream)
        ready_for_receipt(standing.state)
        numbered = isinstance(standing.state, Checked) and standing.state.receipt is not None
        if not numbered and call.expected not in (None, standing.head.sequence):
            raise Stale(await self.service.handler.since(stream, call.expected or 0))

    async def _number(self, call: Call, complaint: str, acted: Acted) -> str:
        happened = self.service.desk.occurred(call, acted.occurred_at)
        year = happened.astimezone(ZoneInfo(self.service.settings.time_zone)).year
        command = AssignNumber(complaint=complaint, opd=call.opd, year=year, starts_after=0)
        appended = await self.service.desk.carry_out(
            call, command, f"register/{call.opd}/{year}", acted, command_id=f"number/{call.opd}/{complaint}"
        )
        if appended.commit is None:
            raise Conflict(complaint)
        assigned = appended.commit.facts(self.service.definition.language)[0].event
        assert isinstance(assigned, NumberAssigned)  # noqa: S101 - a register records nothing else
        return assigned.number

    async def _ring(self, opd: str, complaint: str) -> Keyring:
        return await keyring(self.service, f"intake/{opd}/{complaint}")

    async def act(self, call: Call, opd: str, complaint: str, command: Command, acted: Acted = NOW) -> Appended:
        return await self.service.desk.carry_out(call, command, f"intake/{opd}/{complaint}", acted)
