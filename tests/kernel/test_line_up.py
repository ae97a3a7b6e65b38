"""What a mark makes of the arrivals of its stream: pure, so tried with anything."""

from __future__ import annotations

from hypothesis import given as for_all
from hypothesis import strategies as st

from services.kernel.envelope import Arrival, arrive
from services.kernel.lineup import Mark, line_up
from tests.kernel.bus_samples import noted
from tests.kernel.samples import STREAM

WORDS = tuple("abcdef")


def arrivals(*words: str) -> list[Arrival]:
    return [arrive(r.key, r.headers, r.value or b"", r.timestamp) for r in noted(STREAM, *words)]


ALL = arrivals(*WORDS)


def at(sequence: int) -> Mark:
    return Mark(sequence, ALL[sequence - 1].chain) if sequence else Mark()


@for_all(mark=st.integers(0, 6), came=st.lists(st.sampled_from(ALL)))
def test_the_run_is_the_longest_contiguous_one_after_the_mark_in_order_and_once(mark: int, came: list[Arrival]) -> None:
    lined = line_up(at(mark), came)

    sequences = {arrival.sequence for arrival in came}
    end = next(n for n in range(mark, 7) if n + 1 not in sequences)
    assert [arrival.sequence for arrival in lined.run] == list(range(mark + 1, end + 1))
    assert {arrival.sequence for arrival in lined.held} == {n for n in sequences if n > end}
    assert lined.broken == []


@for_all(mark=st.integers(0, 5), order=st.permutations([0, 1]))
def test_of_two_claims_to_one_place_the_chain_tells_which_is_right(mark: int, order: list[int]) -> None:
    stranger = arrivals(*"zzzzzz")[mark]
    claims = [ALL[mark], stranger]

    lined = line_up(at(mark), [claims[i] for i in order])

    if mark:
        assert lined.run == [ALL[mark]]
    else:  # both may be first: nothing precedes them
        assert len(lined.run) == 1


def test_a_record_that_follows_another_past_is_broken_and_holds_nothing() -> None:
    stranger = arrivals("z", "y", "x")[2]

    lined = line_up(at(2), [stranger])

    assert (lined.run, lined.held, lined.broken) == ([], [], [stranger])
