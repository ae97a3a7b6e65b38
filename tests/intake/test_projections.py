import json
from typing import Any

import pytest
from hypothesis import given as for_all

from services.intake.projections.complaints import complaints
from services.intake.projections.tracking import (
    AWAITS_CHECK,
    AWAITS_COMPLETION,
    AWAITS_HANDLING,
    AWAITS_LETTER,
    AWAITS_RECEIPT,
    tracking,
)
from services.kernel.projection import Projection
from services.kernel.recorded import Recorded
from tests.situations import (
    ASKED,
    CLASSIFIED,
    CODE_HASH,
    COMPLETE,
    DISPOSED,
    FILED,
    ISSUED,
    NUMBER,
    OPENED,
    RECEIPT,
    RECEIPT_INCOMPLETE,
    RECEIVED,
    SUPPLEMENTED,
    WITHDRAWN,
    in_turn,
    interleaved,
    the_direct_way,
    told,
)
from tests.specification import row_of, shows

Story = list[tuple[str, list[Any]]]

FILED_ONLY: Story = [("intake", [FILED])]
ASKED_FOR_MORE: Story = [("intake", [FILED, CLASSIFIED, ASKED, RECEIPT_INCOMPLETE])]
SUPPLIED: Story = [("intake", [FILED, CLASSIFIED, ASKED, RECEIPT_INCOMPLETE, SUPPLEMENTED])]
HANDLED: Story = [("intake", [FILED, CLASSIFIED, COMPLETE, RECEIPT]), ("routing", [OPENED])]
DECIDED: Story = [*HANDLED[:1], ("routing", [OPENED, DISPOSED])]
WRITTEN: Story = [*HANDLED[:1], ("routing", [OPENED, DISPOSED, ISSUED])]
ENDED: Story = [*WRITTEN, ("notification", [RECEIVED])]
TAKEN_BACK: Story = [("intake", [FILED, CLASSIFIED, ASKED, WITHDRAWN])]


def facts(story: Story) -> list[Recorded[Any]]:
    return in_turn(
        [told(service, *((n, "someone", event) for n, event in enumerate(events))) for service, events in story]
    )


@pytest.mark.parametrize(
    ("story", "stage", "awaits"),
    [
        (FILED_ONLY, "diterima", AWAITS_CHECK),
        (ASKED_FOR_MORE, "diterima", AWAITS_COMPLETION),
        (SUPPLIED, "diterima", AWAITS_CHECK),
        (HANDLED, "diproses", AWAITS_HANDLING),
        (DECIDED, "diputuskan", AWAITS_LETTER),
        (WRITTEN, "diputuskan", AWAITS_RECEIPT),
        (ENDED, "selesai", None),
        (TAKEN_BACK, "selesai", None),
    ],
)
def test_the_complainant_sees_one_of_four_stages_and_what_is_awaited(story: Story, stage: str, awaits: str) -> None:
    shows(row_of(tracking, facts(story)), "derived", stage=stage, awaits=awaits)


def test_the_complainant_finds_it_by_number_and_code() -> None:
    row = row_of(tracking, facts(ASKED_FOR_MORE))
    shows(row, "derived", number=NUMBER, missing=["evidence"], withdrawn=False)
    shows(row, "intake", tracking_hash=CODE_HASH)


def test_the_complainant_sees_nobody_of_the_office() -> None:
    row = row_of(tracking, in_turn(the_direct_way()))
    text = json.dumps({**row, "seen": {}})
    assert not any(inner in text for inner in ("kasi-1", "kabid-1", "kadis-1", "staf-1", "review", "analysis"))


@pytest.mark.parametrize(
    ("story", "following", "status"),
    [
        (FILED_ONLY, "classify", "Menunggu klasifikasi"),
        ([("intake", [FILED, CLASSIFIED])], "check", "Menunggu pemeriksaan kelengkapan"),
        ([("intake", [FILED, CLASSIFIED, ASKED])], "issue_receipt", "Menunggu tanda terima"),
        (ASKED_FOR_MORE, "await_complainant", "Kelengkapan diminta"),
        (SUPPLIED, "check", "Menunggu pemeriksaan kelengkapan"),
        ([("intake", [FILED, CLASSIFIED, ASKED, RECEIPT_INCOMPLETE, COMPLETE])], "issue_receipt", None),
        (HANDLED, "forwarded", "Diteruskan ke Kasi"),
        (TAKEN_BACK, "withdrawn", "Dicabut oleh pengadu"),
    ],
)
def test_staf_see_what_to_do_next(story: Story, following: str, status: str | None) -> None:
    row = row_of(complaints, facts(story))
    shows(row, "derived", next=following)
    assert status in (None, row["derived"]["status"])


def test_a_withdrawn_complaint_keeps_its_number_as_void() -> None:
    row = row_of(complaints, facts([("intake", [FILED, CLASSIFIED, COMPLETE, RECEIPT, WITHDRAWN])]))
    shows(row, "intake", number=NUMBER, number_void=True)


def test_the_list_keeps_sealed_what_is_sealed() -> None:
    row = row_of(complaints, in_turn(the_direct_way()))
    shows(row, "intake", story=FILED.story.jwe, title="Izin belum terbit", filed_at="2026-03-02T01:00:00+00:00")
    assert row["intake"]["supplements"] == [
        {
            "at": "2026-03-02T02:00:00+00:00",
            "by": "pengadu",
            "documents": ["evidence"],
            "supplement": SUPPLEMENTED.supplement.jwe,
        }
    ]


@pytest.mark.parametrize("projection", [tracking, complaints], ids=lambda p: p.name)
@for_all(mixed=interleaved(the_direct_way()))
def test_the_order_between_streams_does_not_matter(projection: Projection, mixed: list[Recorded[Any]]) -> None:
    assert row_of(projection, mixed) == row_of(projection, in_turn(the_direct_way()))


@pytest.mark.parametrize("projection", [tracking, complaints], ids=lambda p: p.name)
def test_a_row_is_made_of_plain_json(projection: Projection) -> None:
    row = row_of(projection, in_turn(the_direct_way()))
    assert json.loads(json.dumps(row)) == row
