"""`aduan keys`: the master keys and the escrow of complaints' keys."""

import asyncio
import json
import secrets
from base64 import b64encode
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Annotated

import typer
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OctKey, OKPKey, import_key
from pymongo.errors import PyMongoError
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from deploy.escrow import SHORTEST_PASSPHRASE, BadEscrow, Recipient, Writer, documents
from deploy.local.trouble import Trouble
from deploy.owner_only import write_once, written
from deploy.screen import console, told
from services.kernel.master import BadMasterKeys, MasterKeys, WrongMaster, master_keys
from services.kernel.mongo import connect, database
from services.kernel.mongo_keys import MongoKeys
from services.kernel.refusal import Unavailable
from services.kernel.sealing import KEY_BYTES

DEMO_MASTER = "demo-master.keys"

app = typer.Typer(name="keys", help="Kunci induk dan cadangan kunci pengaduan.", no_args_is_help=True)

Url = Annotated[str, typer.Option("--mongo-url", envvar="ADUAN_MONGO_URL", help="Alamat MongoDB.")]
Prefix = Annotated[
    str, typer.Option("--database-prefix", envvar="ADUAN_DATABASE_PREFIX", help="Awalan nama basis data.")
]
Text = Annotated[
    str | None,
    typer.Option(envvar="ADUAN_MASTER_KEYS", show_envvar=True, hidden=True, help="Hanya lewat lingkungan."),
]
File = Annotated[
    Path | None,
    typer.Option("--master-keys-file", envvar="ADUAN_MASTER_KEYS_FILE", help="Berkas kunci induk."),
]
ForKey = Annotated[Path | None, typer.Option("--key", help="Berkas JWK (P-256 atau X25519); tanpa ini: frasa sandi.")]


@app.command(help="Buat satu kunci induk baru dan cetak untuk ADUAN_MASTER_KEYS.")
def new(version: Annotated[str, typer.Argument(help="Nama versi, mis. v1.")] = "v1") -> None:
    typer.echo(f"{version}:{b64encode(secrets.token_bytes(KEY_BYTES)).decode()}")


@app.command(
    help="Bungkus ulang semua kunci dengan kunci induk pertama. Layanan boleh tetap berjalan, asalkan semuanya sudah "
    "dimulai ulang dengan kedua versi. Bila terhenti, jalankan lagi; versi lama baru boleh dibuang setelah selesai."
)
def rotate(url: Url, prefix: Prefix = "aduan", text: Text = None, file: File = None) -> None:
    with _told():
        masters = _masters(text, file)
        done = asyncio.run(_rotate(url, prefix, masters))
    console.print(f"Selesai: {done} kunci dibungkus ulang dengan versi {masters.current}.")


@app.command(help="Salin semua kunci (tetap terbungkus) dan catatan penghapusan ke satu berkas terenkripsi.")
def export(
    output: Annotated[Path, typer.Argument(help="Berkas yang dibuat; tidak boleh sudah ada.")],
    url: Url,
    prefix: Prefix = "aduan",
    key: ForKey = None,
) -> None:
    with _told():
        if output.exists():
            raise Trouble(f"{output} sudah ada; pilih nama lain.")
        count = asyncio.run(_export(url, prefix, output, _recipient(key, confirm=True)))
    console.print(f"{count} kunci dan catatan penghapusan disimpan di {output}.")


@app.command("import", help="Pulihkan kunci dari berkas cadangan. Yang pernah dihapus tetap terhapus.")
def import_(
    source: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="Berkas cadangan.")],
    url: Url,
    prefix: Prefix = "aduan",
    key: ForKey = None,
) -> None:
    with _told():
        count = asyncio.run(_import(url, prefix, source, _recipient(key, confirm=False)))
    console.print(f"{count} kunci dan catatan penghapusan dipulihkan.")


def demo_masters(data: Path) -> MasterKeys:
    """Return the demo's own master key, drawn on first use and kept in the folder `data`."""
    write_once(data / DEMO_MASTER, f"demo:{b64encode(secrets.token_bytes(KEY_BYTES)).decode()}\n")
    return master_keys((data / DEMO_MASTER).read_text())


@asynccontextmanager
async def _keys(url: str, prefix: str, masters: MasterKeys | None = None) -> AsyncIterator[MongoKeys]:
    """Without master keys one can still carry wrapped keys about."""
    client = connect(url)
    try:
        nobody = MasterKeys(current="", versions={})
        yield MongoKeys(database(client, f"{prefix}_keys"), masters or nobody, secrets.token_bytes)
    finally:
        client.close()


def _masters(text: str | None, file: Path | None) -> MasterKeys:
    """Read the setting itself, or the file when there is none."""
    if text or file is None:
        return master_keys(text or "")
    try:
        return master_keys(file.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as fault:
        raise Trouble(f"Berkas kunci induk {file} tidak dapat dibaca ({type(fault).__name__}).") from None


async def _rotate(url: str, prefix: str, masters: MasterKeys) -> int:
    done = 0
    async with _keys(url, prefix, masters) as keys:
        with _bar() as bar:
            task = bar.add_task("Membungkus ulang", total=None)
            async for step in keys.rotate():
                done = step.done
                bar.update(task, completed=step.done, total=step.done + step.left)
    return done


async def _export(url: str, prefix: str, output: Path, recipient: Recipient) -> int:
    writer = Writer(recipient, secrets.token_bytes)
    async with _keys(url, prefix) as keys:
        with _bar() as bar, written(output) as file:
            task = bar.add_task("Menyalin", total=None)
            file.write(writer.opening() + "\n")
            async for document in keys.documents():
                file.write(writer.line(document) + "\n")
                bar.advance(task)
            file.write(writer.closing() + "\n")
    return writer.count


async def _import(url: str, prefix: str, source: Path, recipient: Recipient) -> int:
    with source.open(encoding="utf-8") as lines:
        # All of it first: a file that is not whole must change nothing.
        found = list(documents(lines, recipient))
    found.sort(key=lambda document: "erased" not in document)
    async with _keys(url, prefix) as keys:
        await keys.index()
        with _bar() as bar:
            for document in bar.track(found, description="Memulihkan"):
                await keys.restore(document)
    return len(found)


def _recipient(path: Path | None, *, confirm: bool) -> Recipient:
    if path is None:
        phrase: str = typer.prompt("Frasa sandi", hide_input=True, confirmation_prompt=confirm, err=True)
        if len(phrase) < SHORTEST_PASSPHRASE:
            raise Trouble(f"Frasa sandi sedikitnya {SHORTEST_PASSPHRASE} huruf.")
        return OctKey.import_key(phrase)
    key = _jwk(path)
    if not isinstance(key, OKPKey | ECKey):
        raise Trouble(f"{path} bukan JWK P-256 atau X25519.")
    return key


def _jwk(path: Path) -> object:
    try:
        return import_key(json.loads(path.read_text()))
    except (OSError, ValueError, JoseError):
        return None


def _bar() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*columns, console=console)


@contextmanager
def _told() -> Iterator[None]:
    with told():
        try:
            yield
        except (BadMasterKeys, WrongMaster, BadEscrow) as fault:
            raise Trouble(str(fault)) from None
        except (Unavailable, PyMongoError):
            raise Trouble("MongoDB tidak menjawab; periksa ADUAN_MONGO_URL.") from None
        except FileExistsError:
            raise Trouble("Berkas tujuan sudah ada; pilih nama lain.") from None
