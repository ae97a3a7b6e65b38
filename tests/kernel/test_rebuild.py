"""`aduan rebuild` and `aduan parked`: on the real stores, beside a consumer that goes on."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import CliRunner

from deploy import comparison, parked, rebuild
from deploy.comparison import Comparison, compare
from deploy.local.trouble import Trouble
from services.kernel import bus as bus_module
from services.kernel.builds import Builds
from services.kernel.bus import Bus, Consumer
from services.kernel.incarnation import Topic
from tests.kernel.bus_samples import LANGUAGE, SAID, noted, reader, rooms, send, until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from services.kernel.mongo import Database
    from services.kernel.projection import Projection

RAISED = replace(SAID, version=2, derive=lambda row: {"owners": sorted({"notes", "echo"} & row.keys())})
STREAMS = [f"{owner}/kota-1/n-{i}" for i in range(20) for owner in ("notes", "echo")]


@dataclass(frozen=True)
class Notes:
    """As much of a Definition as a rebuild asks for."""

    projections: tuple[Projection, ...] = (SAID,)
    name: str = "notes"
    language: Any = LANGUAGE


NOTES: Any = Notes()


@pytest.fixture(autouse=True)
def _often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bus_module, "LOOK_SECONDS", 0.2)
    monkeypatch.setattr(comparison, "PATIENCE", 1.0)


@pytest.fixture
async def database(mongo_url: str, database_name: str) -> AsyncIterator[Database]:
    async with rooms(mongo_url, f"{database_name}_notes") as opened:
        yield opened


@pytest.fixture
def place(mongo_url: str, kafka_url: str, topic: str, database_name: str) -> rebuild.Place:
    return rebuild.Place(mongo_url=mongo_url, kafka_url=kafka_url, topic=topic, prefix=database_name)


@asynccontextmanager
async def serving(place: rebuild.Place, database: Database, projection: Projection = SAID) -> AsyncIterator[Builds]:
    """A running service, as far as one projection goes."""
    builds, made = Builds(database, projection), dict[str, Consumer]()

    async def wanted() -> Sequence[Consumer]:
        live = await builds.live()
        for build in live:
            said = reader(database, build, projection=projection)
            made.setdefault(build, Consumer(f"notes.{build}", said.dispatcher))
        return [made[build] for build in live]

    task = asyncio.create_task(Bus(place.kafka_url, Topic(place.kafka_url, place.topic), wanted).run())
    try:
        yield builds
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def holds(database: Database, build: str, rows: int) -> Any:
    async def counted() -> bool:
        return await database[build].count_documents({}) == rows

    return counted


@pytest.mark.integration
async def test_a_rebuild_gives_the_same_rows_and_its_group_lives_on_after_the_switch(
    place: rebuild.Place, database: Database
) -> None:
    await send(place.kafka_url, place.topic, [r for stream in STREAMS for r in noted(stream, "a", "b")])
    async with serving(place, database) as builds:
        await until(holds(database, "said_v1_b1", 20))

        assert await rebuild.run(place, NOTES, SAID, switch=True, force=False)

        assert await builds.serving() == "said_v1_b2"
        assert await builds.live() == ["said_v1_b2"]
        await send(place.kafka_url, place.topic, noted("notes/kota-1/n-99", "later"))
        await until(holds(database, "said_v1_b2", 21))


@pytest.mark.integration
async def test_a_difference_is_listed_without_what_it_says_and_nothing_is_switched(
    place: rebuild.Place, database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    await send(place.kafka_url, place.topic, [r for stream in STREAMS for r in noted(stream, "rahasia")])
    async with serving(place, database) as builds:
        await until(holds(database, "said_v1_b1", 20))
        await until(lambda: _settled(database))
        await database["said_v1_b1"].update_one(
            {"_id": "kota-1|n-3"}, {"$set": {"derived.count": 7}, "$inc": {"rev": 1}}
        )

        assert not await rebuild.run(place, NOTES, SAID, switch=True, force=False)
        told = capsys.readouterr().out
        assert "kota-1|n-3" in told
        assert "derived" in told
        assert "rahasia" not in told
        assert await builds.serving() == "said_v1_b1"

        assert await rebuild.run(place, NOTES, SAID, switch=True, force=True)
        assert await builds.serving() == "said_v1_b2"


async def _settled(database: Database) -> bool:
    return await database["said_v1_b1"].count_documents({"derived.count": 2}) == 20


@pytest.mark.integration
async def test_another_version_fills_beside_the_old_rows_which_answer_until_a_person_switches(
    place: rebuild.Place, database: Database
) -> None:
    await send(place.kafka_url, place.topic, [r for stream in STREAMS for r in noted(stream, "a")])
    async with serving(place, database):
        await until(holds(database, "said_v1_b1", 20))
        await until(lambda: _settled(database))

    async with serving(place, database, RAISED) as builds:
        await until(holds(database, "said_v2_b1", 20))
        assert await builds.serving() == "said_v1_b1"
        assert await builds.live() == ["said_v2_b1"]

        definition: Any = Notes(projections=(RAISED,))
        await rebuild.run(place, definition, RAISED, switch=True, force=True)
        assert await builds.serving() == "said_v2_b1"

    assert await database["said_v1_b1"].count_documents({}) == 20
    back = Builds(database, SAID)
    assert await back.live() == ["said_v1_b1"]
    assert await back.serving() == "said_v2_b1"


@pytest.mark.integration
async def test_numbers_of_builds_are_never_given_twice(database: Database) -> None:
    builds = Builds(database, SAID)
    assert await builds.live() == ["said_v1_b1"]
    assert set(await asyncio.gather(builds.begin(), builds.begin())) == {"said_v1_b2"}
    assert await builds.live() == ["said_v1_b1", "said_v1_b2"]

    assert await builds.switch("said_v1_b2")
    assert not await builds.switch("said_v1_b2")

    assert await builds.begin() == "said_v1_b3"


@pytest.mark.integration
async def test_rows_are_compared_where_both_have_read_the_same(database: Database) -> None:
    old, new = database["old"], database["new"]
    rows: list[dict[str, Any]] = [
        {"_id": name, "rev": 1, "seen": {"notes/kota-1/n": 1}, "notes": {"texts": ["a"], "x": 1}} for name in "abcd"
    ]
    await old.insert_many([dict(row) for row in rows])
    await new.insert_many(
        [
            {**rows[0], "rev": 9, "notes": {"x": 1, "texts": ["a"]}},
            {**rows[1], "notes": {"texts": ["b"], "x": 1}},
            {**rows[3], "seen": {"notes/kota-1/n": 2}},
            {**rows[3], "_id": "e"},
        ]
    )

    compared = await compare(old, new, patience=0)

    assert compared == Comparison(same=1, different={"b": ["notes"]}, behind=["c"], ahead=["d", "e"])


def test_a_projection_is_found_by_its_name_or_with_its_service() -> None:
    other: Any = Notes(name="other")

    assert rebuild.owner_of("said", [NOTES]) == (NOTES, SAID)
    assert rebuild.owner_of("other.said", [NOTES, other]) == (other, SAID)
    with pytest.raises(Trouble, match=r"notes\.said, other\.said"):
        rebuild.owner_of("said", [NOTES, other])
    with pytest.raises(Trouble, match=r"notes\.said"):
        rebuild.owner_of("nothing", [NOTES])


@pytest.mark.integration
async def test_parked_is_listed_shown_and_dropped_from_the_command_line(mongo_url: str, database_name: str) -> None:
    async with rooms(mongo_url, f"{database_name}_intake") as room:
        said = reader(room)
        await said.dispatcher.consume(noted("notes/kota-1/n-1", "a", "trap: fold", "c"))

        def aduan(*arguments: str) -> Any:
            options = ["--mongo-url", mongo_url, "--database-prefix", database_name]
            return CliRunner().invoke(parked.app, [*arguments, *options], env={"COLUMNS": "200"})

        listed = await asyncio.to_thread(aduan, "list")
        shown = await asyncio.to_thread(aduan, "show", "intake", "notes/kota-1/n-1@2")
        wrong = await asyncio.to_thread(aduan, "retry", "intake", "notes/kota-1/n-1@3")
        dropped = await asyncio.to_thread(aduan, "drop", "intake", "notes/kota-1/n-1@2", "--why", "salah ketik")
        await said.dispatcher.sweep()

        assert "ZeroDivisionError" in listed.output
        assert "ce_chain" in shown.output
        assert "trap" not in shown.output
        assert (wrong.exit_code, dropped.exit_code) == (1, 0)
        assert await said.row("kota-1|n-1") == {"notes": {"texts": ["a", "c"]}, "derived": {"count": 2}}
        skip = await room["skips"].find_one({})
        assert skip is not None
        assert (skip["why"], skip["sequence"], bool(skip["who"])) == ("salah ketik", 2, True)
