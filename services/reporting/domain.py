"""Step 13 of one case: recorded once, after what it needs to know was noted in whatever order it came."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import assert_never

from schemas.reporting import CaseNoted, CaseRecorded, DeliveryNoted, LetterNoted, ReportingEvent, WithdrawalNoted
from schemas.vocabulary import Outcome
from services.kernel.decider import Decider
from services.kernel.refusal import NotFound, Refusal
from services.reporting.commands import Command, NoteCase, NoteDelivery, NoteLetter, NoteWithdrawal, RecordCase


class LetterNotYetIssued(Refusal):
    code = "letter-not-yet-issued"
    kalimat = "Surat tanggapan belum diterbitkan, penanganan belum dapat dicatat sebagai selesai."
    kind = "conflict"


class NotYetDelivered(Refusal):
    code = "not-yet-delivered"
    kalimat = "Belum ada tanda terima atau bukti pengiriman surat kepada pengadu."
    kind = "conflict"


class NotWithdrawn(Refusal):
    code = "not-withdrawn"
    kalimat = "Pengaduan ini tidak dicabut oleh pengadu."
    kind = "conflict"


class AlreadyRecorded(Refusal):
    code = "already-recorded"
    kalimat = "Penanganan pengaduan ini sudah dicatat dengan hasil yang lain."
    kind = "conflict"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """What was noted so far. `no_identity` is None until the complaint itself was heard of."""

    no_identity: bool | None = None
    letter: bool = False
    delivered: bool = False
    received: bool = False
    withdrawn: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed:
    outcome: Outcome


State = Pending | Closed


def decide(command: Command, state: State) -> Sequence[ReportingEvent]:  # noqa: C901 - a table
    """Return what happens when `command` meets `state`.

    Raises:
        Refusal: LetterNotYetIssued, NotYetDelivered, NotWithdrawn, AlreadyRecorded, or NotFound.
    """
    match command, state:
        case NoteCase(), Pending(no_identity=None):
            return [CaseNoted(no_identity=command.no_identity)]
        case NoteLetter(), Pending(letter=False):
            return [LetterNoted(letter_number=command.letter_number)]
        case NoteDelivery(received=True), Pending(received=False):
            return [DeliveryNoted(received=True)]
        case NoteDelivery(received=False), Pending(delivered=False, received=False):
            return [DeliveryNoted(received=False)]
        case NoteWithdrawal(), Pending(withdrawn=False):
            return [WithdrawalNoted()]
        case ((NoteCase() | NoteLetter() | NoteDelivery() | NoteWithdrawal()), _):
            return []  # noted before, or too late to matter: a recorded case hears nothing more
        case RecordCase(), Pending():
            return _record(command, state)
        case RecordCase(), Closed():
            if command.outcome != state.outcome:
                raise AlreadyRecorded
            return []
        case _:
            assert_never(command)


def _record(command: RecordCase, state: Pending) -> Sequence[ReportingEvent]:
    if state.no_identity is None:
        raise NotFound
    if command.outcome == "withdrawn":
        if not state.withdrawn:
            raise NotWithdrawn
    elif not state.letter:
        raise LetterNotYetIssued
    elif not (state.delivered or state.received or state.no_identity):
        raise NotYetDelivered  # without identity there is nobody to deliver to: the notice board tells the outcome
    return [CaseRecorded(outcome=command.outcome, notes=command.notes)]


def evolve(state: State, event: ReportingEvent) -> State:
    match event, state:
        case _, Closed():
            return state
        case CaseNoted(), _:
            return replace(state, no_identity=event.no_identity)
        case LetterNoted(), _:
            return replace(state, letter=True)
        case DeliveryNoted(), _:
            return replace(state, delivered=True, received=state.received or event.received)
        case WithdrawalNoted(), _:
            return replace(state, withdrawn=True)
        case CaseRecorded(), _:
            return Closed(outcome=event.outcome)
        case _:
            assert_never(event)


reporting: Decider[Command, State, ReportingEvent] = Decider(initial=Pending(), decide=decide, evolve=evolve)
