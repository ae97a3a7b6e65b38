"""What every route that writes promises, whatever it does: one check for each, to be asked of each act."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from services.kernel import clock
from tests.rig.rig import AGAM, DISDIK, Rig
from tests.rig.walk import Step, Walked, walked

if TYPE_CHECKING:
    from collections.abc import Mapping

    import httpx2

UNKNOWN = "019a0000-0000-7000-8000-000000000000"
PROBLEM = "application/problem+json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """A step at which a complaint standing at `at` may be asked for; `otherwise` is a body that says something else.

    `longest` is the most letters each of its texts may have, of which the `optional` may be left out; `barred` is a
    role that may not do it.
    """

    step: Step
    at: str
    otherwise: Mapping[str, Any]
    longest: Mapping[str, int] = field(default_factory=dict)
    optional: frozenset[str] = frozenset()
    barred: str = "tamu"

    def __str__(self) -> str:
        return f"{self.step.service} {self.step.path}"

    async def on(self, complaint: str, rig: Rig, body: Any, **more: Any) -> httpx2.Response:
        path = self.step.path.format(opd=AGAM, complaint=complaint)
        return await rig.post(self.step.service, path, body, **{"by": self.step.by, **more})


def is_problem(answer: httpx2.Response, status: int, code: str) -> None:
    assert (answer.status_code, answer.headers["content-type"]) == (status, PROBLEM), answer.text
    assert answer.json()["code"] == code
    assert answer.json()["title"]


async def refuses_strangers(rig: Rig, act: Act) -> None:
    """Who may not act is told so before anything is looked at; a complaint's own side has no account to show."""
    if act.step.by is None:
        return
    is_problem(await act.on(UNKNOWN, rig, act.step.body, by=act.barred), 403, "forbidden")
    is_problem(await act.on(UNKNOWN, rig, act.step.body, by=None), 401, "unauthenticated")
    forged = {"Authorization": "Bearer eyJhbGciOiJub25lIn0.e30."}
    is_problem(await act.on(UNKNOWN, rig, act.step.body, by=None, headers=forged), 401, "unauthenticated")


async def refuses_bad_bodies(rig: Rig, act: Act) -> None:
    """Not JSON, something missing, something more, too long, control characters: nothing of it is taken."""
    is_problem(await act.on(UNKNOWN, rig, b"{bad"), 400, "malformed")
    is_problem(await act.on(UNKNOWN, rig, []), 422, "invalid")
    is_problem(await act.on(UNKNOWN, rig, {**act.step.body, "typo": "x"}), 422, "invalid")
    for name in act.longest:
        less = {key: value for key, value in act.step.body.items() if key != name}
        if name not in act.optional:
            is_problem(await act.on(UNKNOWN, rig, less), 422, "invalid")
            is_problem(await act.on(UNKNOWN, rig, {**less, name: None}), 422, "invalid")
        for text in ("a" * (act.longest[name] + 1), "a\x00b", "a\x1bb", "   ", 7):
            answer = await act.on(UNKNOWN, rig, {**less, name: text})
            is_problem(answer, 422, "invalid")
            assert "aaa" not in answer.text


async def hides_what_is_not_there(rig: Rig, act: Act) -> None:
    """An unknown complaint, whatever its identity looks like, is not found; nothing fails over it."""
    for complaint in (UNKNOWN, "%00", "a%20b", "..", "é", "x" * 300, "$ne"):
        answer = await act.on(complaint, rig, act.step.body)
        assert answer.status_code == 404, (complaint, answer.text)
        assert answer.headers["content-type"] == PROBLEM


async def hides_other_offices(case: Walked, act: Act) -> None:
    """Another office's officer does not even learn that it is there; on the public side the office is in the path."""
    path = act.step.path.format(opd=DISDIK, complaint=case.complaint)
    answer = await case.rig.post(act.step.service, path, act.step.body, by=act.step.by, opd=DISDIK)
    is_problem(answer, 404, "not-found")


async def is_done_once(rig: Rig, act: Act) -> None:
    """Stale sight changes nothing and says what was missed; then it is done, and asked again answers the same."""
    case = await walked(rig, act.at)
    body = {**act.step.body, **({"code": case.code} if "code" in act.step.body else {})}
    await hides_other_offices(case, act)
    if act.step.by is not None:
        stale = await act.on(case.complaint, rig, body, after=case.recorded, headers={"If-Match": '"0"'})
        is_problem(stale, 409, "stale")
        assert f"{act.step.service}." in stale.json()["detail"]
    key = {"Idempotency-Key": f"key-{clock.new_id()}"}
    first = await act.on(case.complaint, rig, body, after=case.recorded, headers=key)
    assert first.status_code == 200, first.text
    assert first.json()["complaint"] == case.complaint
    assert first.headers["ETag"] == f'"{first.json()["recorded"].rpartition("@")[2]}"'
    again = await act.on(case.complaint, rig, body, headers=key)
    assert (again.status_code, again.json(), again.headers["ETag"]) == (200, first.json(), first.headers["ETag"])
    if act.step.by is not None:
        other = await act.on(case.complaint, rig, {**body, **act.otherwise}, headers=key)
        is_problem(other, 422, "idempotency-key-reused")
