"""What a notification says: the office's words in `services/notification/texts/`, filled in.

A text's name carries its version, and a version never changes: a message sent again says what it said before.
The first line is the subject.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from string import Template
from typing import Any

from babel.dates import format_date

from schemas.vocabulary import DOCUMENTS

TEXTS = Path(__file__).parents[1] / "texts"


class TextUnknown(Exception):
    """This release has no text for that template and version."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    subject: str
    text: str = field(repr=False)


def compose(notice: Mapping[str, Any], *, name: str, number: str, office: str, letter: str | None) -> Letter:
    """Fill in the text of `notice`, a notice of a `deliveries` row.

    Args:
        notice: its template, version and variables.
        name: of the complainant.
        number: the register number, or the complaint's identity as long as it has none.
        office: the office's name in full.
        letter: the letter's own text, for a notice that has one.

    Raises:
        TextUnknown: no such text here.
    """
    variables: Mapping[str, str] = notice["variables"]
    words = {"name": name, "number": number, "office": office, "letter": letter or "", **variables}
    if "letter_date" in variables:
        words["letter_date"] = format_date(date.fromisoformat(variables["letter_date"]), "d MMMM y", locale="id")
    if "missing" in variables:
        codes = [code for code in variables["missing"].split(",") if code]
        words["missing"] = "\n".join(f"    - {DOCUMENTS.get(code, code)}" for code in codes)
    subject, _, text = _text(_name(notice)).partition("\n\n")
    return Letter(subject=Template(subject).substitute(words), text=Template(text).substitute(words))


def _name(notice: Mapping[str, Any]) -> str:
    name = str(notice["template"])
    if name == "receipt":
        name += "-complete" if notice["variables"]["complete"] == "yes" else "-incomplete"
    return f"{name}.v{notice['template_version']}"


@cache
def _text(name: str) -> str:
    try:
        return (TEXTS / f"{name}.txt").read_text("utf-8")
    except FileNotFoundError:
        raise TextUnknown(name) from None
