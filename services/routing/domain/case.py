"""Steps 3, 4, 5 and 11 of one case: reviewed, analysed, decided, answered by letter; or ended by a withdrawal."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import assert_never

from schemas.event import File, Sealed
from schemas.routing import (
    CaseOpened,
    ComplaintAnalysed,
    ComplaintReviewed,
    DispositionMade,
    RecommendationDrafted,
    RecommendationIssued,
    ReviewReturned,
    RoutingEvent,
    WithdrawalNoted,
)
from schemas.vocabulary import Way, letter_title
from services.kernel.decider import Decider
from services.kernel.refusal import NotFound
from services.routing.commands import (
    AnalyseComplaint,
    Command,
    DraftRecommendation,
    IssueRecommendation,
    MakeDisposition,
    NoteWithdrawal,
    OpenCase,
    ReturnReview,
    ReviewComplaint,
)
from services.routing.domain import refusals as no

OPEN_WAYS: frozenset[Way] = frozenset({"direct"})


@dataclass(frozen=True, slots=True)
class Absent:
    pass


@dataclass(frozen=True, slots=True)
class UnderReview:
    """With the Kasi (step 3), for the first time or again."""


@dataclass(frozen=True, slots=True)
class Reviewed:
    """With the Kabid (step 4)."""


@dataclass(frozen=True, slots=True)
class Analysed:
    """With the Kadis (step 5)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """The letter is to be written (step 11) under the title of the way decided."""

    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Drafted:
    """The letter is with the Kadis to sign; until then it may be written anew."""

    title: str
    body: Sealed[File, str]
    draft: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Issued:
    letter: RecommendationIssued


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """Also when the withdrawal was noted before the case was opened: then it never is."""


Open = UnderReview | Reviewed | Analysed | Decided | Drafted | Issued
State = Absent | Open | Withdrawn

Deciding = ReviewComplaint | ReturnReview | AnalyseComplaint | MakeDisposition
Writing = DraftRecommendation | IssueRecommendation


def decide(command: Command, state: State) -> Sequence[RoutingEvent]:  # noqa: C901 - a table
    """Return what happens when `command` meets `state`.

    Raises:
        Refusal: one of `services.routing.domain.refusals`, or NotFound for a case never opened.
    """
    match command, state:
        case OpenCase(), Absent():
            return [CaseOpened()]
        case OpenCase(), _:
            return []
        case NoteWithdrawal(), (Withdrawn() | Issued()):
            return []  # a signed letter crossed the withdrawal: it stays, and there is nothing left to end
        case NoteWithdrawal(), _:
            return [WithdrawalNoted()]
        case _, Absent():
            raise NotFound
        case _, Withdrawn():
            raise no.AlreadyWithdrawn
        case ((ReviewComplaint() | ReturnReview() | AnalyseComplaint() | MakeDisposition()), _):
            return _towards_decision(command, state)
        case ((DraftRecommendation() | IssueRecommendation()), _):
            return _towards_letter(command, state)
        case _:
            assert_never(command)


def _towards_decision(command: Deciding, state: Open) -> Sequence[RoutingEvent]:  # noqa: C901 - a table
    match command, state:
        case ReviewComplaint(), UnderReview():
            return [ComplaintReviewed(review=command.review, proposal=command.proposal)]
        case ReviewComplaint(), _:
            raise no.AlreadyReviewed
        case ((ReturnReview() | AnalyseComplaint()), UnderReview()):
            raise no.NotYetReviewed
        case ReturnReview(), Reviewed():
            return [ReviewReturned(reason=command.reason)]
        case AnalyseComplaint(), Reviewed():
            return [ComplaintAnalysed(analysis=command.analysis, proposal=command.proposal)]
        case ((ReturnReview() | AnalyseComplaint()), _):
            raise no.AlreadyAnalysed
        case MakeDisposition(), (UnderReview() | Reviewed()):
            raise no.NotYetAnalysed
        case MakeDisposition(), Analysed():
            return [_disposition(command)]
        case MakeDisposition(), _:
            raise no.AlreadyDecided
        case _:
            assert_never(command)


def _towards_letter(command: Writing, state: Open) -> Sequence[RoutingEvent]:
    match command, state:
        case _, (UnderReview() | Reviewed() | Analysed()):
            raise no.NotYetDecided
        case DraftRecommendation(), (Decided() | Drafted()):
            return [_draft(command, state)]
        case DraftRecommendation(), _:
            raise no.AlreadyIssued
        case IssueRecommendation(), Decided():
            raise no.NotYetDrafted
        case IssueRecommendation(), Drafted():
            return [_letter(command, state.title, state.body)]
        case IssueRecommendation(), Issued():
            if _letter(command, state.letter.title, state.letter.body) != state.letter:
                raise no.AlreadyIssued
            return []
        case _:
            assert_never(command)


def _disposition(command: MakeDisposition) -> DispositionMade:
    if not command.ways:
        raise no.WayMissing
    if shut := set(command.ways) - OPEN_WAYS:
        raise no.WayNotYetOpen(", ".join(sorted(shut)))
    return DispositionMade(ways=tuple(sorted(set(command.ways))), instruction=command.instruction)


def _draft(command: DraftRecommendation, state: Decided | Drafted) -> RecommendationDrafted:
    draft = state.draft + 1 if isinstance(state, Drafted) else 1
    return RecommendationDrafted(title=state.title, body=command.body, draft=draft)


def _letter(command: IssueRecommendation, title: str, body: Sealed[File, str]) -> RecommendationIssued:
    return RecommendationIssued(
        title=title,
        letter_number=command.letter_number,
        letter_date=command.letter_date,
        signature=command.signature,
        body=body,
    )


def evolve(state: State, event: RoutingEvent) -> State:
    match event:
        case CaseOpened() | ReviewReturned():
            return UnderReview()
        case ComplaintReviewed():
            return Reviewed()
        case ComplaintAnalysed():
            return Analysed()
        case DispositionMade():
            return Decided(title=letter_title(event.ways))
        case RecommendationDrafted():
            return Drafted(title=event.title, body=event.body, draft=event.draft)
        case RecommendationIssued():
            return Issued(letter=event)
        case WithdrawalNoted():
            return Withdrawn()
        case _:
            assert_never(event)


routing: Decider[Command, State, RoutingEvent] = Decider(initial=Absent(), decide=decide, evolve=evolve)
