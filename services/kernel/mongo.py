"""MongoDB, and the only module that knows which driver speaks to it.

Every collection comes with write concern majority + journaled and read concern majority: the defaults may show or
acknowledge what a crash erases. The driver never retries a write by itself: whether a first try landed is found out
by looking up command ids, and a silent second try would hide that question.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC
from typing import Any, TypeAlias

from bson.codec_options import CodecOptions
from motor.motor_asyncio import AsyncIOMotorClient, AsyncIOMotorCollection, AsyncIOMotorDatabase
from pymongo import ReadPreference, WriteConcern
from pymongo.errors import AutoReconnect, ConnectionFailure, ExecutionTimeout, WTimeoutError
from pymongo.read_concern import ReadConcern

Client: TypeAlias = "AsyncIOMotorClient[dict[str, Any]]"
Database: TypeAlias = "AsyncIOMotorDatabase[dict[str, Any]]"
Collection: TypeAlias = "AsyncIOMotorCollection[dict[str, Any]]"

SELECTION_MS = 5_000
SOCKET_MS = 15_000
MAJORITY_MS = 10_000
PASSING = (AutoReconnect, ConnectionFailure, ExecutionTimeout, WTimeoutError)
"""Faults that say nothing of what was done and may be gone at the next try."""
STRANGERS = (13, 18, 8000)
"""Unauthorized, AuthenticationFailed, and the hosted service's word for it."""
CODECS: CodecOptions[dict[str, Any]] = CodecOptions(tz_aware=True, tzinfo=UTC)


class NotAReplicaSet(Exception):
    """The server stands alone: no majority, no change streams, nothing to build a journal on."""

    kalimat = "MongoDB di {url} bukan replica set. Jalankan mongod dengan --replSet lalu rs.initiate()."


class NotLetIn(Exception):
    """The server knows no such account, or the account may not do what a service does; waiting does not mend it."""

    kalimat = "MongoDB menolak akun di ADUAN_MONGO_URL (kode {code}). Periksa nama, sandi, dan haknya."


def connect(url: str) -> Client:
    """Return a client that gives up waiting after seconds, not minutes; it connects on first use."""
    return AsyncIOMotorClient(
        url,
        retryWrites=False,
        retryReads=True,
        serverSelectionTimeoutMS=SELECTION_MS,
        connectTimeoutMS=SELECTION_MS,
        socketTimeoutMS=SOCKET_MS,
        tz_aware=True,
        appname="aduan",
    )


def database(client: Client, name: str) -> Database:
    """Return database `name` with the concerns the truth needs."""
    return client.get_database(
        name,
        codec_options=CODECS,
        read_preference=ReadPreference.PRIMARY,
        write_concern=WriteConcern(w="majority", j=True, wtimeout=MAJORITY_MS),
        read_concern=ReadConcern("majority"),
    )


async def refuse_standalone(client: Client, url: str) -> None:
    """Make sure of a replica set.

    Raises:
        NotAReplicaSet: with a sentence that says what to do.
    """
    hello: Mapping[str, Any] = await client.admin.command("hello")
    if "setName" not in hello:
        raise NotAReplicaSet(NotAReplicaSet.kalimat.format(url=url.rsplit("@", 1)[-1]))


def refuse_strangers(fault: Exception) -> None:
    """Pass unless `fault` is the server's refusal of our account.

    Raises:
        NotLetIn: with a sentence that says what to do, and nothing of the account.
    """
    code = getattr(fault, "code", None)
    if code in STRANGERS:
        raise NotLetIn(NotLetIn.kalimat.format(code=code)) from None


@asynccontextmanager
async def inserts(collection: Collection) -> AsyncIterator[AsyncIterator[object]]:
    """Yield an iterator that turns once per document inserted by anyone: a bell to wake by, never a source to read."""
    async with collection.watch([{"$match": {"operationType": "insert"}}, {"$project": {"_id": 1}}]) as changes:
        yield changes


async def aggregate(collection: Collection, pipeline: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Run `pipeline` and return all it gives."""
    return [document async for document in collection.aggregate(pipeline)]
