"""The in-memory twin of the journal's store, held to the same contract as MongoDB."""

from collections.abc import Mapping, Sequence

from services.kernel.commit import Commit, History


class MemoryStore:
    """Keeps the three unique keys and the ordered insert; loses everything with the process."""

    def __init__(self) -> None:
        self._positions: dict[int, Commit] = {}
        self._ids: set[str] = set()
        self._streams: dict[str, list[Commit]] = {}
        self._commands: dict[str, Commit] = {}

    async def insert(self, commits: Sequence[Commit]) -> int:
        for done, commit in enumerate(commits):
            command = commit.circumstances.command_id
            if commit.id in self._ids or command in self._commands or commit.position in self._positions:
                return done
            self._positions[commit.position] = commit
            self._ids.add(commit.id)
            self._streams.setdefault(commit.stream, []).append(commit)
            self._commands[command] = commit
        return len(commits)

    async def by_command(self, command_ids: Sequence[str]) -> Mapping[str, Commit]:
        return {command: self._commands[command] for command in command_ids if command in self._commands}

    async def history(self, stream: str, after_version: int, command_id: str | None) -> History:
        commits = [commit for commit in self._streams.get(stream, ()) if commit.version > after_version]
        return History(commits, self._commands.get(command_id or ""))

    async def head_is_past(self, commit: Commit) -> bool:
        return commit.id in self._ids

    async def last_position(self) -> int:
        return max(self._positions, default=0)

    async def after(self, position: int, limit: int) -> Sequence[Commit]:
        found: list[Commit] = []
        while len(found) < limit and (following := self._positions.get(position + len(found) + 1)):
            found.append(following)
        return found
