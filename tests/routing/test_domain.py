from datetime import date

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

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
from schemas.vocabulary import Way
from services.kernel.refusal import NotFound, Refusal
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
from services.routing.domain.case import routing
from tests.situations import (
    A_DECIDED_CASE,
    A_DRAFTED_CASE,
    A_REVIEWED_CASE,
    A_SETTLED_CASE,
    AN_ANALYSED_CASE,
    AN_OPEN_CASE,
    ANALYSED,
    DISPOSED,
    DRAFTED,
    ISSUED,
    LETTER_NUMBER,
    OPENED,
    RETURNED,
    REVIEWED,
    sealed,
)
from tests.specification import lived, specification

given = specification(routing)

REVIEW = ReviewComplaint(review=sealed("review"), proposal=sealed("proposal"))
RETURN = ReturnReview(reason=sealed("why-returned"))
ANALYSE = AnalyseComplaint(analysis=sealed("analysis"), proposal=sealed("proposal"))
DECIDE = MakeDisposition(ways=("direct",), instruction=sealed("instruction"))
DRAFT = DraftRecommendation(body=sealed("body"))
ISSUE = IssueRecommendation(letter_number=LETTER_NUMBER, letter_date=date(2026, 3, 4), signature="wet")
STEPS = (REVIEW, RETURN, ANALYSE, DECIDE, DRAFT, ISSUE)


def test_the_direct_way_is_walked_step_by_step() -> None:
    given().when(OpenCase()).then(OPENED)
    given(*AN_OPEN_CASE).when(REVIEW).then(REVIEWED)
    given(*A_REVIEWED_CASE).when(ANALYSE).then(ANALYSED)
    given(*AN_ANALYSED_CASE).when(DECIDE).then(DISPOSED)
    given(*A_DECIDED_CASE).when(DRAFT).then(DRAFTED)
    given(*A_DRAFTED_CASE).when(ISSUE).then(ISSUED)


def test_a_case_is_opened_once() -> None:
    for history in (AN_OPEN_CASE, A_REVIEWED_CASE, A_SETTLED_CASE):
        given(*history).when(OpenCase()).then_nothing()


def test_a_case_nobody_opened_is_not_found() -> None:
    for command in STEPS:
        given().when(command).then_refused(NotFound)


@pytest.mark.parametrize(
    ("history", "command", "refusal"),
    [
        (AN_OPEN_CASE, ANALYSE, no.NotYetReviewed),
        (AN_OPEN_CASE, RETURN, no.NotYetReviewed),
        (AN_OPEN_CASE, DECIDE, no.NotYetAnalysed),
        (A_REVIEWED_CASE, DECIDE, no.NotYetAnalysed),
        (A_REVIEWED_CASE, DRAFT, no.NotYetDecided),
        (AN_ANALYSED_CASE, ISSUE, no.NotYetDecided),
        (A_DECIDED_CASE, ISSUE, no.NotYetDrafted),
    ],
)
def test_no_step_is_taken_before_its_time(
    history: tuple[RoutingEvent, ...], command: Command, refusal: type[Refusal]
) -> None:
    given(*history).when(command).then_refused(refusal)


@pytest.mark.parametrize(
    ("history", "command", "refusal"),
    [
        (A_REVIEWED_CASE, REVIEW, no.AlreadyReviewed),
        (AN_ANALYSED_CASE, ANALYSE, no.AlreadyAnalysed),
        (AN_ANALYSED_CASE, RETURN, no.AlreadyAnalysed),
        (A_DECIDED_CASE, DECIDE, no.AlreadyDecided),
        (A_SETTLED_CASE, DRAFT, no.AlreadyIssued),
    ],
)
def test_no_step_is_taken_twice(history: tuple[RoutingEvent, ...], command: Command, refusal: type[Refusal]) -> None:
    given(*history).when(command).then_refused(refusal)


def test_a_returned_review_is_done_again() -> None:
    given(*A_REVIEWED_CASE).when(RETURN).then(RETURNED)
    given(*A_REVIEWED_CASE, RETURNED).when(REVIEW).then(REVIEWED)
    given(*A_REVIEWED_CASE, RETURNED).when(ANALYSE).then_refused(no.NotYetReviewed)


