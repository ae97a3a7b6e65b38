"""Steps 1 and 2 of one complaint: filed, classified, checked for completeness, receipted; or withdrawn."""

from collections.abc import Sequence
from hmac import compare_digest
from typing import assert_never

from schemas.intake import (
    ComplaintClassified,
    ComplaintDeclaredComplete,
    ComplaintEvent,
    ComplaintFiled,
    ComplaintSupplemented,
    ComplaintWithdrawn,
    CompletionRequested,
    LetterNoted,
    NumberVoided,
    ReceiptIssued,
)
from schemas.vocabulary import Proof
from services.intake.commands import (
    ClassifyComplaint,
    Command,
    DeclareComplete,
    FileComplaint,
    FinishReceipt,
    IssueReceipt,
    NoteLetter,
    RequestCompletion,
    SupplementComplaint,
    WithdrawComplaint,
)
from services.intake.domain import refusals as no
from services.intake.domain.state import Absent, Checked, Classified, Filed, Known, State, Withdrawn, evolve
from services.kernel.decider import Decider
from services.kernel.refusal import NotFound


def decide(command: Command, state: State) -> Sequence[ComplaintEvent]:  # noqa: C901, PLR0912 - a table
    """Return what happens when `command` meets `state`.

    Raises:
        Refusal: one of `services.intake.domain.refusals`, or NotFound for a complaint nobody filed.
    """
    match command, state:
        case FileComplaint(), _:
            return _file(command, state)
        case FinishReceipt(), Checked(receipt=None):
            return [_receipt(command.number, state)]
        case FinishReceipt(), Withdrawn(number=None):
            return [NumberVoided(number=command.number)]
        case NoteLetter(), Checked(letter_signed=False):
            return [LetterNoted(letter_number=command.letter_number)]
        case ((FinishReceipt() | NoteLetter()), _):
            return []
        case _, Absent():
            raise NotFound
        case WithdrawComplaint(), _:
            return _withdraw(command, state)
        case SupplementComplaint(), _:
            return _supplement(command, state)
        case _, Withdrawn():
            raise no.AlreadyWithdrawn
        case ClassifyComplaint(), _:
            return _classify(command, state)
        case _, Filed():
            raise no.NotYetClassified
        case RequestCompletion(), _:
            return _request_completion(command, state)
        case DeclareComplete(), Checked(missing=()):
            return []
        case DeclareComplete(), _:
            return [ComplaintDeclaredComplete()]
        case IssueReceipt(), _:
            return _issue_receipt(command, state)
        case _:
            assert_never(command)


def ready_for_receipt(state: State) -> None:
    """Pass when a receipt may be issued. To be asked before a number is taken: a number cannot be given back.

    Once it passes, it passes until the complaint is withdrawn.

    Raises:
        Refusal: NotFound, AlreadyWithdrawn, NotYetClassified or NotYetChecked.
    """
    match state:
        case Absent():
            raise NotFound
        case Withdrawn():
            raise no.AlreadyWithdrawn
        case Filed():
            raise no.NotYetClassified
        case Classified():
            raise no.NotYetChecked
        case Checked():
            return
        case _:
            assert_never(state)


def _file(command: FileComplaint, state: State) -> Sequence[ComplaintEvent]:
    if not isinstance(state, Absent):
        if state.tracking_hash == command.tracking_hash:
            return []
        raise no.AlreadyFiled
    if command.channel not in command.channels:
        raise no.ChannelUnknown(command.channel)
    if command.complainant is None and command.contacts:
        raise no.ContactWithoutIdentity
    return [
        ComplaintFiled(
            channel=command.channel,
            story=command.story,
            complainant=command.complainant,
            no_identity=command.complainant is None,
            contacts=command.contacts,
            identity_hidden=command.identity_hidden,
            content_public=command.content_public,
            tracking_hash=command.tracking_hash,
            tracking_code=command.tracking_code,
            service=command.service,
            arrived_at=command.arrived_at,
            form_opened_at=command.form_opened_at,
            letter_date=command.letter_date,
            agenda_number=command.agenda_number,
        )
    ]


def _classify(command: ClassifyComplaint, state: Filed | Classified | Checked) -> Sequence[ComplaintEvent]:
    if command.kind != "complaint":
        raise no.KindNotYetOpen(command.kind)
    wished = ComplaintClassified(
        kind=command.kind, category=command.category, title=command.title, service=command.service
    )
    if isinstance(state, Filed):
        return [wished]
    if state.classification != wished:
        raise no.AlreadyClassified
    return []


def _request_completion(command: RequestCompletion, state: Classified | Checked) -> Sequence[ComplaintEvent]:
    if not command.missing:
        raise no.NothingMissing
    if isinstance(state, Checked):
        if not state.missing:
            raise no.AlreadyComplete
        if state.missing == command.missing and not state.supplemented:
            return []
    return [CompletionRequested(missing=command.missing, notice=command.notice)]


def _supplement(command: SupplementComplaint, state: Known) -> Sequence[ComplaintEvent]:
    """Who shows no right code learns nothing of how the complaint stands."""
    proof = _proof(command.tracking_hash, state)
    if isinstance(state, Withdrawn):
        raise no.AlreadyWithdrawn
    if isinstance(state, Filed):
        raise no.NotYetClassified
    if isinstance(state, Classified):
        raise no.NothingAsked
    if not state.missing:
        raise no.AlreadyComplete
    return [ComplaintSupplemented(supplement=command.supplement, documents=command.documents, proof=proof)]


def _issue_receipt(command: IssueReceipt, state: Classified | Checked) -> Sequence[ComplaintEvent]:
    if isinstance(state, Classified):
        raise no.NotYetChecked
    if state.receipt is not None and state.receipt.number != command.number:
        raise no.NumberDiffers
    if state.receipt is not None and state.receipt.missing == state.missing:
        return []
    return [_receipt(command.number, state)]


def _receipt(number: str, state: Checked) -> ReceiptIssued:
    edition = 1 if state.receipt is None else state.receipt.edition + 1
    return ReceiptIssued(number=number, edition=edition, complete=not state.missing, missing=state.missing)


def _withdraw(command: WithdrawComplaint, state: Known) -> Sequence[ComplaintEvent]:
    proof = _proof(command.tracking_hash, state)
    if isinstance(state, Withdrawn):
        return []
    if isinstance(state, Checked) and state.letter_signed:
        raise no.LetterAlreadySigned
    return [ComplaintWithdrawn(proof=proof, reason=command.reason)]


def _proof(shown: str | None, state: Known) -> Proof:
    if shown is None:
        return "signed_statement"
    if not compare_digest(shown, state.tracking_hash):
        raise no.TrackingCodeWrong
    return "tracking_code"


intake: Decider[Command, State, ComplaintEvent] = Decider(initial=Absent(), decide=decide, evolve=evolve)
