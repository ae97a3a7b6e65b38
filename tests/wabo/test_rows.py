from __future__ import annotations

import pytest

from deploy.local.trouble import Trouble
from deploy.wabo.rows import BadRow, Row, read
from tests.wabo.samples import COLUMNS, HEADER, NOW, START, as_line, fields, found, line


def test_a_sound_row_is_read_with_its_words_translated_and_its_offset_kept() -> None:
    (row,) = found([line(channel="Post", group="Group 5")])

    assert isinstance(row, Row)
    assert (row.about.channel, row.about.opd) == ("letter", "disdik-agam")
    assert row.at == START
    assert row.at.utcoffset() == START.utcoffset()


@pytest.mark.parametrize(
    ("spoilt", "reason"),
    [
        (line(channel="Fax"), "saluran 'Fax' tidak dikenal"),
        (line(channel=""), "kolom case:channel kosong"),
        (line(activity="T99 Dance"), "kegiatan 'T99 Dance' tidak dikenal"),
        (line(group="Group 99"), "kelompok 'Group 99' tidak dikenal"),
        (line(transition="start"), "peralihan 'start' bukan 'complete'"),
        (line(timestamp="kemarin"), "time:timestamp 'kemarin' bukan waktu"),
        (line(timestamp="2011-13-01 00:00:00+01:00"), "time:timestamp '2011-13-01 00:00:00+01:00' bukan waktu"),
        (line(timestamp="2011-01-01 00:00:00"), "time:timestamp '2011-01-01 00:00:00' tanpa zona waktu"),
        (line(timestamp="2031-01-01 00:00:00+00:00"), "time:timestamp '2031-01-01 00:00:00+00:00' di masa depan"),
        (line(startdate="x"), "case:startdate 'x' bukan waktu"),
        (line(enddate="x"), "case:enddate 'x' bukan waktu"),
        (line(case="case/../1"), "case:concept:name 'case/../1' memuat huruf yang tidak diizinkan"),
        (line(resource="R" * 60), "org:resource"),
        (as_line(list(fields().values())[:-1]), "berisi 14 kolom, seharusnya 15"),
        (as_line([*fields().values(), "lebih"]), "berisi 16 kolom, seharusnya 15"),
        ('"tanpa penutup,' + line(), "bukan CSV yang benar"),
        (line(resource="a\udcffb"), "memuat bita yang bukan UTF-8"),
        (line(resource="x" * 200_000), "bukan CSV yang benar"),
    ],
)
def test_a_bad_row_is_told_by_its_line_and_its_reason_and_spoils_no_other(spoilt: str, reason: str) -> None:
    before, bad, after = found([line(), spoilt, line(task="task-2")])

    assert isinstance(before, Row)
    assert isinstance(after, Row)
    assert isinstance(bad, BadRow)
    assert bad.line == 3
    assert reason in bad.reason


def test_a_reason_shows_neither_control_characters_nor_more_than_a_glimpse_of_the_value() -> None:
    (bad,) = found([line(channel="\x1b[31m" + "x" * 500)])

    assert isinstance(bad, BadRow)
    assert bad.reason.isprintable()
    assert len(bad.reason) < 100


def test_empty_lines_are_passed_over_and_still_counted() -> None:
    (bad,) = found(["\r\n", "\n", line(channel="Fax")])

    assert isinstance(bad, BadRow)
    assert bad.line == 4


@pytest.mark.parametrize("lines", [[], [""], ["a,b\n"], ['"open\n'], [HEADER.replace("case:group", "x")]])
def test_a_file_without_the_log_s_columns_is_no_log(lines: list[str]) -> None:
    with pytest.raises(Trouble, match="bukan log WABO"):
        list(read(lines, NOW))


def test_the_order_of_the_columns_does_not_matter() -> None:
    turned = tuple(reversed(COLUMNS))
    row = fields()

    (same,) = read([as_line(turned), as_line([row[name] for name in turned])], NOW)

    assert same == found([line()])[0]
