from __future__ import annotations

import itertools
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from deploy.wabo.cases import gather
from deploy.wabo.mapping import ACTIVITIES, ACTS
from deploy.wabo.rows import Row
from deploy.wabo.walks import walk
from tests.wabo import samples
from tests.wabo.samples import CHECK, CONFIRMATION, START, TO_DISPOSITION, WHOLE, case, gathered, line

ORDER = [*(act.name for act in ACTS), "record"]


@st.composite
def histories(draw: st.DrawFn) -> list[str]:
    """The lines of one case: any activities in any order at any time, with one confirmation at least."""
    activities = [CONFIRMATION, *draw(st.lists(st.sampled_from(sorted(ACTIVITIES)), max_size=25))]
    return [
        line(
            activity=activity,
            task=f"task-{place}",
            timestamp=str(START + timedelta(minutes=draw(st.integers(0, 100_000)))),
            resource=f"Resource{draw(st.integers(1, 9))}",
        )
        for place, activity in enumerate(activities)
    ]


@given(histories(), st.randoms(use_true_random=False))
def test_the_order_of_a_case_s_rows_does_not_change_its_walk(lines: list[str], order: object) -> None:
    shuffled = list(lines)
    order.shuffle(shuffled)  # type: ignore[attr-defined]

    (straight,) = gathered(lines).cases
    (turned,) = gathered(shuffled).cases

    assert walk(straight) == walk(turned)


@given(histories())
def test_a_walk_is_a_beginning_of_the_sop_in_its_order_and_never_goes_back_in_time(lines: list[str]) -> None:
    (one,) = gathered(lines).cases
    steps = walk(one)

    assert [step.name for step in steps] == ORDER[: len(steps)]
    assert all(earlier.at <= later.at for earlier, later in itertools.pairwise(steps))


@given(histories())
def test_no_act_is_made_earlier_than_the_log_has_it(lines: list[str]) -> None:
    (one,) = gathered(lines).cases
    by_name = {act.name: act.activities for act in ACTS}

    for step in walk(one):
        if step.name in by_name:
            assert step.at >= min(row.at for row in one.rows if row.activity in by_name[step.name])


def test_a_whole_case_is_walked_to_its_record_by_those_who_did_it() -> None:
    (one,) = gathered(case("case-1", WHOLE)).cases

    steps = walk(one)

    assert [step.name for step in steps] == ORDER
    assert steps[0].actor == "staf:Resource00"
    assert steps[-1].actor == "staf:Resource11"
    assert steps[-1].at == one.about.closed_at


def test_a_repeated_activity_counts_by_its_last_time() -> None:
    (one,) = gathered(case("case-1", (CONFIRMATION, CHECK, samples.ADJUST, CHECK))).cases

    assert walk(one)[-1].at == START + timedelta(minutes=270)


def test_an_act_the_log_has_before_its_predecessor_takes_its_predecessor_s_time() -> None:
    order = (CONFIRMATION, samples.ADVICE, samples.STOP, CHECK, samples.DETERMINE, samples.SEND)
    (one,) = gathered(case("case-1", order)).cases

    *_, receipt, review, analysis, disposition = walk(one)

    assert receipt.at == review.at == analysis.at == disposition.at == START + timedelta(minutes=450)


def test_a_walk_ends_before_the_first_act_the_log_knows_nothing_of() -> None:
    without_receipt = tuple(activity for activity in TO_DISPOSITION if activity != samples.SEND)
    (one,) = gathered(case("case-1", without_receipt)).cases

    assert walk(one)[-1].name == "completeness"


def test_a_case_without_an_end_is_not_recorded() -> None:
    (one,) = gathered(case("case-1", WHOLE, enddate="")).cases

    assert walk(one)[-1].name == "handover"


def test_a_case_that_contradicts_itself_is_left_out_whole_and_the_others_stay() -> None:
    lines = [
        *case("case-1", TO_DISPOSITION),
        line(case="case-1", task="task-9", channel="Post"),
        *case("case-2", WHOLE),
    ]

    both = gathered(lines)

    assert [one.name for one in both.cases] == ["case-2"]
    assert [(row.line, row.reason) for row in both.bad] == [
        (8, "atribut perkara bertentangan dengan baris 2; perkara case-1 ditinggalkan")
    ]


def test_a_task_told_twice_differently_contradicts_its_case() -> None:
    both = gathered([line(), line(resource="Resource99")])

    assert both.cases == ()
    assert "tugas task-1 bertentangan dengan baris 2" in both.bad[0].reason


def test_a_row_told_twice_counts_once_and_is_reported() -> None:
    once, twice = gathered([line()]), gathered([line(), line()])

    assert walk(once.cases[0]) == walk(twice.cases[0])
    assert [row.reason for row in twice.bad] == ["mengulang baris 2"]


def test_a_case_without_its_confirmation_is_left_out() -> None:
    alone = gathered([line(activity=CHECK)])

    assert alone.cases == ()
    assert "tanpa baris 'Confirmation of receipt'" in alone.bad[0].reason


def test_cases_whose_rows_are_interleaved_are_still_themselves() -> None:
    first, second = case("case-1", TO_DISPOSITION), case("case-2", TO_DISPOSITION)
    mixed = [row for pair in zip(first, second, strict=True) for row in pair]

    def walks(lines: list[str]) -> dict[str, object]:
        return {one.name: walk(one) for one in gathered(lines).cases}

    assert walks(mixed) == walks([*first, *second])


def test_cases_come_by_the_time_they_were_filed() -> None:
    later = case("case-1", (CONFIRMATION,))
    earlier = line(case="case-2", task="task-2", timestamp=str(START - timedelta(days=1)))

    rows = [row for row in samples.found([*later, earlier]) if isinstance(row, Row)]

    assert [one.name for one in gather(rows).cases] == ["case-2", "case-1"]
