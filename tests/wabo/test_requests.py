from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING

import pytest

from deploy.wabo.requests import request_of
from deploy.wabo.texts import MATTERS, complainant_of, matter_of
from deploy.wabo.walks import walk
from services.intake.api.requests import Classification, CounterFiling
from services.kernel.desk import Acted
from services.notification.api.requests import Receipt
from services.reporting.api.record import Record
from services.routing.api.requests import Analysis, Disposition, Draft, Review, Signing
from tests.wabo.samples import START, WHOLE, case, gathered

if TYPE_CHECKING:
    from deploy.wabo.cases import Case

MODELS: dict[str, type[Acted]] = {
    "filing": CounterFiling,
    "classification": Classification,
    "completeness": Acted,
    "receipt": Acted,
    "review": Review,
    "analysis": Analysis,
    "disposition": Disposition,
    "draft": Draft,
    "signature": Signing,
    "handover": Receipt,
    "record": Record,
}


def whole(name: str = "case-1", **said: str) -> Case:
    return gathered(case(name, WHOLE, **said)).cases[0]


@pytest.mark.parametrize("channel", ["Internet", "Desk", "Post", "e-mail", "Intern"])
def test_every_request_is_one_its_service_understands(channel: str) -> None:
    one = whole(channel=channel)

    for step in walk(one):
        body = MODELS[step.name].model_validate(request_of(one, step).body)

        assert body.acted_by == step.actor
        assert body.occurred_at == step.at


def test_the_same_case_always_asks_the_same_under_the_same_key() -> None:
    again = [[request_of(one, step) for step in walk(one)] for one in (whole(), whole())]

    assert again[0] == again[1]
    assert len({request.key for request in again[0]}) == len(again[0])
    assert again[0][0].key == "wabo/case-1/filing"


def test_times_are_sent_in_utc() -> None:
    one = whole()

    assert request_of(one, walk(one)[0]).body["occurred_at"] == START.astimezone(UTC).isoformat()


def test_a_start_after_the_filing_is_no_arrival() -> None:
    one = whole(channel="Post", startdate="2011-01-20 00:00:00+01:00")

    body = request_of(one, walk(one)[0]).body

    assert "arrived_at" not in body
    assert "letter_date" not in body


def test_a_letter_has_its_own_date() -> None:
    one = whole(channel="Post")

    assert request_of(one, walk(one)[0]).body["letter_date"] == "2011-01-05"


def test_nobody_of_the_log_can_be_written_to() -> None:
    people = [complainant_of(f"case-{number}") for number in range(500)]

    assert all("email" not in person for person in people)
    assert all(person["telephone"].startswith("0800 000 ") for person in people)
    assert len({person["name"] for person in people}) > 20


def test_every_matter_occurs() -> None:
    assert {matter_of(f"case-{number}") for number in range(100)} == set(MATTERS)
