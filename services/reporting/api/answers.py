"""What reporting answers. Every answer carries `as_of`, and every total is counted from the rows beside it."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Self

from pydantic import BaseModel, ConfigDict

from schemas.vocabulary import CHANNELS, Complainant
from services.kernel.projection import Document

UNTOLD = "-"


class AsOf(BaseModel):
    """`as_of`: how far this process has read the bus, the oldest record time among its partitions.

    Null when it has read nothing since it started: then the rows are as they were before.
    """

    as_of: datetime | None


class Step(BaseModel):
    """Times are of the wall clock, nights and holidays included; `by` ended the step last."""

    started_at: datetime | None
    ended_at: datetime | None
    by: str | None
    seconds: int | None
    visits: int


class Row(BaseModel):
    """One line of the Rekap Pengaduan Pelanggan; `steps` by the SOP's number."""

    complaint: str
    number: str | None
    number_void: bool
    channel: str | None = None
    filed_at: datetime | None = None
    arrived_at: datetime | None = None
    incoming_letter_date: date | None = None
    agenda_number: str | None = None
    service: str | None = None
    category: str | None = None
    title: str | None = None
    no_identity: bool | None = None
    status: str
    way: str | None
    letter_title: str | None = None
    letter_number: str | None = None
    letter_date: date | None = None
    issued_at: datetime | None = None
    sent_at: datetime | None
    received_at: datetime | None = None
    outcome: str | None
    settled_at: datetime | None
    steps: dict[str, Step]

    @classmethod
    def of(cls, row: Document, **more: Any) -> Self:
        """Read a `recap` row; what is sealed stays behind unless given in `more`."""
        told, routing = row.get("intake", {}), row.get("routing", {})
        received = row.get("notification", {}).get("received_at")
        # Both the complainant's letter and the office's have a `letter_date`.
        incoming = {"incoming_letter_date": told.get("letter_date")}
        letter = {name: routing.get(name) for name in ("letter_title", "letter_number", "letter_date", "issued_at")}
        ours = {"complaint": row["complaint"], "received_at": received, **row["derived"]}
        known = {**told, **incoming, **letter, **ours, **more}
        return cls.model_validate({name: known[name] for name in cls.model_fields if name in known})


class OneRow(Row, AsOf):
    """A line with what only a reader of that one complaint needs; personal data says so once it was erased."""

    complainant: Complainant | str | None
    notes: str | None


class Totals(BaseModel):
    """How many of the rows, by the words of the rows; `-` where a row says nothing."""

    received: int
    numbered: int
    recorded: int
    by_status: dict[str, int]
    by_channel: dict[str, int]
    by_category: dict[str, int]
    by_way: dict[str, int]
    by_outcome: dict[str, int]

    @classmethod
    def over(cls, rows: Sequence[Row]) -> Self:
        def by(word: Callable[[Row], str | None]) -> Mapping[str, int]:
            return dict(sorted(Counter(word(row) or UNTOLD for row in rows).items()))

        return cls(
            received=len(rows),
            numbered=sum(row.number is not None for row in rows),
            recorded=sum(row.settled_at is not None for row in rows),
            by_status={**by(lambda row: row.status)},
            by_channel={**by(lambda row: CHANNELS.get(row.channel, row.channel) if row.channel else None)},
            by_category={**by(lambda row: row.category)},
            by_way={**by(lambda row: row.way)},
            by_outcome={**by(lambda row: row.outcome)},
        )


class Recap(AsOf):
    month: str
    rows: list[Row]
    totals: Totals


class Figures(BaseModel):
    """`count` complaints ended the step; `median` and `p90` are their seconds by the wall clock."""

    model_config = ConfigDict(from_attributes=True)

    step: int
    count: int
    median: float | None
    p90: int | None


class Evaluation(AsOf):
    """Over the `complaints` that arrived between the two days, both included."""

    from_day: date | None
    to_day: date | None
    complaints: int
    steps: list[Figures]
