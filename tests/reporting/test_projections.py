import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from schemas.event import Event
from schemas.intake import ComplaintFiled, NumberVoided
from schemas.notification import RecommendationReceived
from schemas.reporting import CaseRecorded
from services.kernel.recorded import Recorded
from services.reporting.projections.evaluation import StepFigures, evaluate
from services.reporting.projections.recap import recap
from tests.situations import (
    A_DECIDED_CASE,
    A_DRAFTED_CASE,
    A_REVIEWED_CASE,
    A_SETTLED_CASE,
    AN_ANALYSED_CASE,
    AN_INCOMPLETE_COMPLAINT,
    AN_OPEN_CASE,
    ASKED,
    CLASSIFIED,
    CODE_HASH,
    COMPLETE,
    CONTACT,
    FILED,
    ISSUED,
    LETTER_DELIVERED,
    NO_CONTACT,
    NUMBER,
    OPENED,
    RECEIPT,
    RECEIVED,
    RECORDED,
    RETURNED,
    WITHDRAWN,
    in_turn,
    interleaved,
    sealed,
    the_direct_way,
    told,
)
from tests.specification import EIGHT_O_CLOCK, row_of, shows

MINUTE = 60


def at(minutes: float) -> str:
    return (EIGHT_O_CLOCK + timedelta(minutes=minutes)).isoformat()


def after(**streams: tuple[Event, ...]) -> dict[str, Any]:
    """The row after these streams; the n-th fact of each happened n minutes after eight."""
    facts = [told(service, *((n, service, event) for n, event in enumerate(said))) for service, said in streams.items()]
    return row_of(recap, in_turn(facts))


def test_the_recap_holds_what_the_book_asks_for() -> None:
    row = row_of(recap, in_turn(the_direct_way()))
    shows(row, "intake", channel="web", category="permit_delay", title="Izin belum terbit", filed_at=at(0))
    shows(
        row,
        "derived",
        number=NUMBER,
        number_void=False,
        way="Keputusan langsung",
        outcome="Terselesaikan",
        status="Selesai dicatat",
        settled_at=at(498),
    )
    assert row["intake"]["complainant"] == sealed("complainant").jwe
    assert json.loads(json.dumps(row)) == row


def test_each_step_shows_who_ended_it_and_how_long_it_took() -> None:
    steps = row_of(recap, in_turn(the_direct_way()))["derived"]["steps"]
    assert {step: (told["by"], told["seconds"], told["visits"]) for step, told in steps.items()} == {
        "1": ("pengadu", None, 1),
        "2": ("staf-1", (6 + 5) * MINUTE, 2),
        "3": ("kasi-1", (100 + 50) * MINUTE, 2),
        "4": ("kabid-1", (10 + 40) * MINUTE, 2),
        "5": ("kadis-1", 20 * MINUTE, 1),
        "11": ("kadis-1", 123 * MINUTE, 1),
        "12": ("pengadu", 60 * MINUTE, 1),
        "13": ("staf-1", 30 * MINUTE, 1),
    }
    assert (steps["3"]["started_at"], steps["3"]["ended_at"]) == (at(65), at(225))


def test_step_1_is_measured_from_the_opening_of_the_form_and_step_2_from_the_arrival() -> None:
    filed = ComplaintFiled(
        channel="letter",
        story=sealed("story"),
        tracking_hash=CODE_HASH,
        tracking_code=sealed("code"),
        form_opened_at=EIGHT_O_CLOCK - timedelta(minutes=12),
        arrived_at=EIGHT_O_CLOCK - timedelta(minutes=30),
    )
    steps = after(intake=(filed, CLASSIFIED, COMPLETE, RECEIPT))["derived"]["steps"]
    assert (steps["1"]["seconds"], steps["2"]["seconds"]) == (12 * MINUTE, 33 * MINUTE)


def test_a_step_going_on_has_a_beginning_and_no_end() -> None:
    steps = after(intake=(FILED, CLASSIFIED, COMPLETE, RECEIPT), routing=(OPENED,))["derived"]["steps"]
    assert steps["3"] == {"started_at": at(2), "ended_at": None, "by": None, "seconds": None, "visits": 0}
    assert steps["13"] == {"started_at": None, "ended_at": None, "by": None, "seconds": None, "visits": 0}


def test_a_returned_step_is_not_ended_by_its_first_visit() -> None:
    told = after(routing=(*A_REVIEWED_CASE, RETURNED))["derived"]["steps"]["3"]
    assert (told["ended_at"], told["visits"]) == (None, 1)


def test_a_time_typed_as_earlier_than_the_beginning_is_not_measured() -> None:
    received = RecommendationReceived(
        receiver="complainant", proof="signed_statement", received_at=EIGHT_O_CLOCK - timedelta(days=1)
    )
    steps = after(routing=A_SETTLED_CASE, notification=(NO_CONTACT, received))["derived"]["steps"]
    assert steps["11"]["seconds"] is None


def test_without_an_address_the_signed_letter_counts_as_sent() -> None:
    row = after(routing=A_SETTLED_CASE, notification=(NO_CONTACT,))
    shows(row, "derived", sent_at=at(5), status="Surat disampaikan")
    shows(after(routing=A_SETTLED_CASE, notification=(CONTACT,)), "derived", sent_at=None)
    shows(after(routing=A_SETTLED_CASE), "derived", sent_at=None)


