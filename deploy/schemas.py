"""`aduan schemas`: the published contract, written and checked."""

from pathlib import Path
from typing import Annotated

import typer

from deploy.screen import console, told

FOLDER = Path(__file__).parents[1] / "schemas"

app = typer.Typer(name="schemas", help="Kontrak terbit: JSON Schema, AsyncAPI, contoh rekaman.", no_args_is_help=True)

Against = Annotated[
    str | None,
    typer.Option("--against", help="Rujukan git pembanding; tanpa ini: tag rilis v* terakhir."),
]
Folder = Annotated[Path, typer.Option("--folder", help="Folder berisi json/, golden/ dan asyncapi.yaml.")]


@app.command(help="Tulis JSON Schema dan AsyncAPI dari model.")
def write(folder: Folder = FOLDER) -> None:
    from deploy import contract
    from schemas.catalogue import LANGUAGE

    changed = contract.write(LANGUAGE, folder)
    for path in changed:
        console.print(str(folder / path), markup=False, soft_wrap=True)
    console.print(f"{len(changed)} berkas ditulis.")


@app.command(help="Periksa berkas terhadap model, dan model terhadap rilis terakhir.")
def check(against: Against = None, folder: Folder = FOLDER) -> None:
    from deploy import contract
    from schemas.catalogue import LANGUAGE

    with told():
        wrong = contract.differences(LANGUAGE, folder)
        ref = against or contract.latest_release(folder)
        if ref is None:
            console.print("Belum ada rilis (tag v*), jadi belum ada versi yang beku.")
        else:
            wrong += contract.broken(LANGUAGE, contract.released(ref, folder), folder)
    for line in wrong:
        console.print(line, style="red", markup=False, soft_wrap=True)
    if wrong:
        raise typer.Exit(1)
    console.print("Berkas sesuai dengan model." if ref is None else f"Sesuai dengan model dan dengan {ref}.")


@app.command(help="Tambah satu contoh rekaman ke aliran contoh. Yang sudah ada tidak pernah dibuat ulang.")
def golden(  # noqa: PLR0913, PLR0917 - a command's options
    type_: Annotated[str, typer.Argument(metavar="TYPE", help="Nama di bus, mis. intake.ComplaintFiled.")],
    data: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="Isi fakta (JSON), bagian segel terbuka.")],
    name: Annotated[str, typer.Option(help="Nama contoh.")] = "typical",
    complaint: Annotated[str, typer.Option(help="Pengaduan contoh; kuncinya dibuat bila belum ada.")] = "CONTOH-1",
    stream: Annotated[str | None, typer.Option(help="Aliran; tanpa ini <layanan>/dpmptsp/<pengaduan>.")] = None,
    actor: Annotated[str, typer.Option(help="Pelaku.")] = "staf:contoh-staf",
    cause: Annotated[str | None, typer.Option(help="ce_id fakta penyebab.")] = None,
) -> None:
    import json
    import secrets

    from deploy.golden import Example, add
    from deploy.local.trouble import Trouble
    from schemas.catalogue import LANGUAGE

    with told():
        try:
            said = json.loads(data.read_text("utf-8"))
        except ValueError:
            raise Trouble(f"{data} bukan JSON.") from None
        place = stream or f"{type_.partition('.')[0]}/dpmptsp/{complaint}"
        example = Example(type=type_, stream=place, data=said, complaint=complaint, name=name, actor=actor, cause=cause)
        path = add(LANGUAGE, example, secrets.token_bytes)
    console.print(str(path), markup=False, soft_wrap=True)
