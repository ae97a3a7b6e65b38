"""The checker of the fault tests finds what it is there to find: every fault is planted and seen."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from schemas.notification import NotificationAttempted
from tests.faults.checker import Evidence, Published, Table, findings
from tests.faults.sound_house import ACKNOWLEDGED, LETTER, REGISTER, Writer, sound
from tests.situations import FILED, OPD

if TYPE_CHECKING:
    from collections.abc import Callable

    from services.kernel.commit import Commit
    from services.kernel.projection import Document


def found_after(spoil: Callable[[Evidence], Evidence]) -> str:
    return "\n".join(findings(spoil(sound()), ACKNOWLEDGED))


def with_intake(evidence: Evidence, commits: list[Commit]) -> Evidence:
    return replace(evidence, journals={**evidence.journals, "intake": commits})


def with_rows(evidence: Evidence, change: Callable[[list[Document]], list[Document]]) -> Evidence:
    recap, *others = evidence.tables
    return replace(evidence, tables=[Table(projection=recap.projection, rows=change(list(recap.rows))), *others])


def with_record(evidence: Evidence, n: int, change: Callable[[Published], Published]) -> Evidence:
    records = list(evidence.published)
    return replace(evidence, published=[*records[:n], change(records[n]), *records[n + 1 :]])


def test_a_sound_house_has_no_finding() -> None:
    assert findings(sound(), ACKNOWLEDGED) == []


def test_a_record_published_twice_is_no_finding_as_long_as_it_is_the_same() -> None:
    assert found_after(lambda sound: replace(sound, published=[*sound.published, *sound.published])) == ""


@pytest.mark.parametrize("n", range(8))
def test_a_missing_commit_is_found(n: int) -> None:
    def spoil(sound: Evidence) -> Evidence:
        intake = sound.journals["intake"]
        return with_intake(sound, [*intake[:n], *intake[n + 1 :]])

    assert "is in no journal" in found_after(spoil)


def test_a_commit_missing_from_the_middle_leaves_a_hole_and_breaks_its_chain() -> None:
    def spoil(sound: Evidence) -> Evidence:
        intake = sound.journals["intake"]
        return with_intake(sound, [*intake[:1], *intake[2:]])

    said = found_after(spoil)
    assert "intake: positions are not 1..7, first missing [2]" in said
    assert f"intake: the chain of intake/{OPD}/C-1 breaks at intake/{OPD}/C-1@3" in said


def test_a_position_taken_twice_is_found() -> None:
    def spoil(sound: Evidence) -> Evidence:
        intake = sound.journals["intake"]
        return with_intake(sound, [*intake[:-1], intake[-1].at(1)])

    assert "positions are not 1..8" in found_after(spoil)


def test_a_command_carried_out_twice_is_found() -> None:
    def spoil(sound: Evidence) -> Evidence:
        first, second, *rest = sound.journals["intake"]
        again = replace(second.circumstances, command_id=first.circumstances.command_id)
        return with_intake(sound, [first, replace(second, circumstances=again), *rest])

    assert "was carried out 2 times" in found_after(spoil)


@pytest.mark.parametrize("n", range(8))
def test_a_changed_byte_in_a_journal_is_found(n: int) -> None:
    def spoil(sound: Evidence) -> Evidence:
        intake = list(sound.journals["intake"])
        wire, *others = intake[n].events
        headers = tuple(
            (name, text.replace(b"siti", b"sita") if name == "ce_actor" else text) for name, text in wire.headers
        )
        intake[n] = replace(intake[n], events=(replace(wire, headers=headers), *others))
        return with_intake(sound, intake)

    said = found_after(spoil)
    assert "breaks at" in said
    assert "is not what the journal holds" in said


def test_a_record_that_never_came_is_found() -> None:
    assert "never arrived" in found_after(lambda sound: replace(sound, published=sound.published[1:]))


def test_a_record_nobody_wrote_is_found() -> None:
    stranger = Published(partition=0, timestamp=0, key=b"C-1", headers=(), value=b"{}")
    said = found_after(lambda sound: replace(sound, published=[*sound.published, stranger]))
    assert said == "bus: a record without identity is in no journal"


@pytest.mark.parametrize(
    "change",
    [
        lambda record: replace(record, value=record.value + b" "),
        lambda record: replace(record, headers=record.headers[::-1]),
        lambda record: replace(record, timestamp=record.timestamp + 1),
        lambda record: replace(record, key=b"C-9"),
    ],
)
def test_a_double_that_differs_is_found(change: Callable[[Published], Published]) -> None:
    def spoil(sound: Evidence) -> Evidence:
        return replace(sound, published=[*sound.published, change(sound.published[0])])

    assert "is not what the journal holds" in found_after(spoil)


def test_a_complaint_spread_over_partitions_is_found() -> None:
    said = found_after(lambda sound: with_record(sound, 1, lambda record: replace(record, partition=3)))
    assert "lies in partitions [0, 3]" in said


def test_an_acknowledged_complaint_that_is_nowhere_is_found() -> None:
    assert findings(sound(), {**ACKNOWLEDGED, "C-3": None}) == [
        "complaint C-3 was acknowledged and is not in the journal"
    ]


def test_a_complaint_filed_twice_over_is_found() -> None:
    assert findings(sound(), {"C-1": "001/2026"}) == ["complaint C-2 was filed and nobody was told"]


def test_a_number_other_than_the_one_told_is_found() -> None:
    said = findings(sound(), {**ACKNOWLEDGED, "C-2": "003/2026"})
    assert said == ["complaint C-2 was told 003/2026, its receipt says 002/2026"]


def changed_register(change: Callable[[bytes], bytes]) -> Callable[[Evidence], Evidence]:
    def spoil(sound: Evidence) -> Evidence:
        commits = [
            replace(commit, events=tuple(replace(wire, value=change(wire.value)) for wire in commit.events))
            if commit.stream == REGISTER
            else commit
            for commit in sound.journals["intake"]
        ]
        return with_intake(sound, commits)

    return spoil


def test_a_hole_in_the_register_is_found() -> None:
    said = found_after(changed_register(lambda data: data.replace(b'"ordinal":2', b'"ordinal":3')))
    assert f"{REGISTER}: ordinals [1, 3]..[3] are not 2 in a row" in said


def test_a_number_given_twice_is_found() -> None:
    said = found_after(changed_register(lambda data: data.replace(b"002/2026", b"001/2026")))
    assert f"{REGISTER}: number 001/2026 is there 2 times" in said
    assert "has no receipt" in said


def test_a_missing_row_is_found() -> None:
    said = found_after(lambda sound: with_rows(sound, lambda rows: rows[1:]))
    assert said == f"recap: {OPD}|C-1 has no row"


def test_a_doubled_row_is_found() -> None:
    said = found_after(lambda sound: with_rows(sound, lambda rows: [*rows, {**rows[0], "_id": "another"}]))
    assert "recap: C-1 has 2 rows" in said
    assert "recap: row another comes from no fact" in said


@pytest.mark.parametrize("part", ["seen", "intake", "derived"])
def test_a_row_that_says_something_else_or_stopped_short_is_found(part: str) -> None:
    said = found_after(lambda sound: with_rows(sound, lambda rows: [{**rows[0], part: {}}, *rows[1:]]))
    assert said == f"recap: row {OPD}|C-1 is not what its facts say"


def test_a_letter_that_came_twice_unannounced_is_found() -> None:
    said = found_after(lambda sound: replace(sound, letters=[LETTER, LETTER]))
    assert said == f"letter {LETTER} came 2 times and no attempt said that it might"


def test_a_letter_that_came_twice_is_no_finding_where_an_attempt_said_that_it_might() -> None:
    doubtful = Writer()
    for attempt in (1, 2):
        tried = NotificationAttempted(notification=LETTER, attempt=attempt, possible_double=attempt == 2)
        doubtful.append(f"notification/{OPD}/C-1", tried)
    evidence = Evidence(journals={"intake": [], "notification": doubtful.commits}, letters=[LETTER, LETTER])

    assert [said for said in findings(evidence, {}) if said.startswith("letter")] == []


def test_a_delivery_without_a_letter_and_a_letter_without_an_attempt_are_found() -> None:
    said = found_after(lambda sound: replace(sound, letters=["receipt-C-9"]))
    assert f"letter {LETTER} was reported delivered and never came" in said
    assert "letter receipt-C-9 came and was never attempted" in said


def test_what_was_set_aside_is_a_finding() -> None:
    assert found_after(lambda sound: replace(sound, set_aside=["stations x: gap"])) == "set aside: stations x: gap"


def test_a_complaint_nobody_acknowledged_is_found_wherever_it_came_from() -> None:
    stranger = Writer()
    stranger.append(f"intake/{OPD}/C-7", FILED)
    evidence = Evidence(journals={"intake": stranger.commits})

    assert "complaint C-7 was filed and nobody was told" in findings(evidence, {})
