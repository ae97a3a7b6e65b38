"""Named facts and situations: what stands written when a test begins. A situation is a composition of facts."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Final

from hypothesis import strategies as st

from schemas.event import Event, Sealed
from schemas.intake import (
    ComplaintClassified,
    ComplaintDeclaredComplete,
    ComplaintFiled,
    ComplaintSupplemented,
    ComplaintWithdrawn,
    CompletionRequested,
    LetterNoted,
    NumberAssigned,
    ReceiptIssued,
)
from schemas.meeting import MeetingRequested
from schemas.notification import (
    ContactNoted,
    NotificationAttempted,
    NotificationDelivered,
    NotificationFailed,
    NotificationRequested,
    RecommendationReceived,
)
from schemas.reporting import CaseNoted, CaseRecorded, DeliveryNoted
from schemas.reporting import LetterNoted as LetterNotedByReporting
from schemas.routing import (
    CaseOpened,
    ComplaintAnalysed,
    ComplaintReviewed,
    DispositionMade,
    RecommendationDrafted,
    RecommendationIssued,
    ReviewReturned,
)
from services.kernel.recorded import Recorded
from tests.specification import recorded

OPD: Final = "dpmptsp"
COMPLAINT: Final = "C-1"
NUMBER: Final = "001/PH/DPMPTSP/2026"
LETTER_NUMBER: Final = "500.16/12/PH/2026"
CODE_HASH: Final = "a" * 64
WRONG_HASH: Final = "b" * 64


def sealed(what: str) -> Sealed[Any, Any]:
    """Something that looks like a JWE and says in a test what it stands for."""
    return Sealed(f"eyJ.{what}.iv.text.tag")


# What intake says
FILED: Final = ComplaintFiled(
    channel="web",
    story=sealed("story"),
    complainant=sealed("complainant"),
    contacts=("email", "telephone"),
    tracking_hash=CODE_HASH,
    tracking_code=sealed("code"),
    service="Izin mendirikan bangunan",
)
FILED_WITHOUT_IDENTITY: Final = ComplaintFiled(
    channel="box",
    story=sealed("story"),
    no_identity=True,
    tracking_hash=CODE_HASH,
    tracking_code=sealed("code"),
)
CLASSIFIED: Final = ComplaintClassified(kind="complaint", category="permit_delay", title="Izin belum terbit")
ASKED: Final = CompletionRequested(missing=("evidence",), notice=sealed("notice"))
SUPPLEMENTED: Final = ComplaintSupplemented(
    supplement=sealed("supplement"), documents=("evidence",), proof="tracking_code"
)
COMPLETE: Final = ComplaintDeclaredComplete()
NUMBERED: Final = NumberAssigned(complaint=COMPLAINT, ordinal=1, number=NUMBER, starts_after=0)
RECEIPT: Final = ReceiptIssued(number=NUMBER, edition=1, complete=True)
RECEIPT_INCOMPLETE: Final = ReceiptIssued(number=NUMBER, edition=1, complete=False, missing=("evidence",))
WITHDRAWN: Final = ComplaintWithdrawn(proof="tracking_code")
LETTER_NOTED: Final = LetterNoted(letter_number=LETTER_NUMBER)

A_FILED_COMPLAINT: Final = (FILED,)
A_CLASSIFIED_COMPLAINT: Final = (*A_FILED_COMPLAINT, CLASSIFIED)
AN_INCOMPLETE_COMPLAINT: Final = (*A_CLASSIFIED_COMPLAINT, ASKED)
A_COMPLETE_COMPLAINT: Final = (*A_CLASSIFIED_COMPLAINT, COMPLETE)
A_RECEIPTED_COMPLAINT: Final = (*A_COMPLETE_COMPLAINT, RECEIPT)
A_WITHDRAWN_COMPLAINT: Final = (*A_CLASSIFIED_COMPLAINT, WITHDRAWN)

# What routing says
OPENED: Final = CaseOpened()
REVIEWED: Final = ComplaintReviewed(review=sealed("review"), proposal=sealed("proposal"))
RETURNED: Final = ReviewReturned(reason=sealed("why-returned"))
ANALYSED: Final = ComplaintAnalysed(analysis=sealed("analysis"), proposal=sealed("proposal"))
DISPOSED: Final = DispositionMade(ways=("direct",), instruction=sealed("instruction"))
A_MEETING_ORDERED: Final = DispositionMade(ways=("study", "meeting"), instruction=sealed("instruction"))
DRAFTED: Final = RecommendationDrafted(title="Surat Tanggapan Pengaduan", body=sealed("body"), draft=1)
ISSUED: Final = RecommendationIssued(
    title="Surat Tanggapan Pengaduan",
    letter_number=LETTER_NUMBER,
    letter_date=date(2026, 3, 4),
    signature="wet",
    body=sealed("body"),
)

AN_OPEN_CASE: Final = (OPENED,)
A_REVIEWED_CASE: Final = (*AN_OPEN_CASE, REVIEWED)
AN_ANALYSED_CASE: Final = (*A_REVIEWED_CASE, ANALYSED)
A_DECIDED_CASE: Final = (*AN_ANALYSED_CASE, DISPOSED)
A_DRAFTED_CASE: Final = (*A_DECIDED_CASE, DRAFTED)
A_SETTLED_CASE: Final = (*A_DRAFTED_CASE, ISSUED)

# What meeting says
MEETING_REQUESTED: Final = MeetingRequested(after_study=True, instruction=sealed("instruction"))

# What notification says
RECEIPT_NOTICE: Final = f"{COMPLAINT}-receipt"
LETTER_NOTICE: Final = f"{COMPLAINT}-recommendation"
CONTACT: Final = ContactNoted(
    complainant=FILED.complainant, no_identity=False, contacts=FILED.contacts, tracking_hash=CODE_HASH
)
NO_CONTACT: Final = ContactNoted(complainant=None, no_identity=True, contacts=(), tracking_hash=CODE_HASH)
RECEIPT_TO_SEND: Final = NotificationRequested(
    notification=RECEIPT_NOTICE,
    kind="receipt",
    template="receipt",
    template_version=1,
    variables={"number": NUMBER, "complete": "yes", "missing": ""},
)
LETTER_TO_SEND: Final = NotificationRequested(
    notification=LETTER_NOTICE,
    kind="recommendation",
    template="recommendation",
    template_version=1,
    variables={"title": ISSUED.title, "letter_number": LETTER_NUMBER, "letter_date": "2026-03-04"},
    body=ISSUED.body,
)


def attempted(notification: str, attempt: int, *, possible_double: bool = False) -> NotificationAttempted:
    return NotificationAttempted(notification=notification, attempt=attempt, possible_double=possible_double)


LETTER_DELIVERED: Final = NotificationDelivered(notification=LETTER_NOTICE, kind="recommendation", attempt=1)
RECEIPT_FAILED: Final = NotificationFailed(
    notification=RECEIPT_NOTICE, kind="receipt", attempt=1, reason="mailbox_busy", permanent=False
)
RECEIVED: Final = RecommendationReceived(receiver="complainant", proof="tracking_code")

# What reporting says
CASE_NOTED: Final = CaseNoted(no_identity=False)
LETTER_KNOWN: Final = LetterNotedByReporting(letter_number=LETTER_NUMBER)
DELIVERY_KNOWN: Final = DeliveryNoted(received=True)
RECORDED: Final = CaseRecorded(outcome="settled", notes=sealed("notes"))


Step = tuple[float, str, Event]
"""Minutes after eight o'clock, who, what."""


