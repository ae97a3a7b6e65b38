"""The importer against services kept in memory: what is asked, in which order, and what a second run adds."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from deploy.wabo.client import Answer, Refused
from deploy.wabo.importing import Import, Tally
from deploy.wabo.mapping import ACTS
from tests.wabo.samples import TO_DISPOSITION, WHOLE, case, gathered, small_log

if TYPE_CHECKING:
    from collections.abc import Callable

    from deploy.wabo.cases import Case
    from deploy.wabo.requests import Request


@dataclass(slots=True)
class Remembering:
    """Answers each key once and for all, and refuses an act whose predecessor is missing, as the services do.

    `refuses` names keys it says no to whatever was done.
    """

    refuses: frozenset[str] = frozenset()
    done: dict[str, Answer] = field(default_factory=dict)
    asked: list[tuple[str, str | None]] = field(default_factory=list)

    async def post(self, opd: str, request: Request, complaint: str, after: str | None) -> Answer:
        self.asked.append((request.key, after))
        if request.key in self.refuses:
            raise Refused(409, "no", "Tidak.")
        if request.key not in self.done:
            self._check(request.key)
            place = len(self.done) + 1
            known = complaint or f"complaint-{place}"
            self.done[request.key] = Answer(complaint=known, recorded=f"{request.service}/{opd}/{known}@{place}")
        await asyncio.sleep(0)
        return self.done[request.key]

    def _check(self, key: str) -> None:
        """Routing opens a case when its file is complete, and never asks whether there was a receipt."""
        case, _, act = key.rpartition("/")
        needed = "completeness" if act == "review" else dict(pairwise(reversed(ORDER))).get(act)
        if needed is not None and f"{case}/{needed}" not in self.done:
            raise Refused(409, "not-yet", "Belum.")


ORDER: list[str] = [*(act.name for act in ACTS), "record"]


def told(_: Tally) -> None:
    """Nobody watches."""


def cases() -> tuple[Case, ...]:
    return gathered(small_log()[1:]).cases


async def interrupted(services: Remembering, *, after_steps: int) -> None:
    def watching(tally: Tally) -> None:
        if tally.steps >= after_steps:
            running.cancel()

    running = asyncio.create_task(_run(services, watching))
    await running


async def _run(services: Remembering, watching: Callable[[Tally], None]) -> None:
    await Import(services, watching).run(cases(), 4)


async def test_an_interrupted_import_goes_on_where_it_was_and_doubles_nothing() -> None:
    services, straight = Remembering(), Remembering()

    with pytest.raises(asyncio.CancelledError):
        await interrupted(services, after_steps=17)
    assert 17 <= len(services.done) < 30
    again = await Import(services, told).run(cases(), 4)
    await Import(straight, told).run(cases(), 4)

    assert services.done.keys() == straight.done.keys()
    assert again.cases == len(cases())
    assert again.steps == len(straight.done)


async def test_a_refused_case_ends_there_and_the_others_go_on() -> None:
    one, other = gathered([*case("case-1", TO_DISPOSITION), *case("case-2", WHOLE)]).cases
    services = Remembering(refuses=frozenset({"wabo/case-1/review"}))

    tally = await Import(services, told).run((one, other), 1)

    assert [(no.case, no.step, no.code) for no in tally.failures] == [("case-1", "review", "no")]
    assert "wabo/case-1/analysis" not in services.done
    assert "wabo/case-2/record" in services.done


async def test_an_act_waits_for_the_one_before_it_only_where_another_service_performs_it() -> None:
    services = Remembering()

    await Import(services, told).run(gathered(case("case-1", WHOLE)).cases, 1)

    assert services.done.keys() == {f"wabo/case-1/{name}" for name in ORDER}
    waiting = {key.rsplit("/", 1)[1]: after.split("/", 1)[0] for key, after in services.asked if after is not None}
    assert waiting == {"review": "intake", "handover": "routing", "record": "notification"}


async def test_what_was_walked_to_its_end_is_asked_for_twice_and_no_more() -> None:
    services, every = Remembering(), gathered([*case("case-1", TO_DISPOSITION), *case("case-2", WHOLE)]).cases
    await Import(services, told).run(every, 1)
    done, services.asked = dict(services.done), []

    tally = await Import(services, told).run(every, 1)

    assert services.done == done
    assert tally.steps == len(done)
    assert [key.rsplit("/", 1)[1] for key, _ in services.asked] == ["filing", "disposition", "filing", "record"]


async def test_a_receipt_cut_off_before_a_last_review_is_still_given() -> None:
    one = gathered(case("case-1", TO_DISPOSITION[:4])).cases
    services = Remembering(refuses=frozenset({"wabo/case-1/receipt"}))
    await Import(services, told).run(one, 1)

    services.refuses = frozenset()
    await Import(services, told).run(one, 1)

    assert services.done.keys() == {f"wabo/case-1/{name}" for name in ORDER[:5]}


async def test_no_cases_are_an_import_of_nothing() -> None:
    assert (await Import(Remembering(), told).run((), 48)).cases == 0
