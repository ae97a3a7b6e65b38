import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from schemas.reporting import CaseNoted, CaseRecorded, DeliveryNoted, LetterNoted, ReportingEvent, WithdrawalNoted
from services.kernel.refusal import NotFound, Refusal
from services.reporting.commands import Command, NoteCase, NoteDelivery, NoteLetter, NoteWithdrawal, RecordCase
from services.reporting.domain import (
    AlreadyRecorded,
    LetterNotYetIssued,
    NotWithdrawn,
    NotYetDelivered,
    reporting,
)
from tests.situations import CASE_NOTED, DELIVERY_KNOWN, LETTER_KNOWN, LETTER_NUMBER, RECORDED, sealed
from tests.specification import lived, specification

given = specification(reporting)

NOBODY = CaseNoted(no_identity=True)
SENT = DeliveryNoted(received=False)
SETTLE = RecordCase(outcome="settled", notes=sealed("notes"))
CLOSE_WITHDRAWN = RecordCase(outcome="withdrawn")


def test_a_case_is_recorded_after_its_letter_arrived() -> None:
    given(CASE_NOTED, LETTER_KNOWN, DELIVERY_KNOWN).when(SETTLE).then(RECORDED)
    given(CASE_NOTED, LETTER_KNOWN, SENT).when(SETTLE).then(RECORDED)


def test_what_must_be_known_may_come_in_any_order() -> None:
    given(DELIVERY_KNOWN, LETTER_KNOWN, CASE_NOTED).when(SETTLE).then(RECORDED)


def test_nobody_need_receive_a_letter_to_nobody() -> None:
    given(NOBODY, LETTER_KNOWN).when(SETTLE).then(RECORDED)


@pytest.mark.parametrize(
    ("history", "command", "refusal"),
    [
        ((), SETTLE, NotFound),
        ((LETTER_KNOWN, DELIVERY_KNOWN), SETTLE, NotFound),
        ((CASE_NOTED,), SETTLE, LetterNotYetIssued),
        ((CASE_NOTED, LETTER_KNOWN), SETTLE, NotYetDelivered),
        ((CASE_NOTED, LETTER_KNOWN, DELIVERY_KNOWN), CLOSE_WITHDRAWN, NotWithdrawn),
        ((CASE_NOTED, WithdrawalNoted()), SETTLE, LetterNotYetIssued),
    ],
)
def test_a_case_is_not_recorded_before_its_end(
    history: tuple[ReportingEvent, ...], command: Command, refusal: type[Refusal]
) -> None:
    given(*history).when(command).then_refused(refusal)


def test_a_withdrawn_case_is_recorded_as_withdrawn() -> None:
    given(CASE_NOTED, WithdrawalNoted()).when(CLOSE_WITHDRAWN).then(CaseRecorded(outcome="withdrawn"))


def test_a_case_is_recorded_once_and_with_one_outcome() -> None:
    ended = (CASE_NOTED, LETTER_KNOWN, DELIVERY_KNOWN, RECORDED)
    given(*ended).when(SETTLE).then_nothing()
    given(*ended).when(RecordCase(outcome="unsettled")).then_refused(AlreadyRecorded)
    given(*ended).when(NoteWithdrawal()).then_nothing()


def test_a_receipt_after_a_proof_of_delivery_is_still_noted() -> None:
    given(CASE_NOTED, SENT).when(NoteDelivery(received=True)).then(DELIVERY_KNOWN)
    given(CASE_NOTED, DELIVERY_KNOWN).when(NoteDelivery(received=False)).then_nothing()
    given(CASE_NOTED, DELIVERY_KNOWN).when(NoteDelivery(received=True)).then_nothing()


policies: st.SearchStrategy[Command] = st.sampled_from(
    [
        NoteCase(no_identity=False),
        NoteCase(no_identity=True),
        NoteLetter(letter_number=LETTER_NUMBER),
        NoteDelivery(received=True),
        NoteDelivery(received=False),
        NoteWithdrawal(),
    ]
)
people: st.SearchStrategy[Command] = st.sampled_from([SETTLE, RecordCase(outcome="unsettled"), CLOSE_WITHDRAWN])


@for_all(st.lists(policies | people, max_size=20))
def test_any_order_of_wishes_ends_in_one_outcome_at_most(commands: list[Command]) -> None:
    history = lived(reporting, commands)
    said = [type(event) for event in history]
    assert CaseRecorded not in said[:-1]
    for once in (CaseNoted, LetterNoted, WithdrawalNoted):
        assert said.count(once) <= 1
    if CaseRecorded in said:
        assert CaseNoted in said
        assert LetterNoted in said or WithdrawalNoted in said


@for_all(st.lists(policies | people, max_size=20), policies)
def test_a_policy_is_never_refused(commands: list[Command], order: Command) -> None:
    assert isinstance(reporting.decide(order, reporting.fold(lived(reporting, commands))), list)
