"""What intake says: facts of steps 1 and 2 and of the complainant's own acts. Actors: Pengadu, Staf."""

from datetime import date
from typing import Literal

from pydantic import NonNegativeInt, PositiveInt

from schemas.event import Event, File, Instant, Sealed, Subject
from schemas.vocabulary import (
    Code,
    Complainant,
    ComplaintId,
    ContactKind,
    Line,
    Proof,
    Story,
    Supplement,
    TrackingHash,
)


class ComplaintFiled(Event, type="intake.ComplaintFiled"):
    """A complaint was brought to the office (step 1, pengaduan disampaikan). It is not yet checked, nor numbered.

    `arrived_at` starts step 2 when it differs from the filing (a letter's arrival, the opening of the box);
    `form_opened_at` starts step 1, which is not measured without it.
    """

    channel: Code
    story: Sealed[Subject, Story]
    complainant: Sealed[Subject, Complainant] | None = None
    no_identity: bool = False
    contacts: tuple[ContactKind, ...] = ()
    identity_hidden: bool = False
    content_public: bool = False
    tracking_hash: TrackingHash
    tracking_code: Sealed[Subject, str]
    service: Line | None = None
    arrived_at: Instant | None = None
    form_opened_at: Instant | None = None
    letter_date: date | None = None
    agenda_number: Line | None = None


class ComplaintClassified(Event, type="intake.ComplaintClassified"):
    """Staf told what it is and gave it a neutral title (step 2, pemilahan). Says nothing of its completeness.

    `service` is the service or permit complained of as the office names it; the complainant's own words are sealed.
    """

    kind: Literal["complaint"]
    category: Code
    title: Line
    service: Line | None = None


class CompletionRequested(Event, type="intake.CompletionRequested"):
    """The file lacks something and the complainant is asked for it (step 2, kelengkapan diminta).

    It ends this run of step 2. That the notice reached the complainant is notification's to say.
    """

    missing: tuple[Code, ...]
    notice: Sealed[File, str]


class ComplaintSupplemented(Event, type="intake.ComplaintSupplemented"):
    """The complainant brought what was asked for (kelengkapan diterima). Whether it suffices is not yet decided."""

    supplement: Sealed[Subject, Supplement]
    documents: tuple[Code, ...] = ()
    proof: Proof


class ComplaintDeclaredComplete(Event, type="intake.ComplaintDeclaredComplete"):
    """Staf found the file complete (step 2, berkas dinyatakan lengkap). Starts step 3 and the legal clock."""


class NumberAssigned(Event, type="intake.NumberAssigned"):
    """The register gave its next number to a complaint (nomor register). The only fact of `register/<opd>/<year>`.

    `ordinal` is `starts_after` plus this fact's place in the register, so there are no holes. No receipt follows from
    it by itself.
    """

    complaint: ComplaintId
    ordinal: PositiveInt
    number: Line
    starts_after: NonNegativeInt


class ReceiptIssued(Event, type="intake.ReceiptIssued"):
    """The complainant has a receipt with number and completeness (step 2, tanda terima diberikan).

    A later `edition` keeps the number and states what was found since. Says nothing of the complaint's merit.
    """

    number: Line
    edition: PositiveInt
    complete: bool
    missing: tuple[Code, ...] = ()


class NumberVoided(Event, type="intake.NumberVoided"):
    """A number met a complaint already withdrawn: it stays in the register as void (batal). No receipt was given."""

    number: Line


class ComplaintWithdrawn(Event, type="intake.ComplaintWithdrawn"):
    """The complainant took the complaint back (pengaduan dicabut), before the letter was known to be signed.

    The other services end their part when they note it, not before.
    """

    proof: Proof
    reason: Sealed[Subject, str] | None = None


class LetterNoted(Event, type="intake.LetterNoted"):
    """Internal: intake knows that the letter was signed (step 11), so a withdrawal now comes too late."""

    letter_number: Line


ComplaintEvent = (
    ComplaintFiled
    | ComplaintClassified
    | CompletionRequested
    | ComplaintSupplemented
    | ComplaintDeclaredComplete
    | ReceiptIssued
    | NumberVoided
    | ComplaintWithdrawn
    | LetterNoted
)
RegisterEvent = NumberAssigned
IntakeEvent = ComplaintEvent | RegisterEvent
