"""The command `aduan`: a list of commands. Each lives in its own module, imported only when it is called."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from deploy.lazy import Lazy

app = typer.Typer(
    name="aduan",
    help="Penanganan pengaduan menurut SOP-PH2-01.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    cls=Lazy,
)

Data = Annotated[
    Path,
    typer.Option("--data", envvar="ADUAN_DATA", help="Folder data MongoDB dan Kafka setempat.", show_default=True),
]


@app.callback()
def main() -> None:
    """A callback keeps the commands named even while there is only one."""


@app.command(help="Nyalakan MongoDB, Kafka dan kelima layanan sampai Ctrl-C.")
def up(
    data: Data = Path(".data"),
    services: Annotated[bool, typer.Option(help="Nyalakan juga kelima layanan.")] = True,  # noqa: FBT002 - a flag
) -> None:
    from deploy.screen import console
    from deploy.up import run

    run(data, console, services=services)


@app.command(help="Periksa apa yang kurang atau rusak di mesin ini, dan apa yang harus dilakukan.")
def doctor(data: Data = Path(".data")) -> None:
    from deploy.doctor import run
    from deploy.screen import console

    run(data, console)


@app.command(help="Jalankan satu layanan (atau `all`: kelimanya dalam satu proses).")
def serve(
    service: Annotated[str, typer.Argument(help="intake, routing, meeting, notification, reporting, atau all.")],
    host: Annotated[str, typer.Option(help="Alamat tempat layanan mendengar.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port; `all` memakai lima port berurutan.")] = 8101,
) -> None:
    from deploy.serve import SERVICES, run

    if service not in (*SERVICES, "all"):
        raise typer.BadParameter(f"pilih salah satu: {', '.join(SERVICES)}, all")
    run(service, host, port)


@app.command(help="Tampilkan versi.")
def version() -> None:
    from importlib.metadata import PackageNotFoundError
    from importlib.metadata import version as installed

    try:
        typer.echo(installed("aduan"))
    except PackageNotFoundError:  # run from the source folder, without having been installed
        typer.echo("aduan belum dipasang; dijalankan dari folder sumbernya.")
