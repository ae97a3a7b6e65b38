"""`aduan demo`: the whole house, five complaints told as they pass on the bus, the recap, then it stays."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, suppress
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import httpx2
import typer

from deploy.books import evaluation_table, recap_table
from deploy.demo.office import Office, Refused
from deploy.demo.play import Played, play
from deploy.demo.stories import STORIES
from deploy.demo.watch import Watch, watching
from deploy.home import Home, home
from deploy.household import OFFICES
from deploy.local.trouble import Trouble
from deploy.screen import called, console, told
from deploy.serve import SERVICES
from deploy.up import end_on_signals, until_one_ends
from services.kernel.clock import now
from services.kernel.settings import EVENTS_TOPIC
from services.reporting.api.answers import Evaluation, Recap

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence

ZONE = "Asia/Jakarta"
PATIENCE_SECONDS = 30
INTERRUPTED = 130
MONTHS = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII")
"""As letter numbers write them."""


def demo(
    data: Annotated[Path, typer.Option(envvar="ADUAN_DATA", help="Folder data demo.")] = Path(".data"),
    once: Annotated[bool, typer.Option("--once", help="Berhenti sendiri; gagal bila ada yang tidak beres.")] = False,  # noqa: FBT002 - a flag
) -> None:
    """Jalankan semuanya, mainkan lima pengaduan, tampilkan rekap, lalu tetap menyala."""
    with told(), suppress(asyncio.CancelledError):
        asyncio.run(_demo(data, once=once))
        return
    if once:  # whoever waits for its end must not take half of it for all
        raise typer.Exit(INTERRUPTED)
    console.print("Semua sudah berhenti; data tetap tersimpan.")


async def _demo(data: Path, *, once: bool) -> None:
    end_on_signals()
    began = monotonic()
    async with home(data, console, services=SERVICES) as house, AsyncExitStack() as stack:
        console.print("[yellow]Mode demo[/]: rahasia dan token dibuat sendiri di folder data; bukan untuk kantor.")
        clients = {
            name: await stack.enter_async_context(httpx2.AsyncClient(base_url=address, timeout=30))
            for name, address in house.addresses.items()
        }
        offices = {opd: Office.of(opd, clients, data) for opd in OFFICES}
        await _tell(house, offices, began)
        if not once:
            _invite(house, data)
            await until_one_ends(house.processes.values())


async def _tell(house: Home, offices: Mapping[str, Office], began: float) -> None:
    """Play the five and show what came of them.

    Raises:
        Trouble: something is not as it should be.
    """
    letters = len(house.letters.letters()) if house.letters else 0
    async with watching(house.backing.kafka_url, EVENTS_TOPIC, Watch(console, ZONE)) as watch:
        try:
            played = [one async for one in _played(offices)]
        except (Refused, httpx2.HTTPError) as wrong:
            raise Trouble(f"Demo terhenti: {wrong}") from wrong
        await _letters_came(house, [one for one, _ in played], letters)
        await _all_passed(watch, [one for one, _ in played])
    console.print(f"\nPengaduan pertama masuk rekap {played[0][1] - began:.1f} detik setelah perintah dijalankan.")
    await _show_tables(offices)


async def _played(offices: Mapping[str, Office]) -> AsyncIterator[tuple[Played, float]]:
    """Play one after the other; yield each with the instant its row in the recap was whole.

    Raises:
        Trouble: a row is not what its complaint came to.
    """
    begun = now().astimezone(ZoneInfo(ZONE))
    for n, story in enumerate(STORIES, start=1):
        office = offices[story.opd]
        letter_number = f"480/{begun:%H%M%S}.{n}/PH/{MONTHS[begun.month - 1]}-{begun.year}"
        one = await play(story, office, letter_number, begun.date())
        row = await office.ask("staf", "reporting", f"/recap/{one.complaint}", after=one.recorded)
        if row.get("number") != one.number or row.get("outcome") is None:
            raise Trouble(f"Rekap {one.number} belum lengkap.")
        yield one, monotonic()


async def _letters_came(house: Home, played: Sequence[Played], before: int) -> None:
    """Two letters for everyone with an e-mail address: the receipt and the answer."""
    wanted = before + 2 * sum(one.by_email for one in played)
    if house.letters and not await asyncio.to_thread(house.letters.wait_for, wanted, PATIENCE_SECONDS):
        raise Trouble("Tidak semua surel sampai di kotak surat demo.")


async def _all_passed(watch: Watch, played: Sequence[Played]) -> None:
    """The bus is read beside the playing, and the last facts are not to be cut off."""
    wanted = {
        "reporting.CaseRecorded": len(played),
        "notification.NotificationDelivered": 2 * sum(one.by_email for one in played),
    }
    if not await watch.until_seen(wanted, PATIENCE_SECONDS):
        raise Trouble("Tidak semua kejadian lewat di bus.")


async def _show_tables(offices: Mapping[str, Office]) -> None:
    """Step 13: the recap of this month for every office, and the evaluation over them."""
    month = now().astimezone(ZoneInfo(ZONE)).strftime("%Y-%m")
    for office in offices.values():
        book = Recap.model_validate(await office.ask("staf", "reporting", "/recap", month=month))
        console.print(recap_table(OFFICES[office.opd], book, ZoneInfo(ZONE)))
    for office in offices.values():
        judged = Evaluation.model_validate(await office.ask("kadis", "reporting", "/evaluation"))
        console.print(evaluation_table(OFFICES[office.opd], judged))


def _invite(house: Home, data: Path) -> None:
    """Say where everything answers and what can be tried."""
    intake, reporting, aduan = house.addresses["intake"], house.addresses["reporting"], called()
    console.print("\nSemua tetap menyala sampai Ctrl-C:")
    for name, address in house.addresses.items():
        console.print(f"  {name:<13}{address}/openapi.json")
    console.print(f"  surel        {data / 'letters'}")
    console.print("\nCoba dari terminal lain:")
    form = '{"story": {"what_happened": "Loket tutup sebelum waktunya."}}'
    console.print(
        f"  curl -s {intake}/public/dpmptsp-agam/complaints -H 'Content-Type: application/json' -d '{form}'\n"
        f"  {aduan} token --data {data} --opd dpmptsp-agam --role staf\n"
        f"  {aduan} recap --data {data} --opd dpmptsp-agam\n"
        f'  curl -s {reporting}/recap -H "Authorization: Bearer $({aduan} token --data {data} '
        '--opd dpmptsp-agam --role staf 2>/dev/null)"',
        markup=False,
        soft_wrap=True,
    )
