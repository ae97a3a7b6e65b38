from typing import Any

from hypothesis import given as for_all
from hypothesis import strategies as st

from schemas.intake import (
    ComplaintDeclaredComplete,
    ComplaintEvent,
    ComplaintFiled,
    ComplaintWithdrawn,
    LetterNoted,
    NumberAssigned,
    NumberVoided,
    ReceiptIssued,
)
from services.intake.commands import (
    AssignNumber,
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
from services.intake.domain.complaint import intake, ready_for_receipt
from services.intake.domain.register import number_of, register
from services.kernel.refusal import NotFound, Refusal
from tests.situations import (
    A_CLASSIFIED_COMPLAINT,
    A_COMPLETE_COMPLAINT,
    A_FILED_COMPLAINT,
    A_RECEIPTED_COMPLAINT,
    A_WITHDRAWN_COMPLAINT,
    AN_INCOMPLETE_COMPLAINT,
    ASKED,
    CLASSIFIED,
    CODE_HASH,
    COMPLETE,
    FILED,
    LETTER_NOTED,
    LETTER_NUMBER,
    NUMBER,
    RECEIPT,
    RECEIPT_INCOMPLETE,
    SUPPLEMENTED,
    WITHDRAWN,
    WRONG_HASH,
    sealed,
)
from tests.specification import lived, specification

given = specification(intake)
given_register = specification(register)


def filing(**differently: Any) -> FileComplaint:
    wish: dict[str, Any] = {
        "channels": frozenset({"web", "counter"}),
        "channel": "web",
        "story": sealed("story"),
        "complainant": sealed("complainant"),
        "contacts": ("email", "telephone"),
        "tracking_hash": CODE_HASH,
        "tracking_code": sealed("code"),
        "service": "Izin mendirikan bangunan",
    }
    return FileComplaint(**{**wish, **differently})


CLASSIFY = ClassifyComplaint(kind="complaint", category="permit_delay", title="Izin belum terbit")
ASK = RequestCompletion(missing=("evidence",), notice=sealed("notice"))
SUPPLEMENT = SupplementComplaint(supplement=sealed("supplement"), documents=("evidence",), tracking_hash=CODE_HASH)
RECEIPT_PLEASE = IssueReceipt(number=NUMBER)
WITHDRAW = WithdrawComplaint(tracking_hash=CODE_HASH)


def test_a_complaint_is_filed_once() -> None:
    given().when(filing()).then(FILED)
    given(*A_FILED_COMPLAINT).when(filing()).then_nothing()


def test_another_complaint_cannot_take_the_place_of_one() -> None:
    given(*A_FILED_COMPLAINT).when(filing(tracking_hash=WRONG_HASH)).then_refused(no.AlreadyFiled)


def test_a_complaint_comes_by_a_channel_that_is_open() -> None:
    given().when(filing(channel="pigeon")).then_refused(no.ChannelUnknown)


def test_a_complaint_without_identity_says_so_and_has_no_contact() -> None:
    given().when(filing(complainant=None)).then_refused(no.ContactWithoutIdentity)
    nobody = filing(complainant=None, contacts=(), service=None)
    filed = ComplaintFiled(
        channel="web",
        story=sealed("story"),
        no_identity=True,
        tracking_hash=CODE_HASH,
        tracking_code=sealed("code"),
    )
    given().when(nobody).then(filed)


def test_content_is_not_public_unless_asked_for() -> None:
    assert not FILED.content_public


def test_staf_classify_it_once() -> None:
    given(*A_FILED_COMPLAINT).when(CLASSIFY).then(CLASSIFIED)
    given(*A_CLASSIFIED_COMPLAINT).when(CLASSIFY).then_nothing()
    otherwise = ClassifyComplaint(kind="complaint", category="conduct", title="Sikap petugas")
    given(*A_CLASSIFIED_COMPLAINT).when(otherwise).then_refused(no.AlreadyClassified)


def test_only_complaints_are_open_to_triage() -> None:
    enquiry = ClassifyComplaint(kind="enquiry", category="permit_delay", title="Syarat izin")
    given(*A_FILED_COMPLAINT).when(enquiry).then_refused(no.KindNotYetOpen)


def test_nothing_happens_to_a_complaint_nobody_filed() -> None:
    for command in (CLASSIFY, ASK, SUPPLEMENT, DeclareComplete(), RECEIPT_PLEASE, WITHDRAW):
        given().when(command).then_refused(NotFound)


def test_completeness_is_stated_after_classification() -> None:
    for command in (ASK, DeclareComplete(), RECEIPT_PLEASE):
        given(*A_FILED_COMPLAINT).when(command).then_refused(no.NotYetClassified)


def test_what_is_missing_is_asked_for_and_asked_once() -> None:
    given(*A_CLASSIFIED_COMPLAINT).when(ASK).then(ASKED)
    given(*AN_INCOMPLETE_COMPLAINT).when(ASK).then_nothing()
    given(*AN_INCOMPLETE_COMPLAINT, SUPPLEMENTED).when(ASK).then(ASKED)
    given(*AN_INCOMPLETE_COMPLAINT, SUPPLEMENTED, ASKED).when(ASK).then_nothing()


def test_asking_names_what_is_missing() -> None:
    nothing = RequestCompletion(missing=(), notice=sealed("notice"))
    given(*A_CLASSIFIED_COMPLAINT).when(nothing).then_refused(no.NothingMissing)


def test_a_supplement_answers_a_request() -> None:
    given(*AN_INCOMPLETE_COMPLAINT).when(SUPPLEMENT).then(SUPPLEMENTED)
    given(*A_CLASSIFIED_COMPLAINT).when(SUPPLEMENT).then_refused(no.NothingAsked)
    given(*A_COMPLETE_COMPLAINT).when(SUPPLEMENT).then_refused(no.AlreadyComplete)


def test_a_supplement_shows_the_right_code() -> None:
    stranger = SupplementComplaint(supplement=sealed("supplement"), tracking_hash=WRONG_HASH)
    for situation in (A_FILED_COMPLAINT, A_CLASSIFIED_COMPLAINT, AN_INCOMPLETE_COMPLAINT, A_COMPLETE_COMPLAINT):
        given(*situation).when(stranger).then_refused(no.TrackingCodeWrong)
        given(*situation, WITHDRAWN).when(stranger).then_refused(no.TrackingCodeWrong)


def test_a_complete_file_is_declared_complete_once() -> None:
    given(*A_CLASSIFIED_COMPLAINT).when(DeclareComplete()).then(COMPLETE)
    given(*AN_INCOMPLETE_COMPLAINT, SUPPLEMENTED).when(DeclareComplete()).then(COMPLETE)
    given(*A_COMPLETE_COMPLAINT).when(DeclareComplete()).then_nothing()
    given(*A_COMPLETE_COMPLAINT).when(ASK).then_refused(no.AlreadyComplete)


def test_a_receipt_states_what_was_found() -> None:
    given(*A_COMPLETE_COMPLAINT).when(RECEIPT_PLEASE).then(RECEIPT)
    given(*AN_INCOMPLETE_COMPLAINT).when(RECEIPT_PLEASE).then(RECEIPT_INCOMPLETE)
    given(*A_CLASSIFIED_COMPLAINT).when(RECEIPT_PLEASE).then_refused(no.NotYetChecked)


def test_a_receipt_is_given_again_only_when_the_finding_changed() -> None:
    given(*A_RECEIPTED_COMPLAINT).when(RECEIPT_PLEASE).then_nothing()
    second = ReceiptIssued(number=NUMBER, edition=2, complete=True)
    given(*AN_INCOMPLETE_COMPLAINT, RECEIPT_INCOMPLETE, COMPLETE).when(RECEIPT_PLEASE).then(second)


def test_a_complaint_keeps_its_number() -> None:
    given(*A_RECEIPTED_COMPLAINT).when(IssueReceipt(number="002/PH/DPMPTSP/2026")).then_refused(no.NumberDiffers)


def test_the_policy_finishes_a_receipt_once() -> None:
    finish = FinishReceipt(number=NUMBER)
    given(*A_COMPLETE_COMPLAINT).when(finish).then(RECEIPT)
    given(*A_RECEIPTED_COMPLAINT).when(finish).then_nothing()


def test_a_number_that_meets_a_withdrawn_complaint_is_void() -> None:
    finish = FinishReceipt(number=NUMBER)
    void = NumberVoided(number=NUMBER)
    given(*A_COMPLETE_COMPLAINT, WITHDRAWN).when(finish).then(void)
    given(*A_COMPLETE_COMPLAINT, WITHDRAWN, void).when(finish).then_nothing()
    given(*A_RECEIPTED_COMPLAINT, WITHDRAWN).when(finish).then_nothing()


def test_a_complaint_is_withdrawn_by_code_or_by_signed_statement() -> None:
    given(*A_RECEIPTED_COMPLAINT).when(WITHDRAW).then(WITHDRAWN)
    by_paper = WithdrawComplaint(tracking_hash=None, reason=sealed("reason"))
    given(*A_FILED_COMPLAINT).when(by_paper).then(ComplaintWithdrawn(proof="signed_statement", reason=sealed("reason")))
    given(*A_FILED_COMPLAINT).when(WithdrawComplaint(tracking_hash=WRONG_HASH)).then_refused(no.TrackingCodeWrong)
    given(*A_WITHDRAWN_COMPLAINT).when(WITHDRAW).then_nothing()


def test_a_signed_letter_ends_the_time_to_withdraw() -> None:
    note = NoteLetter(letter_number=LETTER_NUMBER)
    given(*A_RECEIPTED_COMPLAINT).when(note).then(LETTER_NOTED)
    given(*A_RECEIPTED_COMPLAINT, LETTER_NOTED).when(note).then_nothing()
    given(*A_RECEIPTED_COMPLAINT, LETTER_NOTED).when(WITHDRAW).then_refused(no.LetterAlreadySigned)


def test_nothing_is_done_to_a_withdrawn_complaint() -> None:
    for command in (CLASSIFY, ASK, SUPPLEMENT, DeclareComplete(), RECEIPT_PLEASE):
        given(*A_WITHDRAWN_COMPLAINT).when(command).then_refused(no.AlreadyWithdrawn)


people: st.SearchStrategy[Command] = st.sampled_from(
    [
        filing(),
        filing(tracking_hash=WRONG_HASH),
        CLASSIFY,
        ASK,
        RequestCompletion(missing=("evidence", "signature"), notice=sealed("notice")),
        SUPPLEMENT,
        DeclareComplete(),
        RECEIPT_PLEASE,
        WITHDRAW,
        WithdrawComplaint(tracking_hash=WRONG_HASH),
    ]
)
policies: st.SearchStrategy[Command] = st.sampled_from(
    [FinishReceipt(number=NUMBER), NoteLetter(letter_number=LETTER_NUMBER)]
)


def kinds(history: list[ComplaintEvent]) -> list[type[ComplaintEvent]]:
    return [type(event) for event in history]


@for_all(st.lists(people | policies, max_size=25))
def test_any_order_of_wishes_keeps_the_order_of_steps(commands: list[Command]) -> None:
    history = lived(intake, commands)
    said = kinds(history)
    assert said[:1] in ([], [ComplaintFiled])
    for once in (ComplaintFiled, ComplaintDeclaredComplete, ComplaintWithdrawn, LetterNoted, NumberVoided):
        assert said.count(once) <= 1
    numbers = {event.number for event in history if isinstance(event, ReceiptIssued | NumberVoided)}
    assert len(numbers) <= 1
    editions = [event.edition for event in history if isinstance(event, ReceiptIssued)]
    assert editions == list(range(1, len(editions) + 1))
    if ComplaintWithdrawn in said:
        assert set(said[said.index(ComplaintWithdrawn) + 1 :]) <= {NumberVoided}
    if LetterNoted in said:
        assert ComplaintWithdrawn not in said[said.index(LetterNoted) :]


@for_all(st.lists(people | policies, max_size=20), policies)
def test_a_policy_is_never_refused(commands: list[Command], order: Command) -> None:
    state = intake.fold(lived(intake, commands))
    assert isinstance(intake.decide(order, state), list)


@for_all(st.lists(people | policies, max_size=20), st.lists(people.filter(lambda c: c != WITHDRAW), max_size=5))
def test_who_is_ready_for_a_receipt_stays_ready(commands: list[Command], later: list[Command]) -> None:
    try:
        ready_for_receipt(intake.fold(lived(intake, commands)))
    except Refusal:
        return
    state = intake.fold(lived(intake, [*commands, *later]))
    ready_for_receipt(state)
    intake.decide(RECEIPT_PLEASE, state)


def assign(complaint: str = "C-1", starts_after: int = 0) -> AssignNumber:
    return AssignNumber(complaint=complaint, opd="dpmptsp", year=2026, starts_after=starts_after)


def test_the_register_goes_on_after_the_last_number_taken_over() -> None:
    first = NumberAssigned(complaint="C-1", ordinal=42, number="042/PH/DPMPTSP/2026", starts_after=41)
    second = NumberAssigned(complaint="C-2", ordinal=43, number="043/PH/DPMPTSP/2026", starts_after=41)
    given_register().when(assign(starts_after=41)).then(first)
    given_register(first).when(assign("C-2", starts_after=7)).then(second)
    given_register(first, second).when(assign("C-1")).then_nothing()
    assert number_of("C-1", register.fold([first, second])) == "042/PH/DPMPTSP/2026"
    assert number_of("C-3", register.fold([first, second])) is None


@for_all(st.lists(st.sampled_from([f"C-{n}" for n in range(12)]), max_size=40), st.integers(0, 5000))
def test_each_complaint_has_one_number_and_none_is_left_out(complaints: list[str], starts_after: int) -> None:
    history = lived(register, [assign(complaint, starts_after) for complaint in complaints])
    assert [event.complaint for event in history] == list(dict.fromkeys(complaints))
    assert [event.ordinal for event in history] == [starts_after + n for n in range(1, len(history) + 1)]
    assert len({event.number for event in history}) == len(history)
