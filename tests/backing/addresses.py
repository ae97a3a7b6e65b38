"""Where the tests' MongoDB and Kafka answer."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, kw_only=True, slots=True)
class Addresses:
    mongo_url: str
    kafka_url: str

    def written(self, path: Path) -> None:
        """Whole or not at all: another worker may be reading."""
        half = path.with_suffix(".half")
        half.write_text(json.dumps(asdict(self)))
        half.replace(path)

    @classmethod
    def read(cls, path: Path) -> Addresses:
        return cls(**json.loads(path.read_text()))
