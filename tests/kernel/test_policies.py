"""Policies: every fact answered once, however often it comes and wherever a crash falls."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pytest
from pymongo.errors import AutoReconnect

from services.kernel.decider import Decider
from services.kernel.dispatcher import Dispatcher
from services.kernel.handling import Handler
from services.kernel.journal import Journal
from services.kernel.mongo_journal import MongoStore
from services.kernel.policies import Policies, marks_of
from services.kernel.reaction import Order
from services.kernel.refusal import Refusal
from services.kernel.stations import UPGRADE, Stations
from tests.kernel.bus_samples import LANGUAGE, Echoed, Unheard, history, noted, rooms
from tests.kernel.samples import WHEN, Noted
from tests.kernel.stores import EVERYTHING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from services.kernel.commit import Appended, Commit, Proposal
    from services.kernel.mongo import Database
    from services.kernel.recorded import Recorded

pytestmark = pytest.mark.integration
ONE, OTHER = "notes/kota-1/n-1", "notes/kota-1/n-2"


@dataclass(frozen=True, slots=True)
class Echo:
    text: str


class Unwilling(Refusal):
    code = "unwilling"


def decide(command: Echo, _: int) -> list[Echoed]:
    if command.text == "refuse":
        raise Unwilling
    return [Echoed(text=command.text)]


ECHO: Decider[Echo, int, Echoed] = Decider(0, decide, lambda n, _: n + 1)


def react(fact: Recorded[Any]) -> Sequence[Order]:
    stream = fact.stream.replace("notes/", "echo/")
    return [Order(policy="echo it", stream=stream, command=Echo(text)) for text in fact.event.text.split("+")]


def finishing(fact: Recorded[Any]) -> Sequence[Order]:
    return [replace(order, actor="staf:siti") for order in react(fact)]


class FailingOnce(Journal):
    """Fails after the append, as a crash before the watermark would, for what holds `word`."""

    word = ""

    async def append(self, proposal: Proposal) -> Appended:
        appended = await super().append(proposal)
        if self.word and self.word in str(proposal.events):
            self.word = ""
            raise AutoReconnect("killed here")
        return appended


@dataclass
class Service:
    database: Database
    journal: FailingOnce

    def dispatcher(self) -> Dispatcher:
        handler = Handler(self.journal, LANGUAGE, {"echo": ECHO})
        marks = marks_of(self.database)
        policies = Policies("echo", ("notes",), react, handler, marks, lambda: WHEN)
        return Dispatcher(policies, Stations(self.database, "policies", "policies"), LANGUAGE, lambda: WHEN)

    async def commits(self) -> Sequence[Commit]:
        return await self.journal.store.after(0, EVERYTHING)

    async def echoes(self, stream: str = ONE) -> list[str]:
        mine = [c for c in await self.commits() if c.stream == stream.replace("notes/", "echo/")]
        return [fact.event.text for c in mine for fact in c.facts(LANGUAGE) if isinstance(fact.event, Echoed)]

    async def marks(self) -> dict[str, int]:
        return {d["_id"]: d["mark"]["sequence"] async for d in marks_of(self.database).find({})}


@pytest.fixture
async def service(mongo_url: str, database_name: str) -> AsyncIterator[Service]:
    async with rooms(mongo_url, database_name) as database:
        store = MongoStore(database)
        await store.prepare()
        yield Service(database, FailingOnce(store))


async def test_a_command_id_names_policy_fact_and_number(service: Service) -> None:
    await service.dispatcher().consume(noted(ONE, "a+b"))

    assert [c.circumstances.command_id for c in await service.commits()] == [
        f"policy/echo it/{ONE}@1/0",
        f"policy/echo it/{ONE}@1/1",
    ]
    assert {c.circumstances.cause for c in await service.commits()} == {f"{ONE}@1"}


async def test_what_someone_began_stays_their_act_when_a_policy_finishes_it(service: Service) -> None:
    policies = Policies(
        "echo",
        ("notes",),
        finishing,
        Handler(service.journal, LANGUAGE, {"echo": ECHO}),
        marks_of(service.database),
        lambda: WHEN,
    )

    await Dispatcher(policies, Stations(service.database, "policies", "policies"), LANGUAGE, lambda: WHEN).consume(
        noted(ONE, "a")
    )

    at = [c.circumstances for c in await service.commits()]
    assert [(c.actor, c.recorded_by) for c in at] == [("staf:siti", "policy:echo/echo it")]


async def test_a_crash_between_append_and_watermark_reacts_again_and_decides_once(service: Service) -> None:
    service.journal.word = "b"
    facts = noted(ONE, "a", "b", "c")

    with pytest.raises(AutoReconnect):
        await service.dispatcher().consume(facts)
    assert await service.marks() == {ONE: 1}
    await service.dispatcher().consume(facts)

    assert await service.echoes() == ["a", "b", "c"]
    assert await service.marks() == {ONE: 3}


async def test_a_fault_in_one_stream_does_not_undo_the_watermarks_of_others(service: Service) -> None:
    service.journal.word = "b"

    with pytest.raises(AutoReconnect):
        await service.dispatcher().consume([*noted(ONE, "b"), *noted(OTHER, "x", "y")])

    assert await service.marks() == {OTHER: 2}


async def test_a_republish_decides_nothing_again_even_when_commands_are_forgotten(service: Service) -> None:
    facts = noted(ONE, "a", "b")
    await service.dispatcher().consume(facts)
    before = await service.commits()

    await service.dispatcher().consume(facts)

    assert await service.commits() == before


async def test_a_policy_that_refuses_parks_its_stream_and_no_other(service: Service) -> None:
    await service.dispatcher().consume([*noted(ONE, "a", "refuse", "c"), *noted(OTHER, "x")])

    waiting = [d async for d in service.database["stations"].find({}).sort("sequence", 1)]
    assert [(d["stream"], d["sequence"], d["reason"]) for d in waiting] == [
        (ONE, 2, "Unwilling: unwilling"),
        (ONE, 3, "behind"),
    ]
    assert await service.echoes() == ["a"]
    assert await service.echoes(OTHER) == ["x"]


async def test_a_type_never_heard_of_parks_until_an_upgrade_and_is_then_answered(service: Service) -> None:
    dispatcher = service.dispatcher()
    await dispatcher.consume(history(ONE, Noted(text="a"), Unheard(text="b"), Noted(text="c")))
    first = await service.database["stations"].find_one({"sequence": 2})
    assert first is not None
    assert first["reason"].startswith(UPGRADE)
    await dispatcher.sweep()
    assert await service.echoes() == ["a"]

    upgraded = service.dispatcher()
    upgraded._language = replace(LANGUAGE, facts={**LANGUAGE.facts, Unheard.type: Unheard})  # noqa: SLF001 - deployed
    await upgraded.sweep()

    assert await service.echoes() == ["a", "b", "c"]
    assert await service.database["stations"].count_documents({}) == 0


async def test_two_replicas_with_one_batch_decide_once(service: Service) -> None:
    facts = [*noted(ONE, "a", "b"), *noted(OTHER, "x")]

    await asyncio.gather(*(service.dispatcher().consume(facts) for _ in range(3)))

    assert await service.echoes() == ["a", "b"]
    assert await service.echoes(OTHER) == ["x"]
