"""Golden records are promises: each one ever made is still whole, read, folded, and opened by its published keys."""

import json
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from deploy.contract import FOLDER
from deploy.golden import GOLDEN, Example, Golden, add, keyring, opened, read, records
from deploy.local.trouble import Trouble
from schemas.catalogue import LANGUAGE
from schemas.event import Event, Language
from schemas.published import path_of, sealed_fields
from services.intake.main import INTAKE
from services.kernel.decider import Decider
from services.kernel.envelope import GENESIS, Untrusted
from services.kernel.projection import Document, Projection
from services.kernel.recorded import REGISTERS
from services.kernel.sealing import Foreign, WrongKey, open_
from services.meeting.main import MEETING
from services.notification.main import NOTIFICATION
from services.reporting.main import REPORTING
from services.routing.main import ROUTING

SERVICES = (INTAKE, ROUTING, MEETING, NOTIFICATION, REPORTING)
DECIDERS: Mapping[str, Decider[Any, Any, Any]] = {
    owner: decider for service in SERVICES for owner, decider in service.deciders.items()
}
PROJECTIONS = [projection for service in SERVICES for projection in service.projections]
ALL = records()
each = pytest.mark.parametrize("golden", ALL, ids=lambda golden: str(golden.path.relative_to(GOLDEN)))


def draw(size: int) -> bytes:
    return bytes(range(size))


def streams() -> dict[str, list[Golden]]:
    found: dict[str, list[Golden]] = {}
    for golden in ALL:
        found.setdefault(golden.arrival.stream, []).append(golden)
    return found


def test_every_type_and_version_has_at_least_one() -> None:
    exemplified = {(golden.arrival.type, golden.arrival.version) for golden in ALL}
    wanted = {(fact.type, fact.version) for fact in LANGUAGE.facts.values()}
    wanted |= {(type_, n) for type_, n in LANGUAGE.upcasts}
    assert wanted - exemplified == set()


@each
def test_it_lies_where_its_type_and_version_say(golden: Golden) -> None:
    place = Path(path_of(golden.arrival.type, golden.arrival.version)).with_suffix("")
    assert golden.path.parent == GOLDEN / place


@each
def test_it_is_read_by_this_release(golden: Golden) -> None:
    fact = golden.arrival.read(LANGUAGE)
    assert fact.event.type == golden.arrival.type
    assert fact.id == golden.arrival.headers["ce_id"]


@each
def test_its_value_is_within_the_schema_it_names(golden: Golden) -> None:
    path = FOLDER / "json" / path_of(golden.arrival.type, golden.arrival.version)
    schema = json.loads(path.read_text("utf-8"))
    assert golden.arrival.headers["ce_dataschema"] == schema["$id"]
    Draft202012Validator(schema).validate(json.loads(golden.arrival.value))


@each
def test_its_sealed_values_open_to_what_it_says(golden: Golden) -> None:
    event: Event = golden.arrival.read(LANGUAGE).event
    ring = keyring(GOLDEN, golden.complaint)
    found = opened(ring, event)
    assert found.keys() == golden.sealed.keys()
    for name, _, content in sealed_fields(type(event)):
        if name in found:
            said = golden.sealed[name]
            expected = said if content is str else content.model_validate(said, extra="ignore")
            assert open_(ring, getattr(event, name), content) == expected


@each
def test_what_it_seals_is_not_in_the_record_in_the_clear(golden: Golden) -> None:
    sent = golden.arrival.value.decode() + " ".join(golden.arrival.headers.values())
    texts = [
        text for value in golden.sealed.values() for text in (value.values() if isinstance(value, dict) else [value])
    ]
    assert not [text for text in texts if isinstance(text, str) and text in sent]


@pytest.mark.parametrize("stream", streams())
def test_the_records_of_a_stream_are_chained(stream: str) -> None:
    arrivals = [golden.arrival for golden in streams()[stream]]
    assert len({arrival.sequence for arrival in arrivals}) == len(arrivals)
    assert arrivals[0].previous == GENESIS or arrivals[0].sequence > 1
    for before, after in pairwise(arrivals):
        assert after.previous == before.chain or after.sequence > before.sequence + 1


