"""Write the lock of Kafka's jars anew: `python -m deploy.local.relock`, after a change of KAFKA or BRIDGE.

Resolving walks some sixty POMs; doing it here and not at each start makes a start need no resolver and no network.
"""

from __future__ import annotations

import hashlib
import tempfile
from pathlib import Path

import jgo
from jgo.maven import Artifact, MavenContext

from deploy.local.jars import LOCK

KAFKA = "org.apache.kafka:kafka_2.13:4.3.1"
# Kafka logs through slf4j and brings log4j-core; this joins them, else a failed start says nothing. Of the same version
# as Kafka's log4j, and taken alone: resolved together with Kafka, its parent's versions would displace Kafka's own.
BRIDGE = "org.apache.logging.log4j:log4j-slf4j-impl:2.25.4"


def main() -> None:
    with tempfile.TemporaryDirectory() as scratch:
        context = MavenContext(repo_cache=Path(scratch))
        found = [f"{jar.groupId}:{jar.artifactId}:{jar.version}" for jar in jgo.resolve(KAFKA)]
        lines = [_line(_artifact(context, coordinates), coordinates) for coordinates in sorted([*found, BRIDGE])]
    LOCK.write_text("".join(lines))


def _artifact(context: MavenContext, coordinates: str) -> Artifact:
    group, artifact, version = coordinates.split(":")
    return context.project(group, artifact).at_version(version).artifact()


def _line(artifact: Artifact, coordinates: str) -> str:
    content = artifact.resolve().read_bytes()
    return f"{hashlib.sha256(content).hexdigest()}  {len(content):>9}  {coordinates}\n"


if __name__ == "__main__":
    main()
