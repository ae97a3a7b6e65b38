"""`aduan secrets`: what must be secret outside the demo, drawn once, one file for each.

The names are those of the settings, so that `ADUAN_SECRETS_DIR` may point at the folder (`services.kernel.settings`).
"""

import os
import secrets as chance
from base64 import b64encode
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from deploy.owner_only import write_once
from deploy.screen import console
from services.kernel.sealing import KEY_BYTES

IMAGE_USER = 10001
MEANINGS: Mapping[str, str] = {
    "aduan_master_keys": (
        "kunci induk: membungkus kunci setiap pengaduan. Tanpa berkas ini data pribadi tidak dapat dibaca lagi; "
        "simpan salinannya terpisah dari cadangan MongoDB."
    ),
    "aduan_token_key": (
        "kunci kode lacak: tidak pernah diganti, karena sidiknya tersimpan di catatan. Bila hilang, kode lacak "
        "yang sudah diberikan tidak berlaku lagi."
    ),
}


def secrets(folder: Annotated[Path, typer.Argument(help="Folder berkas rahasia, mis. deploy/secrets.")]) -> None:
    """Buat rahasia untuk pemakaian sungguhan, sekali; yang sudah ada tidak disentuh."""
    fresh = made(folder)
    for name, meaning in MEANINGS.items():
        console.print(f"[bold]{folder / name}[/] {'dibuat' if name in fresh else 'sudah ada'}: {meaning}")
    owner = (folder / "aduan_master_keys").stat().st_uid
    if owner != IMAGE_USER:
        console.print(f"Berkas ini milik pengguna {owner}; untuk Compose: export ADUAN_UID={owner}")


def made(folder: Path) -> frozenset[str]:
    """Return the names of the files that were not there, each now readable by its owner only.

    Made by root, they are given to the user the image runs as, who could not read them otherwise.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    missing = [name for name in MEANINGS if not (folder / name).exists()]
    drawn = {
        "aduan_master_keys": f"v1:{b64encode(chance.token_bytes(KEY_BYTES)).decode()}\n",
        "aduan_token_key": f"{chance.token_urlsafe(KEY_BYTES)}\n",
    }
    for name in missing:
        write_once(folder / name, drawn[name])
        if os.geteuid() == 0:
            os.chown(folder / name, IMAGE_USER, IMAGE_USER)
    # Whoever keeps them inside a checkout must not commit them.
    (folder / ".gitignore").write_text("*\n")
    return frozenset(missing)