@pytest.mark.parametrize("ways", [("study",), ("meeting",), ("transfer",), ("study", "meeting"), ("direct", "study")])
def test_only_the_direct_way_is_open(ways: tuple[Way, ...]) -> None:
    wish = MakeDisposition(ways=ways, instruction=sealed("instruction"))
    given(*AN_ANALYSED_CASE).when(wish).then_refused(no.WayNotYetOpen)


def test_a_disposition_names_a_way() -> None:
    wish = MakeDisposition(ways=(), instruction=sealed("instruction"))
    given(*AN_ANALYSED_CASE).when(wish).then_refused(no.WayMissing)


def test_a_draft_may_be_written_anew_until_it_is_signed() -> None:
    better = DraftRecommendation(body=sealed("better"))
    second = RecommendationDrafted(title=DRAFTED.title, body=sealed("better"), draft=2)
    given(*A_DRAFTED_CASE).when(better).then(second)
    signed = RecommendationIssued(
        title=DRAFTED.title,
        letter_number=LETTER_NUMBER,
        letter_date=date(2026, 3, 4),
        signature="wet",
        body=sealed("better"),
    )
    given(*A_DRAFTED_CASE, second).when(ISSUE).then(signed)


def test_a_letter_is_signed_once() -> None:
    given(*A_SETTLED_CASE).when(ISSUE).then_nothing()
    other = IssueRecommendation(letter_number="999", letter_date=date(2026, 3, 4), signature="wet")
    given(*A_SETTLED_CASE).when(other).then_refused(no.AlreadyIssued)


def test_a_letter_after_a_meeting_has_another_title() -> None:
    after_meeting = DispositionMade(ways=("meeting",), instruction=sealed("instruction"))
    recommendation = RecommendationDrafted(title="Surat Rekomendasi", body=sealed("body"), draft=1)
    given(*AN_ANALYSED_CASE, after_meeting).when(DRAFT).then(recommendation)


def test_a_withdrawal_ends_the_case_wherever_it_stands() -> None:
    for history in (AN_OPEN_CASE, A_REVIEWED_CASE, AN_ANALYSED_CASE, A_DECIDED_CASE, A_DRAFTED_CASE):
        given(*history).when(NoteWithdrawal()).then(WithdrawalNoted())
        for command in STEPS:
            given(*history, WithdrawalNoted()).when(command).then_refused(no.AlreadyWithdrawn)


def test_a_withdrawal_may_be_heard_of_before_the_case() -> None:
    given().when(NoteWithdrawal()).then(WithdrawalNoted())
    given(WithdrawalNoted()).when(OpenCase()).then_nothing()
    given(WithdrawalNoted()).when(NoteWithdrawal()).then_nothing()


def test_a_signed_letter_outlasts_a_withdrawal_that_crossed_it() -> None:
    given(*A_SETTLED_CASE).when(NoteWithdrawal()).then_nothing()


policies: st.SearchStrategy[Command] = st.sampled_from([OpenCase(), NoteWithdrawal()])
steps: st.SearchStrategy[Command] = st.sampled_from(STEPS)
anything = st.one_of(steps, steps, steps, st.just(OpenCase()), policies)
PREDECESSORS: dict[type[RoutingEvent], set[type[RoutingEvent] | None]] = {
    CaseOpened: {None},
    ComplaintReviewed: {CaseOpened, ReviewReturned},
    ReviewReturned: {ComplaintReviewed},
    ComplaintAnalysed: {ComplaintReviewed},
    DispositionMade: {ComplaintAnalysed},
    RecommendationDrafted: {DispositionMade, RecommendationDrafted},
    RecommendationIssued: {RecommendationDrafted},
    WithdrawalNoted: {
        None,
        CaseOpened,
        ComplaintReviewed,
        ReviewReturned,
        ComplaintAnalysed,
        DispositionMade,
        RecommendationDrafted,
    },
}


@for_all(st.lists(anything, max_size=30))
def test_any_order_of_wishes_keeps_the_order_of_steps(commands: list[Command]) -> None:
    before: type[RoutingEvent] | None = None
    for event in lived(routing, commands):
        assert before in PREDECESSORS[type(event)]
        before = type(event)


@for_all(st.lists(anything, max_size=20), policies)
def test_a_policy_is_never_refused(commands: list[Command], order: Command) -> None:
    assert isinstance(routing.decide(order, routing.fold(lived(routing, commands))), list)
