"""`aduan rebuild NAME`: a projection filled anew beside the one that answers, compared with it, and switched to."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from deploy.comparison import Comparison, compare
from deploy.local.trouble import Trouble
from deploy.screen import console, told
from deploy.serve import SERVICES
from services.kernel import clock, telemetry
from services.kernel.builds import Builds
from services.kernel.bus import Bus, Consumer, group_of
from services.kernel.dispatcher import Dispatcher
from services.kernel.incarnation import BusAway, Topic
from services.kernel.mongo import PASSING, connect, database
from services.kernel.settings import EVENTS_TOPIC
from services.kernel.stations import Stations

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from rich.progress import Task

    from services.kernel.projection import Projection
    from services.kernel.service import Definition

LOOK_SECONDS = 0.5
SHOWN = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where the services live."""

    mongo_url: str
    kafka_url: str
    topic: str = EVENTS_TOPIC
    prefix: str = "aduan"


def rebuild(  # noqa: PLR0913 - each is an option of the command
    name: Annotated[
        str, typer.Argument(help="Proyeksi, mis. `recap`, atau `layanan.proyeksi` bila namanya dipakai dua.")
    ],
    mongo_url: Annotated[str, typer.Option(envvar="ADUAN_MONGO_URL", help="Alamat MongoDB.")],
    kafka_url: Annotated[str, typer.Option(envvar="ADUAN_KAFKA_URL", help="Alamat Kafka.")],
    *,
    switch: Annotated[bool, typer.Option("--switch", help="Pakai hasilnya bila tidak ada perbedaan.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Bersama --switch: pakai walaupun ada perbedaan.")] = False,
    topic: Annotated[str, typer.Option(envvar="ADUAN_TOPIC", help="Topik kejadian.")] = EVENTS_TOPIC,
    prefix: Annotated[str, typer.Option("--database-prefix", envvar="ADUAN_DATABASE_PREFIX")] = "aduan",
) -> None:
    """Bangun ulang satu proyeksi di samping yang sedang dipakai, lalu bandingkan. Layanan tetap berjalan."""
    telemetry.configure("rebuild")
    place = Place(mongo_url=mongo_url, kafka_url=kafka_url, topic=topic, prefix=prefix)
    with told():
        definition, projection = owner_of(name, definitions())
        clean = asyncio.run(run(place, definition, projection, switch=switch, force=force))
    if not clean:
        raise typer.Exit(1)


def definitions() -> list[Definition]:
    return [getattr(import_module(f"services.{name}.main"), name.upper()) for name in SERVICES]


def owner_of(name: str, among: Sequence[Definition]) -> tuple[Definition, Projection]:
    """Find `projection` or `service.projection`.

    Raises:
        Trouble: there is none of that name, or more than one.
    """
    known = {f"{d.name}.{p.name}": (d, p) for d in among for p in d.projections}
    found = [full for full in known if name in (full, full.partition(".")[2])]
    if len(found) != 1:
        raise Trouble(f"Tidak jelas proyeksi mana yang dimaksud dengan {name}. Pilihan: {', '.join(found or known)}.")
    return known[found[0]]


async def run(place: Place, definition: Definition, projection: Projection, *, switch: bool, force: bool) -> bool:
    """Fill, compare, and switch when told to; return whether nothing stood in the way.

    Raises:
        Trouble: MongoDB or Kafka did not answer.
    """
    client = connect(place.mongo_url)
    builds = Builds(database(client, f"{place.prefix}_{definition.name}"), projection)
    try:
        old, new = await builds.serving(), await builds.begin()
        console.print(f"{old} sedang dipakai; {new} dibangun di sampingnya.")
        async with _filled(place, definition, builds, new):
            compared = await compare(builds.database[old], builds.database[new])
        _told(compared)
        if switch and (compared.clean or force):
            await builds.switch(new)
            console.print(f"{new} sekarang dipakai. {old} tetap tersimpan.")
        elif switch:
            console.print(f"{old} tetap dipakai. Periksa perbedaannya, atau ulangi dengan --switch --force.")
    except PASSING as fault:
        raise Trouble(f"MongoDB tidak menjawab ({type(fault).__name__}); jalankan lagi untuk melanjutkan.") from None
    except BusAway as fault:
        raise Trouble(f"Kafka tidak menjawab ({fault}); jalankan lagi untuk melanjutkan.") from None
    finally:
        client.close()
    return compared.clean or (switch and force)


@asynccontextmanager
async def _filled(place: Place, definition: Definition, builds: Builds, build: str) -> AsyncIterator[None]:
    """Read the bus into `build`, in its own group, until it has what there is; go on reading while in the block.

    A running service joins the same group: both fill the same rows, and neither undoes what the other did.
    """
    view, stations = builds.view(build), Stations(builds.database, builds.projection.name, build)
    await view.prepare()
    await stations.prepare()
    consumer = Consumer(f"{definition.name}.{build}", Dispatcher(view, stations, definition.language, clock.now))
    topic = Topic(place.kafka_url, place.topic)

    async def wanted() -> Sequence[Consumer]:
        return [consumer]

    reading = asyncio.create_task(Bus(place.kafka_url, topic, wanted).run())
    try:
        await _followed(topic, group_of(consumer.name, await topic.incarnation()))
        yield
    finally:
        reading.cancel()
        with suppress(asyncio.CancelledError):
            await reading


async def _followed(topic: Topic, group: str) -> None:
    """Show how far `group` is until it has read what the topic held one look ago."""
    ends = await topic.ends()
    with _bar() as bar:
        task = bar.add_task("Membaca", total=sum(ends.values()))
        while True:
            committed = await topic.committed(group)
            done = sum(min(end, committed.get(partition, 0)) for partition, end in ends.items())
            bar.update(task, completed=done, total=sum(ends.values()))
            if done == sum(ends.values()):
                return
            ends = await topic.ends()
            await asyncio.sleep(LOOK_SECONDS)


class _Rate(ProgressColumn):
    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        return Text(f"{speed:,.0f}/detik" if speed else "")


def _bar() -> Progress:
    columns: tuple[Any, ...] = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), _Rate())
    return Progress(*columns, TimeRemainingColumn(), console=console)


def _told(compared: Comparison) -> None:
    """Ids and names of fields, and nothing that a row says."""
    table = Table("Baris", "Yang berbeda")
    rows = [(key, ", ".join(fields)) for key, fields in compared.different.items()]
    rows += [(key, "belum membaca semua yang dibaca baris lama") for key in compared.behind]
    for row in rows[:SHOWN]:
        table.add_row(*row)
    if rows:
        console.print(table)
    if len(rows) > SHOWN:
        console.print(f"… dan {len(rows) - SHOWN} baris lagi.")
    ahead = f", {len(compared.ahead)} lebih baru daripada baris lama" if compared.ahead else ""
    console.print(f"{compared.same} baris sama, {len(rows)} berbeda{ahead}.")
