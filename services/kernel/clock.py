"""The one place that reads the clock and makes identities."""

import secrets
from datetime import UTC, datetime

from uuid_utils import uuid7

# Without look-alikes (0/O, 1/I/L), so that a code can be read over the telephone.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
CODE_LENGTH = 12


def now() -> datetime:
    """This instant, UTC, cut to the millisecond: the precision a Kafka record keeps."""
    instant = datetime.now(UTC)  # noqa: TID251 - this is the place
    return instant.replace(microsecond=instant.microsecond // 1000 * 1000)


def new_id() -> str:
    """A fresh identity, ordered by the time it was made."""
    return str(uuid7())


def new_code() -> str:
    """A tracking code of 59 bits in three groups: `K7QM-2RWX-9TBD`."""
    drawn = "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))
    return "-".join(drawn[i : i + 4] for i in range(0, CODE_LENGTH, 4))


def jittered(seconds: float) -> float:
    """Return between half of `seconds` and all of it, so that those who failed together do not come back together."""
    return seconds * (0.5 + secrets.randbelow(1000) / 2000)
