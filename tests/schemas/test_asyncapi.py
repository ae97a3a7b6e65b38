"""The AsyncAPI document: every fact, who sends and who hears it; against the wire, FastStream and AsyncAPI's parser."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest
from faststream.specification import AsyncAPI
from jsonschema import Draft202012Validator
from yaml import safe_load

from deploy.asyncapi import SERVICES, TOPIC, document, heard
from deploy.contract import FOLDER
from deploy.golden import GOLDEN, Golden, records
from deploy.topics import described
from schemas.catalogue import LANGUAGE
from services.intake.main import INTAKE
from services.kernel.bus import Consumer, broker_for
from services.kernel.settings import Settings
from services.meeting.main import MEETING
from services.notification.main import NOTIFICATION
from services.reporting.main import REPORTING
from services.routing.main import ROUTING

if TYPE_CHECKING:
    from services.kernel.dispatcher import Dispatcher

DOCUMENT = safe_load((FOLDER / "asyncapi.yaml").read_text("utf-8"))
PARSER = "@asyncapi/parser@3.6.3"
DEFINITIONS = (INTAKE, ROUTING, MEETING, NOTIFICATION, REPORTING)
PARSE = """
const { Parser, fromFile } = require('@asyncapi/parser');
fromFile(new Parser(), process.argv[2]).parse().then(({ document, diagnostics }) => console.log(JSON.stringify({
  read: document !== undefined,
  messages: document ? document.allMessages().all().map((message) => message.name()) : [],
  wrong: diagnostics.filter((found) => found.severity < 2).map((found) => found.message),
})));
"""


def messages_of(operation: str) -> set[str]:
    return {ref["$ref"].rpartition("/")[2] for ref in DOCUMENT["operations"][operation]["messages"]}


def headers_of(type_: str) -> dict[str, Any]:
    """The JSON Schema of the headers of a message, its references resolved where a validator finds them."""
    headers: dict[str, Any] = DOCUMENT["components"]["messages"][type_]["headers"]
    return {**headers, "components": DOCUMENT["components"]}


def test_the_committed_document_is_the_one_made_now() -> None:
    assert document(LANGUAGE) == DOCUMENT


def test_there_is_one_channel_and_it_is_the_topic_of_topics_yaml_and_of_the_settings() -> None:
    assert list(DOCUMENT["channels"]) == [TOPIC]
    assert DOCUMENT["channels"][TOPIC]["address"] == TOPIC == Settings.model_fields["topic"].default
    assert DOCUMENT["channels"][TOPIC]["bindings"]["kafka"]["partitions"] == described()[TOPIC].partitions


def test_every_fact_is_a_message_whose_payload_is_its_schema() -> None:
    messages = DOCUMENT["components"]["messages"]
    assert messages.keys() == LANGUAGE.facts.keys() == DOCUMENT["channels"][TOPIC]["messages"].keys()
    for type_, message in messages.items():
        schema = json.loads((FOLDER / message["payload"]["schema"]["$ref"]).read_text("utf-8"))
        assert schema["$id"] == f"urn:aduan:{type_}:{LANGUAGE.facts[type_].version}"
        assert message["summary"]


def test_every_fact_is_sent_by_one_service_and_by_the_one_in_its_name() -> None:
    sent = [(service, name) for service in SERVICES for name in messages_of(f"{service}.send")]
    assert sorted(name for _, name in sent) == sorted(LANGUAGE.facts)
    assert all(name.startswith(f"{service}.") for service, name in sent)


@pytest.mark.parametrize("definition", DEFINITIONS, ids=lambda definition: definition.name)
def test_what_a_service_hears_comes_from_the_streams_it_follows(definition: Any) -> None:
    owners = {*definition.hears, *(owner for projection in definition.projections for owner in projection.folds)}
    owners = {"intake" if owner == "register" else owner for owner in owners}
    names = messages_of(f"{definition.name}.receive")
    assert names == {fact.type for fact in heard(definition.name, LANGUAGE)}
    assert {name.partition(".")[0] for name in names} <= owners


@pytest.mark.parametrize("definition", DEFINITIONS, ids=lambda definition: definition.name)
def test_whatever_a_policy_answers_is_among_what_its_service_hears(definition: Any) -> None:
    facts = [golden.arrival.read(LANGUAGE) for golden in records()]
    answered = {fact.event.type for fact in facts if fact.owner in definition.hears and definition.react(fact)}
    assert answered
    assert answered <= messages_of(f"{definition.name}.receive")


@pytest.mark.parametrize("golden", records(), ids=lambda golden: str(golden.path.relative_to(GOLDEN)))
def test_the_headers_of_a_golden_record_are_those_described(golden: Golden) -> None:
    schema = headers_of(golden.arrival.type)
    Draft202012Validator(schema).validate(dict(golden.arrival.headers))
    known = DOCUMENT["components"]["schemas"]["headers"]["properties"]
    assert golden.arrival.headers.keys() <= known.keys()


def test_a_record_that_lacks_a_header_or_bears_another_type_is_not_described() -> None:
    golden = records()[0]
    validator = Draft202012Validator(headers_of(golden.arrival.type))
    whole = dict(golden.arrival.headers)
    assert not validator.is_valid({name: text for name, text in whole.items() if name != "ce_chain"})
    assert not validator.is_valid({**whole, "ce_type": "intake.Other"})


def test_the_channels_faststream_finds_in_our_broker_are_among_ours() -> None:
    nobody = cast("Dispatcher", None)
    broker = broker_for("localhost:9092", TOPIC, "made", [Consumer("intake.policies", nobody)])
    made = json.loads(AsyncAPI(broker, schema_version="3.0.0").to_specification().to_json())
    addresses = {channel["address"].partition(":")[0] for channel in made["channels"].values()}
    assert addresses == {TOPIC}
    assert addresses <= {channel["address"] for channel in DOCUMENT["channels"].values()}


@pytest.mark.integration
def test_asyncapis_own_parser_finds_nothing_wrong(pytestconfig: pytest.Config) -> None:
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None or pytestconfig.cache is None:
        pytest.skip("node and npm are not on this machine")
    home = Path(pytestconfig.cache.mkdir("asyncapi"))
    if not (home / "node_modules" / "@asyncapi" / "parser").is_dir():
        fetch(npm, home)
    script = home / "parse.cjs"
    script.write_text(PARSE)
    ran = subprocess.run([node, script, FOLDER / "asyncapi.yaml"], capture_output=True, text=True, check=True)
    said = json.loads(ran.stdout)
    assert said["wrong"] == []
    assert sorted(said["messages"]) == sorted(LANGUAGE.facts)


def fetch(npm: str, home: Path) -> None:
    asked = [npm, "install", "--prefix", str(home), "--no-audit", "--no-fund", "--ignore-scripts", PARSER]
    try:
        subprocess.run(asked, capture_output=True, text=True, timeout=150, check=True)
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as fault:
        pytest.skip(f"npm did not fetch {PARSER}: {type(fault).__name__}")
