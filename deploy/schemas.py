"""`aduan schemas`: the published contract, written and checked."""

from typing import Annotated

import typer

from deploy.screen import console, told

app = typer.Typer(name="schemas", help="Kontrak terbit: JSON Schema, AsyncAPI, contoh rekaman.", no_args_is_help=True)

Against = Annotated[
    str | None,
    typer.Option("--against", help="Rujukan git pembanding; tanpa ini: tag rilis v* terakhir."),
]


@app.command(help="Tulis JSON Schema dan AsyncAPI dari model.")
def write() -> None:
    from deploy.contract import write as written
    from schemas.catalogue import LANGUAGE

    changed = written(LANGUAGE)
    for path in changed:
        console.print(f"schemas/{path}", markup=False)
    console.print(f"{len(changed)} berkas ditulis.")


@app.command(help="Periksa berkas terhadap model, dan model terhadap rilis terakhir.")
def check(against: Against = None) -> None:
    from deploy import contract
    from schemas.catalogue import LANGUAGE

    with told():
        wrong = contract.differences(LANGUAGE)
        ref = against or contract.latest_release()
        if ref is None:
            console.print("Belum ada rilis (tag v*), jadi belum ada versi yang beku.")
        else:
            wrong += contract.broken(LANGUAGE, contract.released(ref))
    for line in wrong:
        console.print(line, style="red", markup=False, soft_wrap=True)
    if wrong:
        raise typer.Exit(1)
    console.print("Berkas sesuai dengan model." if ref is None else f"Sesuai dengan model dan dengan {ref}.")
