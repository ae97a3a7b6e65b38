"""The evidence of a small house in which nothing went wrong, as data: two complaints, numbered, one of them told."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from schemas.intake import NumberAssigned, ReceiptIssued
from schemas.notification import NotificationAttempted, NotificationDelivered
from services.intake.projections.tracking import tracking
from services.kernel.commit import START, Commit, Head, Proposal, commit_of
from services.kernel.envelope import Circumstances, milliseconds
from services.kernel.recorded import key_of
from services.reporting.projections.recap import recap
from tests.faults.checker import Evidence, Published, Table, refolded
from tests.situations import CLASSIFIED, COMPLETE, FILED, OPD

if TYPE_CHECKING:
    from schemas.event import Event

WHEN = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)
REGISTER = f"register/{OPD}/2026"
ACKNOWLEDGED: dict[str, str | None] = {"C-1": "001/2026", "C-2": "002/2026"}
LETTER = "receipt-C-1"


@dataclass(slots=True)
class Writer:
    """One service's journal being written."""

    commits: list[Commit] = field(default_factory=list)
    _heads: dict[str, Head] = field(default_factory=dict)

    def append(self, stream: str, *events: Event) -> None:
        head, position = self._heads.get(stream, START), len(self.commits) + 1
        commit = commit_of(
            Proposal(
                stream=stream,
                head=head,
                events=events,
                circumstances=Circumstances(
                    command_id=f"http/siti/{stream}/{position}",
                    fingerprint="f",
                    actor="staf:siti",
                    occurred_at=WHEN,
                    recorded_at=WHEN,
                    correlation=f"{position}",
                ),
                rebase=_nobody_else,
            )
        )
        self._heads[stream] = commit.head
        self.commits.append(commit.at(position))


def _nobody_else(_head: Head, _since: object) -> Proposal:
    raise AssertionError("only one writes here")


def sound() -> Evidence:
    intake, notification = Writer(), Writer()
    for ordinal, (complaint, number) in enumerate(ACKNOWLEDGED.items(), start=1):
        assert number is not None
        stream = f"intake/{OPD}/{complaint}"
        intake.append(stream, FILED)
        intake.append(stream, CLASSIFIED, COMPLETE)
        intake.append(REGISTER, NumberAssigned(complaint=complaint, ordinal=ordinal, number=number, starts_after=0))
        intake.append(stream, ReceiptIssued(number=number, edition=1, complete=True))
    told = f"notification/{OPD}/C-1"
    notification.append(told, NotificationAttempted(notification=LETTER, attempt=1, possible_double=False))
    notification.append(told, NotificationDelivered(notification=LETTER, kind="receipt", attempt=1))
    journals = {"intake": intake.commits, "notification": notification.commits}
    return Evidence(
        journals=journals,
        published=[record for commits in journals.values() for commit in commits for record in records(commit)],
        tables=[
            Table(
                projection=projection,
                rows=[{**row, "_id": key} for key, row in refolded(projection, journals).items()],
            )
            for projection in (recap, tracking)
        ],
        letters=[LETTER],
    )


def records(commit: Commit) -> list[Published]:
    """The records of a commit, as the relay would send them."""
    return [
        Published(
            partition=0,
            timestamp=milliseconds(commit.circumstances.recorded_at),
            key=key_of(commit.stream).encode(),
            headers=wire.headers,
            value=wire.value,
        )
        for wire in commit.events
    ]
