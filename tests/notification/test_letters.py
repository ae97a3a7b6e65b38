"""What a notification says, and that no name or address can make it say anything else."""

from __future__ import annotations

from datetime import UTC, datetime
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st
from pydantic import TypeAdapter

from schemas.vocabulary import Email, Line
from services.notification.effects.letters import TEXTS, Letter, TextUnknown, compose
from services.notification.effects.post import Refused, written
from services.notification.policy import react
from tests.backing.addresses import Addresses
from tests.rig.rig import OFFICES, settings_for
from tests.situations import ISSUED, NUMBER, RECEIPT, RECEIPT_INCOMPLETE, stream_of
from tests.specification import recorded

OFFICE = next(iter(OFFICES.values()))
SETTINGS = settings_for(Addresses(mongo_url="mongodb://nowhere", kafka_url="nowhere:1"), Path(), smtp_port=25)
WHEN = datetime(2026, 3, 4, 1, 30, tzinfo=UTC)
LETTER = Letter(subject="Tanda terima", text="Yth. Bapak/Ibu,\n\nTerima kasih.\n")


def notice(event: Any, stream: str) -> dict[str, Any]:
    """What the policies make of `event`, as a row holds it."""
    (order,) = react(recorded(event, stream))
    wish = order.command
    return {"template": wish.template, "template_version": wish.template_version, "variables": dict(wish.variables)}


NOTICES = {
    "complete": notice(RECEIPT, stream_of("intake")),
    "incomplete": notice(RECEIPT_INCOMPLETE, stream_of("intake")),
    "recommendation": notice(ISSUED, stream_of("routing")),
}
each = pytest.mark.parametrize("kind", NOTICES)


def told(kind: str, name: str = "Siti Aminah", letter: str | None = "Izin Saudara terbit hari ini.") -> Letter:
    return compose(NOTICES[kind], name=name, number=NUMBER, office=OFFICE, letter=letter)


@each
def test_every_letter_greets_names_the_number_says_how_to_follow_it_and_that_it_is_free(kind: str) -> None:
    letter = told(kind)

    for said in ("Yth. Bapak/Ibu Siti Aminah,", NUMBER, "Lacak Pengaduan", "Layanan ini tidak dipungut biaya.", OFFICE):
        assert said in letter.text
    assert "$" not in letter.subject + letter.text
    assert "\n" not in letter.subject


def test_a_letter_of_recommendation_says_what_was_signed() -> None:
    letter = told("recommendation")

    assert letter.subject == f"Surat Tanggapan Pengaduan nomor {ISSUED.letter_number}"
    assert "Tanggal surat  : 4 Maret 2026" in letter.text
    assert "\n\nIzin Saudara terbit hari ini.\n\n" in letter.text


def test_an_incomplete_file_is_told_what_it_lacks() -> None:
    assert "\n    - Bukti pendukung\n" in told("incomplete").text


@each
@for_all(name=st.text(min_size=1, max_size=40).map(lambda s: f"{s}$number ${{office}} $$"))
def test_a_name_is_a_name_and_never_a_template(kind: str, name: str) -> None:
    assert f"Yth. Bapak/Ibu {name}," in told(kind, name=name).text


def test_a_text_this_release_does_not_have_is_said() -> None:
    for wrong in ({"template": "farewell"}, {"template_version": 9}):
        with pytest.raises(TextUnknown):
            compose({**NOTICES["complete"], **wrong}, name="S", number=NUMBER, office=OFFICE, letter=None)


def test_no_text_lies_about_that_nothing_uses() -> None:
    used = {"receipt-complete.v1", "receipt-incomplete.v1", "recommendation.v1"}
    assert {text.stem for text in TEXTS.glob("*.txt")} == used


@for_all(subject=st.text(min_size=1, max_size=60).filter(lambda text: _fits(Line, text)))
def test_any_title_makes_a_subject_of_one_line(subject: str) -> None:
    letter = Letter(subject=subject, text=LETTER.text)

    raw = written(letter, "siti@contoh.id", OFFICE, "C-1-receipt", WHEN, SETTINGS)

    message = message_from_bytes(raw, policy=policy.default)
    assert sorted(message.keys()) == sorted(HEADERS)
    assert message["To"] == "siti@contoh.id"


HEADERS = (
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "Auto-Submitted",
    "Content-Type",
    "Content-Transfer-Encoding",
    "MIME-Version",
)


@for_all(address=st.from_regex(r"\A[^@\s]{1,12}@[^@\s]{1,12}\.[^@\s]{1,6}\Z").filter(lambda text: _fits(Email, text)))
def test_any_address_is_written_to_alone_or_not_at_all(address: str) -> None:
    outcome = _outcome(address)

    if isinstance(outcome, Refused):
        assert (outcome.reason, outcome.permanent) == ("address_unusable", True)
        assert address not in str(outcome)
    else:
        message = message_from_bytes(outcome, policy=policy.default)
        assert sorted(message.keys()) == sorted(HEADERS)
        assert len(message["To"].addresses) == 1


def _outcome(address: str) -> bytes | Refused:
    try:
        return written(LETTER, address, OFFICE, "C-1-receipt", WHEN, SETTINGS)
    except Refused as no:
        return no


def test_a_message_sent_again_is_the_same_message() -> None:
    first, again = (
        message_from_bytes(written(LETTER, "siti@contoh.id", OFFICE, name, WHEN, SETTINGS), policy=policy.default)
        for name in ("C-1-receipt", "C-1-receipt")
    )
    other = message_from_bytes(written(LETTER, "siti@contoh.id", OFFICE, "C-1-x", WHEN, SETTINGS))

    assert first["Message-ID"] == again["Message-ID"] != other["Message-ID"]


def _fits(kind: Any, text: str) -> bool:
    try:
        TypeAdapter(kind).validate_python(text)
    except ValueError:
        return False
    return True