def test_a_receipt_signed_after_recording_does_not_begin_step_13() -> None:
    streams = [
        told("routing", (10, "kadis-1", ISSUED)),
        told("notification", (0, "policy", CONTACT), (20, "sender", LETTER_DELIVERED), (90, "pengadu", RECEIVED)),
        told("reporting", (50, "staf-1", RECORDED)),
    ]
    steps = row_of(recap, in_turn(streams))["derived"]["steps"]
    assert steps["13"]["seconds"] == 30 * MINUTE


@pytest.mark.parametrize(
    ("row", "status"),
    [
        (after(intake=(FILED,)), "Diterima"),
        (after(intake=(FILED, CLASSIFIED)), "Diperiksa kelengkapannya"),
        (after(intake=AN_INCOMPLETE_COMPLAINT), "Kelengkapan diminta"),
        (after(intake=(FILED, CLASSIFIED, COMPLETE)), "Berkas dinyatakan lengkap"),
        (after(routing=AN_OPEN_CASE), "Diteruskan ke Kasi"),
        (after(routing=A_REVIEWED_CASE), "Dianalisis Kabid"),
        (after(routing=(*A_REVIEWED_CASE, RETURNED)), "Dikembalikan ke Kasi"),
        (after(routing=AN_ANALYSED_CASE), "Menunggu disposisi Kadis"),
        (after(routing=A_DECIDED_CASE), "Disposisi diberikan"),
        (after(routing=A_DRAFTED_CASE), "Konsep surat disusun"),
        (after(routing=A_SETTLED_CASE), "Surat ditandatangani"),
        (after(routing=A_SETTLED_CASE, notification=(LETTER_DELIVERED,)), "Surat disampaikan"),
        (after(routing=A_SETTLED_CASE, notification=(RECEIVED,)), "Surat diterima"),
        (after(intake=(FILED, CLASSIFIED, ASKED, WITHDRAWN)), "Dicabut oleh pengadu"),
        (after(intake=(FILED, WITHDRAWN), reporting=(CaseRecorded(outcome="withdrawn"),)), "Dicabut oleh pengadu"),
        (after(intake=(FILED, WITHDRAWN), routing=A_SETTLED_CASE), "Surat ditandatangani"),
    ],
)
def test_the_status_says_how_far_it_is_in_the_words_of_the_procedure(row: dict[str, Any], status: str) -> None:
    shows(row, "derived", status=status)


def test_a_withdrawn_complaint_keeps_its_number_as_void() -> None:
    row = after(intake=(FILED, CLASSIFIED, COMPLETE, RECEIPT, WITHDRAWN))
    shows(row, "derived", number=NUMBER, number_void=True)
    row = after(intake=(FILED, CLASSIFIED, COMPLETE, WITHDRAWN, NumberVoided(number=NUMBER)))
    shows(row, "derived", number=NUMBER, number_void=True)


def test_a_letter_that_crossed_a_withdrawal_stands() -> None:
    row = after(intake=(FILED, CLASSIFIED, COMPLETE, RECEIPT, WITHDRAWN), routing=A_SETTLED_CASE)
    shows(row, "derived", number_void=False, status="Surat ditandatangani")


@for_all(mixed=interleaved(the_direct_way()))
def test_the_order_between_streams_does_not_matter(mixed: list[Recorded[Any]]) -> None:
    assert row_of(recap, mixed) == row_of(recap, in_turn(the_direct_way()))


@for_all(mixed=interleaved(the_direct_way()), cut=st.integers(0, 30))
def test_settling_on_the_way_changes_nothing_in_the_end(mixed: list[Recorded[Any]], cut: int) -> None:
    row = row_of(recap, mixed[:cut]) if cut else None
    for fact in mixed[cut:]:
        row = recap.settle(recap.apply(row, fact))
    assert row is not None
    assert recap.settle(row) == row_of(recap, in_turn(the_direct_way()))


def one_step(seconds: int | None, *, ended: bool = True) -> dict[str, Any]:
    idle = {"ended_at": None, "seconds": None}
    steps = {str(step): idle for step in (1, 2, 3, 4, 5, 11, 12, 13)}
    return {"derived": {"steps": {**steps, "4": {"ended_at": at(0) if ended else None, "seconds": seconds}}}}


def test_the_evaluation_counts_ended_and_measured_steps() -> None:
    rows = [*(one_step(n) for n in range(1, 11)), one_step(None), one_step(99, ended=False)]
    figures = {one.step: one for one in evaluate(rows)}
    assert figures[4] == StepFigures(step=4, count=10, median=5.5, p90=9)
    assert figures[5] == StepFigures(step=5, count=0, median=None, p90=None)
    assert list(figures) == [1, 2, 3, 4, 5, 11, 12, 13]


@for_all(st.lists(st.integers(0, 10**6), min_size=1))
def test_nine_tenths_of_the_complaints_took_no_longer_than_p90(times: list[int]) -> None:
    p90 = {one.step: one for one in evaluate(one_step(n) for n in times)}[4].p90
    assert p90 in times
    assert sum(n <= p90 for n in times) * 10 >= len(times) * 9
    assert sum(n < p90 for n in times) * 10 < len(times) * 9
