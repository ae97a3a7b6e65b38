import asyncio
import json
import secrets
import stat
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
import typer
from joserfc.jwk import KeySet
from typer.testing import CliRunner, Result

from deploy import keys, token
from services.kernel.keys import NoKeys
from services.kernel.master import master_keys
from services.kernel.mongo import connect, database
from services.kernel.mongo_keys import MongoKeys
from services.kernel.principal import Principal, Trust, verify
from services.kernel.sealing import Keyring

AT = datetime(2025, 3, 3, 9, 0, tzinfo=UTC)
PHRASE = "tiga kuda menyeberang sungai\n"
tokens = typer.Typer()
tokens.command()(token.token)


def ran(app: typer.Typer, *arguments: str, typed: str = "", **environment: str) -> Result:
    return CliRunner().invoke(app, list(arguments), input=typed, env=environment)


def new_master(version: str) -> str:
    return ran(keys.app, "new", version).stdout.strip()


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@dataclass(frozen=True, slots=True)
class Place:
    """A database of keys, given to commands as options, or opened by a service."""

    url: str
    name: str

    @property
    def options(self) -> tuple[str, ...]:
        return ("--mongo-url", self.url, "--database-prefix", self.name)

    def serve(self, masters: str, act: Callable[[MongoKeys], Awaitable[Keyring | None]]) -> Keyring | None:
        return asyncio.run(self._served(masters, act))

    async def _served(self, masters: str, act: Callable[[MongoKeys], Awaitable[Keyring | None]]) -> Keyring | None:
        client = connect(self.url)
        try:
            service = MongoKeys(database(client, f"{self.name}_keys"), master_keys(masters), secrets.token_bytes)
            await service.prepare()
            return await act(service)
        finally:
            client.close()


@pytest.fixture
def place(mongo_url: str, database_name: str) -> Place:
    return Place(mongo_url, database_name)


def test_a_new_master_key_is_one_the_settings_take() -> None:
    assert master_keys(new_master("v7")).current == "v7"


def test_a_demo_token_is_believed_and_says_that_it_is_one(tmp_path: Path) -> None:
    result = ran(tokens, "--opd", "dinsos", "--role", "kasi", "--role", "staf", "--data", str(tmp_path / "d"))
    assert "Token DEMO" in result.stderr
    trust = Trust(
        issuer=token.ISSUER,
        audience=token.AUDIENCE,
        jwks=KeySet.import_key_set(json.loads((tmp_path / "d" / token.PUBLIC).read_text())),
    )
    now = datetime.now(UTC)  # noqa: TID251 - the command reads the real clock
    assert verify(result.stdout.strip(), trust, now) == Principal(
        person="petugas-demo", name=None, opd="dinsos", roles=frozenset({"kasi", "staf"})
    )


def test_the_demo_issuer_is_made_once_and_its_private_key_is_its_owners(tmp_path: Path) -> None:
    first, _ = token.demo_issuer(tmp_path)
    again, _ = token.demo_issuer(tmp_path)
    assert again.as_dict(private=True) == first.as_dict(private=True)
    assert mode(tmp_path / token.PRIVATE) == 0o600
    assert str(first.as_dict(private=True)["d"]) not in (tmp_path / token.PUBLIC).read_text()


def test_the_public_key_is_left_alone_while_it_is_right(tmp_path: Path) -> None:
    token.demo_issuer(tmp_path)
    written = (tmp_path / token.PUBLIC).stat().st_mtime_ns

    token.demo_issuer(tmp_path)

    assert (tmp_path / token.PUBLIC).stat().st_mtime_ns == written


def test_a_folder_that_takes_no_key_is_said_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    result = ran(tokens, "--opd", "dinsos", "--role", "kasi", "--data", str(tmp_path / "file"))

    assert result.exit_code == 1
    assert "tidak dapat dibaca atau dibuat" in result.output


def test_a_token_nobody_would_believe_is_not_made(tmp_path: Path) -> None:
    result = ran(tokens, "--opd", "dinsos/lain", "--role", "kasi", "--data", str(tmp_path))
    assert result.exit_code == 2
    assert "tidak diizinkan" in result.stderr


def test_the_demo_master_key_is_drawn_once_and_is_its_owners(tmp_path: Path) -> None:
    assert keys.demo_masters(tmp_path) == keys.demo_masters(tmp_path)
    assert mode(tmp_path / keys.DEMO_MASTER) == 0o600


