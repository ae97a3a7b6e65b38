"""What a policy answers to a fact: orders to its own service. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from services.kernel.recorded import Recorded


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """`command` is to be carried out on `stream` because policy `policy` says so.

    Its command id is `policy/<policy>/<event id>/<n>`, so that reacting twice to one fact decides once; `command_id`
    replaces it where the wish has an identity of its own (a register number). `actor` is given where the policy only
    finishes what someone began: then it was their act, recorded by the policy. A policy's command never refuses.
    """

    policy: str
    stream: str
    command: Any
    command_id: str | None = None
    actor: str | None = None


React = Callable[[Recorded[Any]], Sequence[Order]]
