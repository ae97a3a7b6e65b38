"""`aduan import wabo`: the public log of 1,434 real cases, walked through the services by their API."""

from __future__ import annotations

import asyncio
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Annotated

import typer

from deploy import reach
from deploy.local.trouble import Trouble
from deploy.screen import console, told
from deploy.wabo import screen
from deploy.wabo.cases import Gathered, gather
from deploy.wabo.client import PATIENCE_SECONDS, Client
from deploy.wabo.importing import Import, Tally
from deploy.wabo.mapping import OFFICES
from deploy.wabo.rows import read
from services.kernel import clock

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from deploy.wabo.cases import Case

PERSON = "impor-wabo"
"""Part of every command id: another name would be another importer, and would file everything again."""

INTERRUPTED = 130

app = typer.Typer(help="Impor data dari luar.", no_args_is_help=True, add_completion=False)


@app.callback()
def main() -> None:
    """A callback keeps `wabo` named even while it is the only one."""


@app.command(help="Impor log publik WABO: tiap perkara diajukan dan dijalankan lewat API dengan waktunya sendiri.")
def wabo(  # noqa: PLR0913 - each is an option
    path: Annotated[Path, typer.Argument(help="Berkas CSV; hanya dibaca.")],
    *,
    data: Annotated[Path, typer.Option(envvar="ADUAN_DATA", help="Folder data `aduan up`.")] = Path(".data"),
    intake: Annotated[str | None, typer.Option(envvar="ADUAN_INTAKE", help="Alamat layanan intake.")] = None,
    routing: Annotated[str | None, typer.Option(envvar="ADUAN_ROUTING", help="Alamat layanan routing.")] = None,
    notification: Annotated[
        str | None, typer.Option(envvar="ADUAN_NOTIFICATION", help="Alamat layanan notification.")
    ] = None,
    reporting: Annotated[str | None, typer.Option(envvar="ADUAN_REPORTING", help="Alamat layanan reporting.")] = None,
    token: Annotated[
        str | None, typer.Option(envvar="ADUAN_TOKEN", help="Token importer, satu per OPD, dipisah spasi.")
    ] = None,
    opd: Annotated[list[str] | None, typer.Option(help="Hanya perkara OPD ini; boleh diulang.")] = None,
    concurrency: Annotated[int, typer.Option(min=1, max=256, help="Perkara sekaligus.")] = 48,
    limit: Annotated[int | None, typer.Option(min=1, help="Hanya sekian perkara pertama.")] = None,
    report: Annotated[Path | None, typer.Option(help="Tulis yang ditinggalkan ke berkas CSV ini.")] = None,
) -> None:
    given = {"intake": intake, "routing": routing, "notification": notification, "reporting": reporting}
    with told():
        gathered = _read(path)
        cases = _chosen(gathered.cases, opd, limit)
        tokens = _tokens(token, data, sorted({case.about.opd for case in cases}))
        tally = _interruptible(cases, reach.addresses(data, given), tokens, concurrency)
    screen.bad_rows(console, gathered)
    screen.failures(console, tally.failures)
    if report is not None:
        _report(report, gathered, tally)
    if tally.failures:
        raise typer.Exit(1)


def _read(path: Path) -> Gathered:
    """Read the log whole before anything is filed; undecodable bytes are kept for the line they spoil.

    Raises:
        Trouble: there is no such file, or it is not the log.
    """
    try:
        with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as lines:
            return gather(read(lines, clock.now()))
    except OSError as wrong:
        raise Trouble(f"Berkas {path} tidak dapat dibaca ({wrong.strerror}).") from wrong


def _report(path: Path, gathered: Gathered, tally: Tally) -> None:
    with told():
        try:
            screen.report(path, gathered.bad, tally.failures)
        except OSError as wrong:
            raise Trouble(f"Laporan {path} tidak dapat ditulis ({wrong.strerror}).") from wrong


def _chosen(cases: Sequence[Case], offices: Sequence[str] | None, limit: int | None) -> Sequence[Case]:
    unknown = sorted(set(offices or ()) - set(OFFICES.values()))
    if unknown:
        raise Trouble(f"OPD {', '.join(unknown)} tidak menerima perkara log ini; lihat docs/wabo.md.")
    return [case for case in cases if not offices or case.about.opd in offices][:limit]


def _tokens(told_tokens: str | None, data: Path, offices: Sequence[str]) -> Mapping[str, str]:
    if told_tokens is None:
        return reach.demo_tokens(data, offices, person=PERSON, role="importer", now=clock.now())
    tokens = reach.tokens_given(told_tokens)
    missing = [office for office in offices if office not in tokens]
    if missing:
        raise Trouble(f"Tidak ada token untuk OPD {', '.join(missing)}; tambahkan, atau batasi dengan --opd.")
    return tokens


def _interruptible(
    cases: Sequence[Case], addresses: Mapping[str, str], tokens: Mapping[str, str], concurrency: int
) -> Tally:
    try:
        return asyncio.run(_import(cases, addresses, tokens, concurrency))
    except KeyboardInterrupt:
        console.print("Dihentikan. Jalankan lagi perintah yang sama: yang sudah tercatat tidak akan terulang.")
        raise typer.Exit(INTERRUPTED) from None


async def _import(
    cases: Sequence[Case], addresses: Mapping[str, str], tokens: Mapping[str, str], concurrency: int
) -> Tally:
    client = Client(addresses, tokens, connections=concurrency, patience=PATIENCE_SECONDS)
    began = perf_counter()
    try:
        await client.check()
        with screen.progress(console, len(cases)) as watching:
            tally = await Import(client, watching).run(cases, concurrency)
    except* Trouble as troubles:
        raise _first(troubles) from None
    finally:
        await client.close()
    screen.summary(console, cases, tally, perf_counter() - began)
    return tally


def _first(troubles: ExceptionGroup[Trouble]) -> Trouble:
    """What stopped one worker stopped the others: one sentence is enough."""
    found: BaseException = troubles
    while isinstance(found, BaseExceptionGroup):
        found = found.exceptions[0]
    return found if isinstance(found, Trouble) else Trouble(str(found))
