"""Which build of a projection answers, and which are being filled beside it.

One document per projection name, whatever the release: a release that brings another version of a projection fills
its rows beside the old ones, which go on answering until a person switches. Numbers are never given twice.
"""

from dataclasses import dataclass

from pymongo.errors import DuplicateKeyError

from services.kernel.mongo import Database
from services.kernel.projection import Document, Projection
from services.kernel.views import View


@dataclass(frozen=True, slots=True)
class Builds:
    """The builds of one projection. A build is called `<projection>_v<version>_b<number>`, and so is its table."""

    database: Database
    projection: Projection

    async def serving(self) -> str:
        return str((await self._state())["serving"])

    async def live(self) -> list[str]:
        """Return the builds this release keeps up to date: those of its own version, at least one."""
        state = await self._state()
        if mine := self._mine(state):
            return mine
        await self._set_building(state["last"].get(self._version, 1))
        return self._mine(await self._state())

    async def begin(self) -> str:
        """Take up the build under way, or begin the next."""
        state = await self._state()
        await self._set_building(state["last"].get(self._version, 0) + 1)
        return str((await self._state())["building"][self._version])

    async def switch(self, build: str) -> bool:
        """Let `build` answer from now on; tell whether it was the one under way."""
        under_way = {"_id": self.projection.name, f"building.{self._version}": build}
        change = {"$set": {"serving": build}, "$unset": {f"building.{self._version}": ""}}
        return bool((await self.database["builds"].update_one(under_way, change)).matched_count)

    def view(self, build: str) -> View:
        return View(self.projection, self.database[build])

    @property
    def _version(self) -> str:
        return str(self.projection.version)

    def _name(self, number: int) -> str:
        return f"{self.projection.name}_v{self._version}_b{number}"

    def _mine(self, state: Document) -> list[str]:
        named = {state["serving"], state.get("building", {}).get(self._version, "")}
        return sorted(build for build in named if build.startswith(f"{self.projection.name}_v{self._version}_"))

    async def _set_building(self, number: int) -> None:
        """Of several processes, the first says which."""
        none_yet = {"_id": self.projection.name, f"building.{self._version}": {"$exists": False}}
        building = {f"building.{self._version}": self._name(number), f"last.{self._version}": number}
        await self.database["builds"].update_one(none_yet, {"$set": building})

    async def _state(self) -> Document:
        table = self.database["builds"]
        if (found := await table.find_one({"_id": self.projection.name})) is None:
            found = {"_id": self.projection.name, "serving": self._name(1), "last": {self._version: 1}}
            try:
                await table.insert_one(dict(found))
            except DuplicateKeyError:
                return await self._state()
        return found
