"""The image built, the Compose file brought up, and one complaint taken through all five services from outside."""

from __future__ import annotations

import json
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any

import httpx2
import pytest

from deploy.demo.office import Office
from deploy.demo.play import Played, play
from deploy.demo.stories import STORIES
from deploy.serve import SERVICES
from services.kernel.clock import now
from tests.deploy.composed import IMAGE, Composed, docker, lacking
from tests.deploy.probes import until

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [
    pytest.mark.integration,
    pytest.mark.engine,
    pytest.mark.timeout(1_800),
    pytest.mark.skipif(reason=lacking() or "", condition=lacking() is not None),
]
STORY = next(story for story in STORIES if story.channel == "web" and story.complainant)
LETTERS = 2


@pytest.fixture(scope="module")
def composed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Composed]:
    """Up and healthy; taken down with its volumes, also when it never came up."""
    project = Composed.ready(tmp_path_factory.mktemp("composed"))
    try:
        built = project.build()
        up = project.up()
        size = int(docker("image", "inspect", IMAGE, "--format", "{{.Size}}")) / 1_000_000
        print(f"\nimage {size:.0f} MB, built in {built:.0f} s; everything healthy in {up:.0f} s")  # noqa: T201
        yield project
    except BaseException:
        print(project.compose("logs", "--tail", "30", *SERVICES))  # noqa: T201 - else it is gone with the containers
        raise
    finally:
        project.down("--volumes")


@pytest.fixture(scope="module")
async def played(composed: Composed) -> Played:
    async with AsyncExitStack() as stack:
        return await play(STORY, await office(composed, stack), "480/1/PH/XI-2026", now().date())


async def office(composed: Composed, stack: AsyncExitStack) -> Office:
    clients = {
        name: await stack.enter_async_context(httpx2.AsyncClient(base_url=address, timeout=30))
        for name, address in composed.addresses.items()
    }
    return Office.of(STORY.opd, clients, composed.data)


async def recapped(composed: Composed, complaint: str, after: str | None = None) -> Any:
    async with AsyncExitStack() as stack:
        asked = {"after": after} if after else {}
        return await (await office(composed, stack)).ask("staf", "reporting", f"/recap/{complaint}", **asked)


def test_the_image_runs_as_a_user_of_its_own_and_holds_nothing_to_build_with(composed: Composed) -> None:
    assert docker("image", "inspect", IMAGE, "--format", "{{.Config.User}}").strip() == "10001:10001"

    look = "id -u; ls /opt/aduan/bin; for each in gcc cc make git; do command -v $each; done; true"
    user, *found = composed.inside("intake", "sh", "-c", look).split()
    assert user != "0"
    assert "aduan" in found
    assert not {"pip", "gcc", "cc", "make", "git"} & {name.rpartition("/")[2] for name in found}


def test_without_its_secrets_a_service_says_what_it_lacks_and_does_not_start(composed: Composed) -> None:
    with pytest.raises(AssertionError, match="ADUAN_MASTER_KEYS belum diisi"):
        composed.inside("intake", "env", "ADUAN_SECRETS_DIR=/tmp", "aduan", "serve", "intake")


def test_every_service_is_healthy_unprivileged_bounded_and_published_on_this_machine_only(composed: Composed) -> None:
    known = {one["Config"]["Labels"]["com.docker.compose.service"]: one for one in composed.containers()}
    for name in SERVICES:
        host, state = known[name]["HostConfig"], known[name]["State"]
        assert state["Health"]["Status"] == "healthy"
        assert host["ReadonlyRootfs"]
        assert host["CapDrop"] == ["ALL"]
        assert host["Memory"] > 0
        assert known[name]["Config"]["User"].split(":")[0] != "0"
        assert [port["HostIp"] for ports in host["PortBindings"].values() for port in ports] == ["127.0.0.1"]
    for name in ("kafka", "mongo"):
        assert known[name]["HostConfig"]["PortBindings"] in (None, {})


def test_no_secret_shows_in_what_the_engine_tells_of_the_containers(composed: Composed) -> None:
    told = json.dumps(composed.containers())
    for file in (composed.data / "secrets").iterdir():
        if file.name.startswith("aduan_"):
            assert file.read_text().strip() not in told


async def test_a_complaint_filed_over_http_reaches_the_recap(composed: Composed, played: Played) -> None:
    row = await recapped(composed, played.complaint, played.recorded)

    assert row["number"] == played.number
    assert row["outcome"] == "Terselesaikan"
    assert row["letter_number"] == "480/1/PH/XI-2026"
    assert row["complainant"]["name"] == STORY.complainant["name"]  # type: ignore[index]  # chosen for having one


async def test_its_complainant_was_written_to_at_the_receipt_and_with_the_letter(
    composed: Composed, played: Played
) -> None:
    email = STORY.complainant["email"]  # type: ignore[index]  # chosen for having one
    follow = ("logs", "--no-log-prefix", "mail")

    await until(lambda: composed.compose(*follow).count(f"To: {email}") == LETTERS)


async def test_the_office_goes_on_where_it_was_after_a_stop_in_which_the_whole_bus_was_lost(
    composed: Composed, played: Played
) -> None:
    before = await recapped(composed, played.complaint)
    composed.compose("stop")
    composed.compose("rm", "--force", "kafka", "topics")
    docker("volume", "rm", f"{composed.project}_kafka")
    print(f"\nhealthy again in {composed.up():.0f} s")  # noqa: T201

    async with AsyncExitStack() as stack:
        following = await play(STORY, await office(composed, stack), "480/2/PH/XI-2026", now().date())

    assert (await recapped(composed, following.complaint, following.recorded))["outcome"] == "Terselesaikan"
    assert following.number != played.number
    assert {**(await recapped(composed, played.complaint)), "as_of": None} == {**before, "as_of": None}
