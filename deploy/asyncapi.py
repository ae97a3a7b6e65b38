"""The AsyncAPI document of the bus, made from the event models, the topic's file and what each service imports."""

from collections.abc import Iterator, Sequence
from importlib import import_module
from inspect import getdoc
from pkgutil import iter_modules
from types import ModuleType
from typing import Any, Final

from yaml import safe_dump

from deploy.topics import described
from schemas.event import Event, Language
from schemas.published import URN, path_of

Document = dict[str, Any]

TOPIC: Final = "complaints.events.v1"
SERVICES: Final = ("intake", "routing", "meeting", "notification", "reporting")
JSON_SCHEMA: Final = "application/schema+json;version=draft-2020-12"
KAFKA: Final = "0.5.0"
_HASH: Final = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
_HEADERS: Final[dict[str, Document]] = {
    "ce_specversion": {"const": "1.0"},
    "ce_id": {"type": "string", "description": "`<stream>@<sequence>`; the same fact published again has the same id."},
    "ce_source": {"type": "string", "description": "`/` and the stream: `/<service>/<opd>/<complaint>`."},
    "ce_type": {"type": "string"},
    "ce_time": {"type": "string", "format": "date-time", "description": "When it happened in the office, UTC."},
    "ce_subject": {"type": "string", "description": "The last segment of the stream: the complaint."},
    "ce_dataschema": {"type": "string", "description": "The `$id` of the JSON Schema, which ends in the version."},
    "ce_partitionkey": {"type": "string", "description": "The record's key."},
    "ce_sequence": {"type": "string", "pattern": "^[0-9]{10}$", "description": "From 1, without holes per stream."},
    "ce_opd": {"type": "string", "description": "The office: the second segment of the stream."},
    "ce_actor": {"type": "string", "description": "Who did it: an account or a policy, never a name."},
    "ce_correlationid": {"type": "string", "description": "The request everything here began with."},
    "ce_commandid": {"type": "string", "description": "The command this came of; taken once."},
    "ce_fingerprint": {**_HASH, "description": "SHA-256 of the command's content."},
    "ce_chainprev": {**_HASH, "description": "`ce_chain` of the stream's record before; zeros for its first."},
    "ce_chain": {**_HASH, "description": "SHA-256 over key, timestamp, value and all other headers."},
    "content-type": {"const": "application/json"},
}
_OPTIONAL: Final[dict[str, Document]] = {
    "ce_causationid": {"type": "string", "description": "`ce_id` of the fact a policy reacted to."},
    "ce_recordedby": {"type": "string", "description": "Who recorded it for the actor."},
    "ce_evidence": {"type": "string", "description": "What a recording for another rests on."},
}


def text_of(document: Document) -> str:
    return safe_dump(document, sort_keys=False, allow_unicode=True, width=120)


def document(language: Language) -> Document:
    """Return the AsyncAPI 3.1.0 document of `language` on the bus."""
    facts = sorted(language.facts.values(), key=lambda fact: fact.type)
    return {
        "asyncapi": "3.1.0",
        "info": {
            "title": "aduan: the complaint bus",
            "version": TOPIC.rpartition(".v")[2],
            "description": "CloudEvents 1.0 in Kafka's binary mode, sealed where personal. For the five services; "
            "others read the public topics. A reader ignores fields it does not know.",
        },
        "defaultContentType": "application/json",
        "channels": {TOPIC: _channel(facts)},
        "operations": {name: made for service in SERVICES for name, made in _operations(service, facts)},
        "components": {
            "messages": {fact.type: _message(fact) for fact in facts},
            "schemas": {"headers": _headers()},
        },
    }


def heard(service: str, language: Language) -> list[type[Event]]:
    """The facts that `service`'s policies and projections know by name: what those modules import."""
    known = set(language.facts.values())
    rooms = [module for room in ("policy", "projections") for module in _modules(f"services.{service}.{room}")]
    found = {fact for module in rooms for fact in vars(module).values() if isinstance(fact, type) and fact in known}
    return sorted(found, key=lambda fact: fact.type)


def _modules(name: str) -> Iterator[ModuleType]:
    module = import_module(name)
    yield module
    for part in iter_modules(getattr(module, "__path__", ())):
        yield import_module(f"{name}.{part.name}")


def _channel(facts: Sequence[type[Event]]) -> Document:
    topic = described()[TOPIC]
    return {
        "address": TOPIC,
        "title": "All facts of the five services",
        "description": "Kept for ever and never compacted. A stream's records are in order and lie in one partition.",
        "messages": {fact.type: {"$ref": f"#/components/messages/{fact.type}"} for fact in facts},
        "bindings": {
            "kafka": {
                "topic": TOPIC,
                "partitions": topic.partitions,
                "topicConfiguration": {
                    "cleanup.policy": topic.config["cleanup.policy"].split(","),
                    "retention.ms": int(topic.config["retention.ms"]),
                    "retention.bytes": int(topic.config["retention.bytes"]),
                    "max.message.bytes": int(topic.config["max.message.bytes"]),
                },
                "bindingVersion": KAFKA,
            }
        },
    }


def _operations(service: str, facts: Sequence[type[Event]]) -> Iterator[tuple[str, Document]]:
    own = [fact for fact in facts if fact.type.startswith(f"{service}.")]
    yield f"{service}.send", _operation("send", f"What {service} alone says, copied from its journal.", own)
    others = heard(service, Language.of(*facts))
    told = f"What {service}'s policies react to and its projections keep; its groups read the other facts past."
    groups = {"type": "string", "pattern": rf"^{service}\.[\w.]+\.[\w-]+$", "description": "Ends in the topic's id."}
    bindings = {"bindings": {"kafka": {"groupId": groups, "bindingVersion": KAFKA}}}
    yield f"{service}.receive", _operation("receive", told, others) | bindings


def _operation(action: str, summary: str, facts: Sequence[type[Event]]) -> Document:
    channel = f"#/channels/{TOPIC}"
    return {
        "action": action,
        "channel": {"$ref": channel},
        "summary": summary,
        "messages": [{"$ref": f"{channel}/messages/{fact.type}"} for fact in facts],
    }


def _message(fact: type[Event]) -> Document:
    told = getdoc(fact) or ""
    named = {"ce_type": {"const": fact.type}, "ce_dataschema": {"const": f"{URN}{fact.type}:{fact.version}"}}
    return {
        "name": fact.type,
        "title": fact.__name__,
        "summary": told.partition("\n")[0],
        "description": told,
        "contentType": "application/json",
        "headers": {"allOf": [{"$ref": "#/components/schemas/headers"}, {"type": "object", "properties": named}]},
        "payload": {"schemaFormat": JSON_SCHEMA, "schema": {"$ref": f"./json/{path_of(fact.type, fact.version)}"}},
        "correlationId": {"location": "$message.header#/ce_correlationid"},
        "bindings": {"kafka": {"key": _key(), "bindingVersion": KAFKA}},
    }


def _key() -> Document:
    told = "The complaint, so that all its streams share a partition; for `register/...` and `office/...` the stream."
    return {"type": "string", "description": told}


def _headers() -> Document:
    told = "CloudEvents attributes and ours, as UTF-8 text. `ce_chain` comes last; the others are sorted by name."
    properties = {**_HEADERS, **_OPTIONAL}
    return {"type": "object", "description": told, "required": list(_HEADERS), "properties": properties}
