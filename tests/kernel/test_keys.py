"""One contract for both kinds of keys, then what only the stored ones have to promise."""

from __future__ import annotations

import asyncio
import json
import secrets
from base64 import b64encode
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest

from schemas.event import File, Subject
from services.kernel.keys import InMemoryKeys, Keys, NoKeys
from services.kernel.master import BadMasterKeys, MasterKeys, WrongMaster, master_keys
from services.kernel.mongo import Client, Database, connect, database
from services.kernel.mongo_keys import POOL, REMEMBERED_SECONDS, MongoKeys
from services.kernel.refusal import Unavailable
from services.kernel.sealing import Erased, Keyring, open_, seal

AT = datetime(2025, 3, 3, 9, 0, tzinfo=UTC)
ONE, TWO = bytes(range(32)), bytes(range(1, 33))
V1 = MasterKeys(current="v1", versions={"v1": ONE})
V2 = MasterKeys(current="v2", versions={"v2": TWO, "v1": ONE})
V2_ALONE = MasterKeys(current="v2", versions={"v2": TWO})
BY: dict[str, Any] = {"who": "akun-1", "why": "permohonan", "at": AT}


@dataclass
class Watch:
    """A clock that stands still until told."""

    now: float = 0.0

    def __call__(self) -> float:
        return self.now