@pytest.mark.parametrize(("text", "why"), [("", "belum diisi"), ("v1:AAAA", "harus 32 byte")])
def test_without_a_usable_master_key_rotation_says_what_is_wrong(text: str, why: str) -> None:
    result = ran(keys.app, "rotate", "--mongo-url", "mongodb://127.0.0.1:9", ADUAN_MASTER_KEYS=text)
    assert result.exit_code == 1
    assert why in result.output


def test_a_short_passphrase_is_refused_and_leaves_no_file(tmp_path: Path) -> None:
    result = ran(
        keys.app, "export", str(tmp_path / "e"), "--mongo-url", "mongodb://127.0.0.1:9", typed="pendek\npendek\n"
    )
    assert result.exit_code == 1
    assert list(tmp_path.iterdir()) == []


def test_a_missing_file_of_master_keys_is_named(tmp_path: Path) -> None:
    missing = tmp_path / "masters"
    result = ran(keys.app, "rotate", "--mongo-url", "mongodb://127.0.0.1:9", "--master-keys-file", str(missing))
    assert result.exit_code == 1
    assert "tidak dapat dibaca" in result.output


@pytest.mark.integration
def test_after_rotation_from_the_command_line_the_old_master_key_may_go(place: Place, tmp_path: Path) -> None:
    one, two = new_master("v1"), new_master("v2")
    ring = place.serve(one, lambda keys: keys.claim("c-1", "dinsos"))
    (tmp_path / "masters").write_text(f"{two}\n{one}\n")
    result = ran(keys.app, "rotate", *place.options, "--master-keys-file", str(tmp_path / "masters"))
    assert (result.exit_code, "versi v2" in result.output) == (0, True)
    assert place.serve(two, lambda keys: keys.of("c-1")) == ring


@pytest.mark.integration
def test_rotation_without_the_old_master_key_changes_nothing_and_says_so(place: Place) -> None:
    one, two = new_master("v1"), new_master("v2")
    ring = place.serve(one, lambda keys: keys.claim("c-1", "dinsos"))
    result = ran(keys.app, "rotate", *place.options, ADUAN_MASTER_KEYS=two)
    assert result.exit_code == 1
    assert "ADUAN_MASTER_KEYS" in result.output
    assert place.serve(one, lambda keys: keys.of("c-1")) == ring


@pytest.mark.integration
def test_an_escrow_brings_the_keys_back_to_an_empty_database_and_erasures_with_them(
    place: Place, tmp_path: Path
) -> None:
    master, escrow = new_master("v1"), str(tmp_path / "escrow")
    kept = place.serve(master, lambda keys: keys.claim("kept", "dinsos"))
    erased = place.serve(master, lambda keys: keys.claim("erased", "dinsos"))
    place.serve(master, lambda keys: keys.erase("erased", "subject", who="akun-1", why="permohonan", at=AT))
    exported = ran(keys.app, "export", escrow, *place.options, typed=PHRASE * 2)
    assert exported.exit_code == 0, exported.output
    assert mode(tmp_path / "escrow") == 0o600

    empty = Place(place.url, f"{place.name}-2")
    imported = ran(keys.app, "import", escrow, *empty.options, typed=PHRASE)
    assert imported.exit_code == 0, imported.output
    assert erased is not None
    assert empty.serve(master, lambda keys: keys.of("kept")) == kept
    assert empty.serve(master, lambda keys: keys.of("erased")) == Keyring("erased", None, erased.file)


@pytest.mark.integration
def test_an_escrow_opened_with_the_wrong_passphrase_changes_nothing(place: Place, tmp_path: Path) -> None:
    master, escrow = new_master("v1"), str(tmp_path / "escrow")
    place.serve(master, lambda keys: keys.claim("c-1", "dinsos"))
    ran(keys.app, "export", escrow, *place.options, typed=PHRASE * 2)
    again = ran(keys.app, "export", escrow, *place.options, typed=PHRASE * 2)
    assert (again.exit_code, "sudah ada" in again.output) == (1, True)
    empty = Place(place.url, f"{place.name}-2")
    imported = ran(keys.app, "import", escrow, *empty.options, typed="frasa yang lain sama sekali\n")
    assert (imported.exit_code, "salah" in imported.output) == (1, True)
    with pytest.raises(NoKeys):
        empty.serve(master, lambda keys: keys.of("c-1"))