def stream_of(service: str) -> str:
    return f"{service}/{OPD}/{COMPLAINT}"


def told(service: str, *steps: Step) -> list[Recorded[Any]]:
    """One stream of the complaint, as its service wrote it."""
    return [
        recorded(event, stream_of(service), sequence=n, minutes=minutes, actor=actor)
        for n, (minutes, actor, event) in enumerate(steps, start=1)
    ]


def the_direct_way() -> list[list[Recorded[Any]]]:
    """A complaint that went the whole direct way, one list for each of its streams."""
    return [
        told(
            "intake",
            (0, "pengadu", FILED),
            (4, "staf-1", CLASSIFIED),
            (5, "staf-1", ASKED),
            (6, "staf-1", RECEIPT_INCOMPLETE),
            (60, "pengadu", SUPPLEMENTED),
            (65, "staf-1", COMPLETE),
            (66, "staf-1", ReceiptIssued(number=NUMBER, edition=2, complete=True)),
            (406, "policy", LETTER_NOTED),
        ),
        told(
            "routing",
            (65, "policy", OPENED),
            (165, "kasi-1", REVIEWED),
            (175, "kabid-1", RETURNED),
            (225, "kasi-1", REVIEWED),
            (265, "kabid-1", ANALYSED),
            (285, "kadis-1", DISPOSED),
            (365, "kasi-1", DRAFTED),
            (405, "kadis-1", ISSUED),
        ),
        told(
            "notification",
            (0, "policy", CONTACT),
            (6, "policy", RECEIPT_TO_SEND),
            (7, "sender", attempted(RECEIPT_NOTICE, 1)),
            (7, "sender", RECEIPT_FAILED),
            (406, "policy", LETTER_TO_SEND),
            (407, "sender", attempted(LETTER_NOTICE, 1)),
            (408, "sender", LETTER_DELIVERED),
            (468, "pengadu", RECEIVED),
        ),
        told(
            "reporting",
            (0, "policy", CASE_NOTED),
            (406, "policy", LETTER_KNOWN),
            (409, "policy", DELIVERY_KNOWN),
            (498, "staf-1", RECORDED),
        ),
    ]


def in_turn(streams: Sequence[Sequence[Recorded[Any]]]) -> list[Recorded[Any]]:
    """The streams one after another."""
    return [fact for stream in streams for fact in stream]


@st.composite
def interleaved(draw: st.DrawFn, streams: Sequence[Sequence[Recorded[Any]]]) -> list[Recorded[Any]]:
    """The streams mixed in any way that keeps the order within each, as partitions and consumers may mix them."""
    turns = draw(st.permutations([n for n, stream in enumerate(streams) for _ in stream]))
    waiting = [iter(stream) for stream in streams]
    return [next(waiting[n]) for n in turns]