@pytest.mark.parametrize("stream", streams())
def test_a_stream_is_folded_by_its_owner(stream: str) -> None:
    facts = [golden.arrival.read(LANGUAGE) for golden in streams()[stream]]
    decider = DECIDERS[facts[0].owner]
    assert decider.fold([fact.event for fact in facts]) != decider.initial


@pytest.mark.parametrize("projection", PROJECTIONS, ids=lambda projection: projection.name)
def test_every_projection_folds_the_history_to_a_row_of_json(projection: Projection) -> None:
    rows: dict[str, Document] = {}
    for golden in ALL:
        fact = golden.arrival.read(LANGUAGE)
        if fact.owner in projection.folds and fact.owner not in REGISTERS:
            rows[fact.subject] = projection.apply(rows.get(fact.subject), fact)
    for complaint, row in rows.items():
        assert row["seen"].keys() <= {
            golden.arrival.stream for golden in ALL if golden.arrival.stream.endswith(complaint)
        }
        assert json.loads(json.dumps(projection.settle(row)))["complaint"] == complaint


def test_the_keys_of_one_example_open_no_other() -> None:
    mine, other = (golden for golden in ALL if golden.arrival.type == "intake.ComplaintFiled")
    story = mine.arrival.read(LANGUAGE).event.story
    with pytest.raises(Foreign):
        open_(keyring(GOLDEN, other.complaint), story, str)


# Adding one


def example(**changes: Any) -> Example:
    said: dict[str, Any] = {
        "type": "routing.ReviewReturned",
        "stream": "routing/dpmptsp/X-1",
        "complaint": "X-1",
        "data": {"reason": "Sebutkan tanggalnya."},
    }
    return Example(**{**said, **changes})


def test_a_new_one_is_sealed_and_continues_its_stream(tmp_path: Path) -> None:
    first = read(add(LANGUAGE, example(), draw, tmp_path))
    second = read(add(LANGUAGE, example(name="second"), draw, tmp_path))
    assert first.sealed == {"reason": "Sebutkan tanggalnya."}
    assert (first.arrival.sequence, second.arrival.sequence) == (1, 2)
    assert second.arrival.previous == first.arrival.chain


def test_one_that_is_there_is_never_made_again(tmp_path: Path) -> None:
    path = add(LANGUAGE, example(), draw, tmp_path)
    before = path.read_bytes()
    with pytest.raises(Trouble, match="sudah ada"):
        add(LANGUAGE, example(), draw, tmp_path)
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    "wrong", [{"type": "routing.Nothing"}, {"data": {}}, {"data": {"reason": "x", "other": 1}}], ids=str
)
def test_what_does_not_fit_is_refused_and_leaves_nothing(tmp_path: Path, wrong: dict[str, Any]) -> None:
    with pytest.raises(Trouble):
        add(LANGUAGE, example(**wrong), draw, tmp_path)
    assert not list(tmp_path.glob("*/*/*/*.json"))


def test_a_spoiled_record_is_noticed(tmp_path: Path) -> None:
    path = add(LANGUAGE, example(), draw, tmp_path)
    path.write_text(path.read_text().replace("X-1@1", "X-1@2"))
    with pytest.raises(Untrusted):
        read(path)


def test_a_key_other_than_the_published_one_is_told_from_a_spoiled_text(tmp_path: Path) -> None:
    golden = read(add(LANGUAGE, example(), draw, tmp_path))
    (tmp_path / "keys" / "X-1.json").unlink()
    add(LANGUAGE, example(stream="routing/dpmptsp/X-2", name="other"), bytes, tmp_path)
    with pytest.raises(WrongKey):
        opened(keyring(tmp_path, "X-1"), golden.arrival.read(LANGUAGE).event)


def test_an_older_version_is_read_through_its_upcast() -> None:
    class ReviewReturned(Event, type="routing.ReviewReturned", version=2):
        reason: str
        again: bool

    lifted = Language.of(ReviewReturned, upcasts={("routing.ReviewReturned", 1): lambda raw: {**raw, "again": False}})
    golden = next(golden for golden in ALL if golden.arrival.type == "routing.ReviewReturned")
    assert golden.arrival.read(lifted).event.again is False
