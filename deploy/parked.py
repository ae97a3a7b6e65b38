"""`aduan parked`: what waits of a service's consumers, and a person's decisions about it."""

from __future__ import annotations

import asyncio
import getpass
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from deploy.local.trouble import Trouble
from deploy.screen import console, told
from deploy.serve import SERVICES
from services.kernel import clock
from services.kernel.mongo import PASSING, connect, database
from services.kernel.stations import Stations

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from services.kernel.mongo import Database

app = typer.Typer(name="parked", help="Kejadian yang diparkir, tertahan, atau dikarantina.", no_args_is_help=True)

Service = Annotated[str, typer.Argument(help="intake, routing, meeting, notification, atau reporting.")]
Event = Annotated[str, typer.Argument(help="Kejadian: `<stream>@<urutan>`, seperti pada daftar.")]
Consumer = Annotated[str, typer.Option("--consumer", help="Hanya konsumen ini (`policies` atau nama proyeksi).")]
Url = Annotated[str, typer.Option("--mongo-url", envvar="ADUAN_MONGO_URL", help="Alamat MongoDB.")]
Prefix = Annotated[
    str, typer.Option("--database-prefix", envvar="ADUAN_DATABASE_PREFIX", help="Awalan nama basis data.")
]


@app.command("list", help="Daftar semua yang menunggu, satu baris untuk tiap stream.")
def list_(
    url: Url,
    service: Annotated[str, typer.Argument(help="Satu layanan; tanpa ini: kelimanya.")] = "",
    prefix: Prefix = "aduan",
) -> None:
    with told():
        asyncio.run(_list(url, prefix, (_known(service),) if service else SERVICES))


@app.command(help="Tampilkan satu kejadian: tajuk dan alasannya. Isinya tidak ditampilkan.")
def show(service: Service, event: Event, url: Url, prefix: Prefix = "aduan") -> None:
    with told():
        asyncio.run(_show(url, prefix, _known(service), event))


@app.command(
    help="Coba lagi apa yang menunggu dari satu stream, berurutan; layanan mengerjakannya dalam hitungan detik."
)
def retry(service: Service, event: Event, url: Url, prefix: Prefix = "aduan", consumer: Consumer = "") -> None:
    with told():
        asyncio.run(_retry(url, prefix, _known(service), event, consumer))
    console.print("Permintaan dicatat; layanan yang berjalan akan mencobanya lagi.")


@app.command(help="Lewati satu kejadian untuk seterusnya, juga pada setiap pembangunan ulang. Tidak dapat dibatalkan.")
def drop(
    service: Service,
    event: Event,
    url: Url,
    why: Annotated[str, typer.Option("--why", help="Alasan; tersimpan bersama nama akun Anda.")],
    prefix: Prefix = "aduan",
    consumer: Consumer = "",
) -> None:
    if not why.strip():
        raise typer.BadParameter("alasan tidak boleh kosong", param_hint="--why")
    with told():
        asyncio.run(_drop(url, prefix, _known(service), event, consumer, (getpass.getuser(), why)))
    console.print(f"{event} dilewati; yang menunggu di belakangnya akan dicoba lagi.")


def _known(service: str) -> str:
    if service not in SERVICES:
        raise Trouble(f"Layanan {service} tidak ada; pilih salah satu: {', '.join(SERVICES)}.")
    return service


async def _list(url: str, prefix: str, services: tuple[str, ...]) -> None:
    table = Table("Layanan", "Konsumen", "Kejadian pertama", "Jenis", "Menunggu", "Alasan", "Sejak")
    quarantined = 0
    for service in services:
        async with _room(url, prefix, service) as room:
            pipeline: list[dict[str, Any]] = [
                {"$sort": {"group": 1, "stream": 1, "sequence": 1}},
                {
                    "$group": {
                        "_id": {"group": "$group", "stream": "$stream"},
                        "n": {"$sum": 1},
                        "d": {"$first": "$$ROOT"},
                    }
                },
                {"$sort": {"_id": 1}},
            ]
            async for found in room["stations"].aggregate(pipeline):
                first = found["d"]
                event, since = f"{first['stream']}@{first['sequence']}", first["at"].isoformat(timespec="seconds")
                table.add_row(service, first["group"], event, first["type"], str(found["n"]), first["reason"], since)
            quarantined += await room["quarantine"].count_documents({})
    console.print(table if table.row_count else "Tidak ada yang menunggu.")
    if quarantined:
        console.print(
            f"{quarantined} catatan dikarantina: tidak mungkin ditulis oleh layanan kita, dan tidak menahan apa pun."
        )


async def _show(url: str, prefix: str, service: str, event: str) -> None:
    async with _room(url, prefix, service) as room:
        found = [document async for document in room["stations"].find(_waiting(event))]
    if not found:
        raise Trouble(f"{event} tidak sedang menunggu di {service}.")
    for document in found:
        console.print(f"[bold]{document['group']}[/bold]: {document['reason']}, sejak {document['at'].isoformat()}")
    for name, text in sorted(found[0]["headers"].items()):
        console.print(f"  {name}: {text}", markup=False)
    console.print(f"  isi: {len(found[0]['wire'])} bita")


async def _retry(url: str, prefix: str, service: str, event: str, consumer: str) -> None:
    async with _room(url, prefix, service) as room:
        for stations in await _stations(room, service, event, consumer):
            await stations.retry(_waiting(event)["stream"])


async def _drop(url: str, prefix: str, service: str, event: str, consumer: str, who_why: tuple[str, str]) -> None:
    place = _waiting(event)
    async with _room(url, prefix, service) as room:
        for stations in await _stations(room, service, event, consumer):
            await stations.drop(place["stream"], place["sequence"], *who_why, clock.now())


async def _stations(room: Database, service: str, event: str, consumer: str) -> list[Stations]:
    """Return the waiting rooms in which `event` is the first of its stream."""
    place = _waiting(event)
    wanted = {**place, "consumer": consumer} if consumer else place
    rooms = [Stations(room, d["consumer"], d["group"]) async for d in room["stations"].find(wanted)]
    first = [stations for stations in rooms if (await stations.firsts())[place["stream"]].sequence == place["sequence"]]
    if not first:
        raise Trouble(
            f"{event} bukan kejadian pertama yang menunggu di {service}; lihat `aduan parked list {service}`."
        )
    return first


def _waiting(event: str) -> dict[str, Any]:
    stream, _, sequence = event.rpartition("@")
    if not stream or not sequence.isdigit():
        raise Trouble(f"{event} bukan kejadian; tulis seperti intake/dinas/pengaduan@3.")
    return {"stream": stream, "sequence": int(sequence)}


@asynccontextmanager
async def _room(url: str, prefix: str, service: str) -> AsyncIterator[Database]:
    client = connect(url)
    try:
        yield database(client, f"{prefix}_{service}")
    except PASSING as fault:
        raise Trouble(f"MongoDB tidak menjawab ({type(fault).__name__}); periksa --mongo-url.") from None
    finally:
        client.close()