class Store:
    """A database of keys, and as many processes on it as a test wants."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.watch = Watch()
        self.opened: list[MongoKeys] = []

    async def process(self, masters: MasterKeys = V1) -> MongoKeys:
        keys = MongoKeys(self.db, masters, secrets.token_bytes, self.watch)
        await keys.prepare()
        self.opened.append(keys)
        return keys

    async def documents(self) -> list[dict[str, Any]]:
        return [document async for document in self.db["keys"].find({})]

    async def of(self, complaint: str) -> dict[str, Any]:
        (found,) = [document for document in await self.documents() if document.get("complaint") == complaint]
        return found


@pytest.fixture
async def store(mongo_url: str, database_name: str) -> AsyncIterator[Store]:
    client: Client = connect(mongo_url)
    made = Store(database(client, database_name))
    yield made
    for keys in made.opened:
        await keys.close()
    client.close()


Opening = Callable[[], Awaitable[Keys]]


@pytest.fixture(params=["memory", pytest.param("mongo", marks=pytest.mark.integration)])
async def opening(request: pytest.FixtureRequest) -> AsyncIterator[Opening]:
    """Open the keys anew at every call: another process on the same database, or the same twin."""
    if request.param == "memory":
        twin = InMemoryKeys(secrets.token_bytes)
        yield lambda: asyncio.sleep(0, twin)
        return
    client: Client = connect(request.getfixturevalue("mongo_url"))
    store = Store(database(client, request.getfixturevalue("database_name")))
    yield store.process
    for keys in store.opened:
        await keys.close()
    client.close()


async def test_a_complaint_claims_two_keys_of_its_own(opening: Opening) -> None:
    keys = await opening()
    one, two = await keys.claim("c-1", "dinsos"), await keys.claim("c-2", "dinsos")
    assert len({one.subject, one.file, two.subject, two.file}) == 4
    assert one.complaint == "c-1"


async def test_claimed_again_the_keys_are_the_same(opening: Opening) -> None:
    keys = await opening()
    first = await keys.claim("c-1", "dinsos")
    assert await keys.claim("c-1", "dinsos") == first == await keys.of("c-1") == await (await opening()).of("c-1")


async def test_claimed_by_many_at_once_the_keys_are_the_same(opening: Opening) -> None:
    one, two = await opening(), await opening()
    rings = await asyncio.gather(*(keys.claim("c-1", "dinsos") for keys in (one, two) * 20))
    assert len(set(rings)) == 1


async def test_many_complaints_claimed_at_once_share_no_key(opening: Opening) -> None:
    one, two = await opening(), await opening()
    rings = await asyncio.gather(*(keys.claim(f"c-{n}", "dinsos") for n, keys in enumerate((one, two) * (POOL + 10))))
    assert len({key for ring in rings for key in (ring.subject, ring.file)}) == 4 * (POOL + 10)


async def test_unknown_complaints_have_no_keys(opening: Opening) -> None:
    keys = await opening()
    with pytest.raises(NoKeys):
        await keys.of("c-1")
    assert await keys.reading(["c-1"]) == {}


async def test_many_keyrings_are_read_at_once(opening: Opening) -> None:
    keys = await opening()
    rings = {complaint: await keys.claim(complaint, "dinsos") for complaint in ("c-1", "c-2")}
    assert await keys.reading(["c-1", "c-2", "c-3"]) == rings
    assert await keys.reading(["c-1", "c-2", "c-3"]) == rings


async def test_erasing_the_subject_leaves_what_is_the_offices(opening: Opening) -> None:
    keys = await opening()
    before = await keys.claim("c-1", "dinsos")
    told, note = seal(before, Subject, "cerita"), seal(before, File, "catatan")
    await keys.reading(["c-1"])
    await keys.erase("c-1", "subject", **BY)
    for after in (await keys.of("c-1"), (await keys.reading(["c-1"]))["c-1"]):
        with pytest.raises(Erased):
            open_(after, told, str)
        assert open_(after, note, str) == "catatan"
        with pytest.raises(Erased):
            seal(after, Subject, "lagi")


async def test_erasing_both_leaves_nothing(opening: Opening) -> None:
    keys = await opening()
    await keys.claim("c-1", "dinsos")
    await keys.erase("c-1", "both", **BY)
    assert await keys.of("c-1") == Keyring("c-1", None, None)


@pytest.mark.parametrize("extent", ["subject", "both"])
async def test_an_erased_complaint_claims_no_keys_ever_again(opening: Opening, extent: Any) -> None:
    keys = await opening()
    await keys.claim("c-1", "dinsos")
    await keys.erase("c-1", extent, **BY)
    for process in (keys, await opening()):
        with pytest.raises(Erased):
            await process.claim("c-1", "dinsos")


async def test_erased_before_it_claimed_a_complaint_claims_nothing(opening: Opening) -> None:
    keys = await opening()
    await keys.erase("c-1", "subject", **BY)
    with pytest.raises(Erased):
        await keys.claim("c-1", "dinsos")


async def test_erasing_again_changes_nothing_and_may_go_further(opening: Opening) -> None:
    keys = await opening()
    ring = await keys.claim("c-1", "dinsos")
    await keys.erase("c-1", "subject", **BY)
    await keys.erase("c-1", "subject", **BY)
    assert await keys.of("c-1") == Keyring("c-1", None, ring.file)
    await keys.erase("c-1", "both", **BY)
    await keys.erase("c-1", "subject", **BY)
    assert await keys.of("c-1") == Keyring("c-1", None, None)


async def test_an_erasure_racing_with_claims_wins(opening: Opening) -> None:
    one, two = await opening(), await opening()
    for n in range(20):
        complaint = f"c-{n}"
        claims = [keys.claim(complaint, "dinsos") for keys in (one, two, one, two)]
        await asyncio.gather(*claims, two.erase(complaint, "both", **BY), return_exceptions=True)
        with pytest.raises(Erased):
            await one.claim(complaint, "dinsos")
        assert await one.of(complaint) == Keyring(complaint, None, None)


@pytest.mark.integration
async def test_another_process_honours_an_erasure_at_once_for_sealing_and_soon_for_reading(store: Store) -> None:
    here, there = await store.process(), await store.process()
    ring = await there.claim("c-1", "dinsos")
    assert await there.reading(["c-1"]) == {"c-1": ring}
    await here.erase("c-1", "subject", **BY)
    assert (await there.of("c-1")).subject is None
    store.watch.now += REMEMBERED_SECONDS
    assert (await there.reading(["c-1"]))["c-1"].subject is None


@pytest.mark.integration
async def test_a_destroyed_key_is_gone_from_the_database_and_its_first_erasure_is_on_record(store: Store) -> None:
    keys = await store.process()
    await keys.claim("c-1", "dinsos")
    await keys.erase("c-1", "subject", who="akun-1", why="$permohonan", at=AT)
    await keys.erase("c-1", "both", who="akun-2", why="retensi", at=AT)
    document = await store.of("c-1")
    assert {"subject", "file", "free"}.isdisjoint(document)
    assert document["erased"]["subject"] == {"who": "akun-1", "why": "$permohonan", "at": AT.isoformat()}
    assert document["erased"]["file"]["who"] == "akun-2"


@pytest.mark.integration
async def test_keys_lie_wrapped_and_say_nothing_of_themselves(store: Store) -> None:
    keys = await store.process()
    ring = await keys.claim("c-1", "dinsos")
    lying = repr(await store.documents()).encode()
    for key in (ring.subject, ring.file):
        assert key is not None
        assert all(form not in lying for form in (key, b64encode(key), repr(key).encode(), key.hex().encode()))


@pytest.mark.integration
async def test_the_pool_is_made_ahead_and_left_overs_are_used(store: Store) -> None:
    await store.process()
    again = await store.process()
    assert len(await store.documents()) == POOL
    await again.claim("c-1", "dinsos")
    assert len(await store.documents()) == POOL


@pytest.mark.integration
async def test_a_process_with_another_master_key_does_not_start(store: Store) -> None:
    await store.process(V1)
    for masters in (V2_ALONE, MasterKeys(current="v1", versions={"v1": TWO})):
        with pytest.raises(WrongMaster) as refusal:
            await store.process(masters)
        assert b64encode(TWO).decode() not in str(refusal.value)


@pytest.mark.integration
async def test_a_key_moved_to_another_document_does_not_unwrap(store: Store) -> None:
    keys = await store.process()
    await keys.claim("c-1", "dinsos")
    await keys.claim("c-2", "dinsos")
    stolen = (await store.of("c-1"))["subject"]
    await store.db["keys"].update_one({"complaint": "c-2"}, {"$set": {"subject": stolen}})
    with pytest.raises(WrongMaster):
        await keys.of("c-2")


@pytest.mark.integration
async def test_rotation_rewraps_everything_while_claims_go_on(store: Store) -> None:
    before = await store.process(V1)
    rings = {f"c-{n}": await before.claim(f"c-{n}", "dinsos") for n in range(150)}
    await before.erase("c-0", "subject", **BY)
    after = await store.process(V2)
    steps = []
    async for step in after.rotate():
        steps.append(step)
        complaint = f"meanwhile-{len(steps)}"
        rings[complaint] = await after.claim(complaint, "dinsos")
    assert steps[-1].left == 0
    assert {document["master"] for document in await store.documents()} == {"v2"}
    alone = await store.process(V2_ALONE)
    assert await alone.of("c-0") == Keyring("c-0", None, rings["c-0"].file)
    rest = [complaint for complaint in rings if complaint != "c-0"]
    assert await alone.reading(rest) == {complaint: rings[complaint] for complaint in rest}


@pytest.mark.integration
async def test_a_rotation_cut_short_goes_on_where_it_was(store: Store) -> None:
    keys = await store.process(V1)
    for n in range(POOL):
        await keys.claim(f"c-{n}", "dinsos")
    rotating = await store.process(V2)
    first = await anext(rotating.rotate())
    assert first.left > 0
    steps = [step async for step in rotating.rotate()]
    assert steps[0].done + steps[0].left == first.left
    assert [step async for step in rotating.rotate()] == []


@pytest.mark.integration
async def test_a_rotation_does_not_bring_back_what_is_erased_meanwhile(store: Store) -> None:
    keys = await store.process(V1)
    for n in range(20):
        await keys.claim(f"c-{n}", "dinsos")
    rotating = await store.process(V2)

    async def rotate() -> None:
        async for _ in rotating.rotate():
            pass

    await asyncio.gather(rotate(), *(keys.erase(f"c-{n}", "subject", **BY) for n in range(20)))
    assert all("subject" not in document for document in await store.documents() if "complaint" in document)
    left = await rotating.reading([f"c-{n}" for n in range(20)])
    assert [ring.file is None for ring in left.values()] == [False] * 20


@pytest.mark.integration
async def test_what_is_restored_opens_and_what_was_erased_on_either_side_stays_erased(
    store: Store, mongo_url: str, database_name: str
) -> None:
    keys = await store.process()
    rings = {complaint: await keys.claim(complaint, "dinsos") for complaint in ("kept", "erased", "older")}
    older = [document async for document in keys.documents()]
    await keys.erase("erased", "subject", **BY)
    escrow = [json.loads(json.dumps(document)) async for document in keys.documents()]

    client: Client = connect(mongo_url)
    empty = Store(database(client, f"{database_name}-2"))
    target = MongoKeys(empty.db, V1, secrets.token_bytes)
    await target.prepare()
    await empty.db["keys"].delete_many({})
    for document in older:  # a backup from before the erasure came first
        await target.restore(document)
    await target.erase("older", "both", **BY)
    for document in escrow:
        await target.restore(document)
    assert await target.of("kept") == rings["kept"]
    assert await target.of("erased") == Keyring("erased", None, rings["erased"].file)
    assert await target.of("older") == Keyring("older", None, None)
    client.close()


@pytest.mark.integration
async def test_a_claim_known_to_the_escrow_is_restored_over_a_key_that_is_still_free(store: Store) -> None:
    keys = await store.process()
    free = [document async for document in keys.documents()]
    ring = await keys.claim("c-1", "dinsos")
    escrow = [document async for document in keys.documents()]
    await store.db["keys"].delete_many({})
    for document in (*free, *escrow):
        await keys.restore(document)
    assert await keys.of("c-1") == ring


async def test_when_the_driver_gives_up_the_keys_are_unavailable() -> None:
    client: Client = connect("mongodb://127.0.0.1:9/")
    keys = MongoKeys(database(client, "none"), V1, secrets.token_bytes)
    client.close()
    for asking in (keys.claim("c-1", "dinsos"), keys.of("c-1"), keys.reading(["c-1"]), keys.erase("c-1", "both", **BY)):
        with pytest.raises(Unavailable):
            await asking


def encoded(key: bytes) -> str:
    return b64encode(key).decode()


def test_master_keys_are_read_with_the_first_as_the_current() -> None:
    assert master_keys(f"v2:{encoded(TWO)},v1:{encoded(ONE)}") == V2
    assert master_keys(f" v2:{encoded(TWO)}\nv1:{encoded(ONE)}\n") == V2


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "belum diisi"),
        (" , \n", "belum diisi"),
        (encoded(ONE), "berbentuk"),
        (f":{encoded(ONE)}", "berbentuk"),
        ("v1:%%%", "bukan base64"),
        (f"v1:{encoded(ONE[:16])}", "harus 32 byte, bukan 16"),
        (f"v1:{encoded(bytes(32))}", "satu byte yang diulang"),
        (f"v1:{encoded(ONE)},v1:{encoded(TWO)}", "lebih dari sekali"),
        (f"v1:{encoded(ONE)},v2:{encoded(ONE)}", "yang sama"),
    ],
)
def test_master_keys_that_will_not_do_are_refused_with_a_sentence(text: str, why: str) -> None:
    with pytest.raises(BadMasterKeys, match=why) as refusal:
        master_keys(text)
    assert encoded(ONE) not in str(refusal.value)
    assert refusal.value.__context__ is None


def test_master_keys_show_no_key() -> None:
    shown = repr(V2) + str(V2)
    assert repr(ONE) not in shown
    assert encoded(ONE) not in shown
