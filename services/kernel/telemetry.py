"""Logs as JSON lines without personal data, and the figures of health as Prometheus metrics."""

import logging
import sys
import traceback
from collections.abc import Mapping, MutableMapping
from pathlib import Path
from typing import Any

import structlog
from prometheus_client import CollectorRegistry, Gauge, generate_latest

OURS = ("bus", "desk", "dispatcher", "http", "relay", "sender", "service")


def configure(service: str) -> None:
    """Write logs of ours and of the libraries as JSON lines on stderr; libraries only from WARNING up."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    json = structlog.processors.JSONRenderer()
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[_of(service), structlog.stdlib.ProcessorFormatter.remove_processors_meta, _outline, json],
        )
    )
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    for ours in OURS:
        logging.getLogger(ours).setLevel(logging.INFO)


def _of(service: str) -> Any:
    return lambda _, __, line: {"service": service, **line}


def _outline(_: Any, __: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Keep where an exception was raised and of what kind, never its text: that may repeat what a person sent."""
    raised = line.pop("exc_info", None)
    if isinstance(raised, tuple) and raised[1] is not None:
        line["exception"] = type(raised[1]).__name__
        frames = traceback.walk_tb(raised[1].__traceback__)
        line["at"] = [f"{Path(frame.f_code.co_filename).name}:{number}" for frame, number in frames]
    return line


def exposition(service: str, figures: Mapping[str, Mapping[str, float]]) -> bytes:
    """Write `figures` (name, then consumer, then value) in Prometheus' text form."""
    registry = CollectorRegistry()
    for name, values in figures.items():
        gauge = Gauge(f"aduan_{name}", name.replace("_", " "), ["service", "consumer"], registry=registry)
        for consumer, value in values.items():
            gauge.labels(service, consumer).set(value)
    return generate_latest(registry)
