"""`aduan recap` and `aduan evaluate`: reporting's books as tables for a person, or as they are with `--json`."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final
from zoneinfo import ZoneInfo

import httpx2
import typer

from deploy import reach
from deploy.books import evaluation_table, recap_table, totals_table
from deploy.household import OFFICES
from deploy.local.trouble import Trouble
from deploy.screen import console, told
from services.kernel import clock
from services.reporting.api.answers import Evaluation, Recap

if TYPE_CHECKING:
    from collections.abc import Mapping

PERSON: Final = "petugas-demo"
ROLE: Final = "staf"

Data = Annotated[Path, typer.Option(envvar="ADUAN_DATA", help="Folder data `aduan up`.")]
Opd = Annotated[str | None, typer.Option(help="Kode OPD, mis. dpmptsp-agam; tanpa ini semua OPD yang dapat dibaca.")]
Reporting = Annotated[str | None, typer.Option(envvar="ADUAN_REPORTING", help="Alamat layanan reporting.")]
Token = Annotated[str | None, typer.Option(envvar="ADUAN_TOKEN", help="Token, satu per OPD, dipisah spasi.")]
Zone = Annotated[str, typer.Option(envvar="ADUAN_TIME_ZONE", help="Zona waktu kantor.")]
Raw = Annotated[bool, typer.Option("--json", help="Cetak jawaban layanan apa adanya.")]
First = Annotated[datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="Diterima sejak tanggal ini.")]
Last = Annotated[datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="Diterima sampai tanggal ini.")]


def recap(  # noqa: PLR0913 - each is an option
    *,
    opd: Opd = None,
    month: Annotated[str | None, typer.Option(help="Bulan diterima, YYYY-MM; tanpa ini bulan ini.")] = None,
    data: Data = Path(".data"),
    reporting: Reporting = None,
    token: Token = None,
    time_zone: Zone = "Asia/Jakarta",
    raw: Raw = False,
) -> None:
    """Cetak Rekap Pengaduan Pelanggan satu bulan."""
    with told():
        answers = _asked(data, reporting, _tokens(data, opd, token), "/recap", {"month": month})
        zone = _zone(time_zone)
    if raw:
        _print_raw(answers)
        return
    for office, answer in answers.items():
        book = Recap.model_validate(answer)
        console.print(recap_table(office, book, zone))
        console.print(totals_table(book.totals))


def evaluate(  # noqa: PLR0913 - each is an option
    *,
    opd: Opd = None,
    first: First = None,
    last: Last = None,
    data: Data = Path(".data"),
    reporting: Reporting = None,
    token: Token = None,
    raw: Raw = False,
) -> None:
    """Cetak evaluasi: lama tiap langkah, menurut jam dinding."""
    period = {"from": f"{first:%Y-%m-%d}" if first else None, "to": f"{last:%Y-%m-%d}" if last else None}
    with told():
        answers = _asked(data, reporting, _tokens(data, opd, token), "/evaluation", period)
    if raw:
        _print_raw(answers)
        return
    for office, answer in answers.items():
        console.print(evaluation_table(office, Evaluation.model_validate(answer)))


def _tokens(data: Path, opd: str | None, given: str | None) -> Mapping[str, str]:
    """A token for `opd`, or for every office there is one for."""
    if given is None:
        offices = [opd] if opd else list(OFFICES)
        return reach.demo_tokens(data, offices, person=PERSON, role=ROLE, now=clock.now())
    tokens = reach.tokens_given(given)
    if opd is None:
        return tokens
    if opd not in tokens:
        raise Trouble(f"ADUAN_TOKEN bukan token untuk OPD {opd}.")
    return {opd: tokens[opd]}


def _asked(
    data: Path, address: str | None, tokens: Mapping[str, str], path: str, wanted: Mapping[str, str | None]
) -> dict[str, dict[str, Any]]:
    """Return reporting's answer for each office.

    Raises:
        Trouble: it does not answer, or refuses.
    """
    place = reach.addresses(data, {"reporting": address})["reporting"]
    params = {name: value for name, value in wanted.items() if value is not None}
    try:
        with httpx2.Client(base_url=place, timeout=60) as client:
            return {opd: _answer(client, path, params, token) for opd, token in tokens.items()}
    except httpx2.HTTPError as fault:
        raise Trouble(f"Layanan reporting tidak menjawab di {place}; nyalakan dahulu (`aduan up`).") from fault


def _answer(client: httpx2.Client, path: str, params: Mapping[str, str], token: str) -> dict[str, Any]:
    response = client.get(path, params=params, headers={"Authorization": f"Bearer {token}"})
    try:
        said = response.json()
    except ValueError:
        said = {}
    if not response.is_success:
        raise Trouble(_refusal(said, response.status_code))
    return dict(said)


def _refusal(problem: Mapping[str, Any], status: int) -> str:
    details = " ".join(f"{one.get('pointer')}: {one.get('detail')}" for one in problem.get("errors", []))
    return f"{problem.get('title', f'Layanan reporting menjawab {status}.')} {details}".strip()


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError) as wrong:
        raise Trouble(f"Zona waktu '{name}' tidak dikenal.") from wrong


def _print_raw(answers: Mapping[str, dict[str, Any]]) -> None:
    """One office's answer stands alone, several are named."""
    only = next(iter(answers.values())) if len(answers) == 1 else answers
    typer.echo(json.dumps(only, ensure_ascii=False, indent=2))
