"""The pure rooms of all five services together: people act and policies react in any order, with crashes between."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from hypothesis import given as for_all
from hypothesis import settings
from hypothesis import strategies as st

from schemas.event import Event
from schemas.intake import ComplaintWithdrawn, NumberVoided, ReceiptIssued
from schemas.reporting import CaseRecorded
from services.intake import commands as intake_commands
from services.intake import policy as intake_policy
from services.intake.domain.complaint import intake, ready_for_receipt
from services.intake.domain.register import register
from services.kernel.decider import Decider
from services.kernel.reaction import React
from services.kernel.recorded import Recorded
from services.kernel.refusal import Refusal
from services.meeting import policy as meeting_policy
from services.meeting.domain import meeting
from services.notification import commands as notification_commands
from services.notification import policy as notification_policy
from services.notification.domain.correspondence import notification
from services.reporting import commands as reporting_commands
from services.reporting import policy as reporting_policy
from services.reporting.domain import reporting
from services.routing import commands as routing_commands
from services.routing import policy as routing_policy
from services.routing.domain.case import routing
from tests.situations import CODE_HASH, COMPLAINT, OPD, sealed, stream_of
from tests.specification import recorded

REGISTER = f"register/{OPD}/2026"
DECIDERS: dict[str, Decider[Any, Any, Any]] = {
    "intake": intake,
    "register": register,
    "routing": routing,
    "meeting": meeting,
    "notification": notification,
    "reporting": reporting,
}
POLICIES: dict[str, React] = {
    "intake": intake_policy.react,
    "routing": routing_policy.react,
    "meeting": meeting_policy.react,
    "notification": notification_policy.react,
    "reporting": reporting_policy.react,
}


@dataclass
class Office:
    """Streams of facts, and for each policy how far it has read each stream."""

    streams: dict[str, list[Recorded[Any]]] = field(default_factory=dict)
    read: dict[tuple[str, str], int] = field(default_factory=dict)

    def facts(self, stream: str) -> list[Event]:
        return [fact.event for fact in self.streams.get(stream, [])]

    def carry_out(self, stream: str, command: Any) -> None:
        decider = DECIDERS[stream.split("/", maxsplit=1)[0]]
        written = self.streams.setdefault(stream, [])
        for event in decider.decide(command, decider.fold(self.facts(stream))):
            written.append(recorded(event, stream, sequence=len(written) + 1))

    def waiting(self) -> list[tuple[str, str]]:
        return [
            (service, stream)
            for service in POLICIES
            for stream, facts in self.streams.items()
            if self.read.get((service, stream), 0) < len(facts)
        ]

    def react(self, service: str, stream: str) -> None:
        """Let the policy of `service` read the next fact of `stream`. A refusal here is a failure of the test."""
        n = self.read.get((service, stream), 0)
        for order in POLICIES[service](self.streams[stream][n]):
            self.carry_out(order.stream, order.command)
        self.read[service, stream] = n + 1

    def come_to_rest(self) -> None:
        while waiting := self.waiting():
            self.react(*waiting[0])


Act = Callable[[Office], None]


def on(service: str, command: Any) -> Act:
    return lambda office: office.carry_out(stream_of(service), command)


def number(office: Office) -> None:
    """Staf press 'give a receipt' and the machine dies after the number was taken."""
    ready_for_receipt(intake.fold([fact.event for fact in office.streams.get(stream_of("intake"), [])]))
    wish = intake_commands.AssignNumber(complaint=COMPLAINT, opd=OPD, year=2026, starts_after=0)
    office.carry_out(REGISTER, wish)


STEPS: Sequence[Act] = (
    on(
        "intake",
        intake_commands.FileComplaint(
            channels=frozenset({"web"}),
            channel="web",
            story=sealed("story"),
            complainant=sealed("complainant"),
            contacts=("email",),
            tracking_hash=CODE_HASH,
            tracking_code=sealed("code"),
        ),
    ),
    on("intake", intake_commands.ClassifyComplaint(kind="complaint", category="permit_delay", title="Izin")),
    on("intake", intake_commands.DeclareComplete()),
    number,
    on("routing", routing_commands.ReviewComplaint(review=sealed("review"), proposal=sealed("proposal"))),
    on("routing", routing_commands.AnalyseComplaint(analysis=sealed("analysis"), proposal=sealed("proposal"))),
    on("routing", routing_commands.MakeDisposition(ways=("direct",), instruction=sealed("instruction"))),
    on("routing", routing_commands.DraftRecommendation(body=sealed("body"))),
    on(
        "routing",
        routing_commands.IssueRecommendation(letter_number="12", letter_date=date(2026, 3, 4), signature="tte"),
    ),
    on("notification", notification_commands.AcknowledgeReceipt(tracking_hash=CODE_HASH, receiver="complainant")),
    on("reporting", reporting_commands.RecordCase(outcome="settled")),
    on("reporting", reporting_commands.RecordCase(outcome="withdrawn")),
)
DETOURS: Sequence[Act] = (
    on("intake", intake_commands.RequestCompletion(missing=("evidence",), notice=sealed("notice"))),
    on("intake", intake_commands.SupplementComplaint(supplement=sealed("supplement"), tracking_hash=CODE_HASH)),
    on("routing", routing_commands.ReturnReview(reason=sealed("reason"))),
)
WITHDRAW = on("intake", intake_commands.WithdrawComplaint(tracking_hash=None))


def tried(act: Act, office: Office) -> None:
    try:
        act(office)
    except Refusal:
        return


@settings(deadline=None, max_examples=150)
@for_all(
    st.lists(st.one_of(st.sampled_from([*STEPS, *DETOURS]), st.integers(0, 1000)), min_size=20, max_size=90),
    st.none() | st.integers(0, 90),
)
def test_whatever_the_order_every_complaint_comes_to_one_end(turns: list[Act | int], withdrawn_at: int | None) -> None:
    office = Office()
    for n, turn in enumerate(turns):
        if n == withdrawn_at:
            tried(WITHDRAW, office)
        if not isinstance(turn, int):
            tried(turn, office)
        elif waiting := office.waiting():
            office.react(*waiting[turn % len(waiting)])
    office.come_to_rest()
    for step in STEPS:
        tried(step, office)
        office.come_to_rest()
    ends_well(office)


def ends_well(office: Office) -> None:
    complaint = office.facts(stream_of("intake"))
    ends = [fact for fact in office.facts(stream_of("reporting")) if isinstance(fact, CaseRecorded)]
    assert len(ends) == 1
    withdrawn = any(isinstance(fact, ComplaintWithdrawn) for fact in complaint)
    assert withdrawn or ends[0].outcome == "settled"
    taken = [fact.number for fact in office.facts(REGISTER)]  # type: ignore[attr-defined]  # a register's only fact
    shown = {fact.number for fact in complaint if isinstance(fact, ReceiptIssued | NumberVoided)}
    assert len(taken) <= 1
    assert set(taken) == shown
    assert withdrawn or taken
