"""What routing says: review, analysis, disposition and the letter. Actors: Kasi, Kabid, Kadis."""

from datetime import date

from pydantic import PositiveInt

from schemas.event import Event, File, Sealed
from schemas.vocabulary import Line, Signature, Way


class CaseOpened(Event, type="routing.CaseOpened"):
    """A complete complaint reached the Kasi (start of step 3, diteruskan ke Kasi). Nobody has read it yet."""


class WithdrawalNoted(Event, type="routing.WithdrawalNoted"):
    """Internal: routing knows that the complaint was withdrawn and does nothing more about it."""


class ComplaintReviewed(Event, type="routing.ComplaintReviewed"):
    """The Kasi reviewed and clarified it and proposed a follow-up to the Kabid (step 3, menelaah). Not a decision."""

    review: Sealed[File, str]
    proposal: Sealed[File, str]


class ReviewReturned(Event, type="routing.ReviewReturned"):
    """The Kabid gave the review back to the Kasi (telaahan dikembalikan). Step 3 goes on, step 4 stands still."""

    reason: Sealed[File, str]


class ComplaintAnalysed(Event, type="routing.ComplaintAnalysed"):
    """The Kabid analysed it and reported to the Kadis (step 4, menganalisis). Not a decision."""

    analysis: Sealed[File, str]
    proposal: Sealed[File, str]


class DispositionMade(Event, type="routing.DispositionMade"):
    """The Kadis decided how the complaint is settled (step 5, disposisi). Nothing ordered in it is done yet."""

    ways: tuple[Way, ...]
    instruction: Sealed[File, str]


class RecommendationDrafted(Event, type="routing.RecommendationDrafted"):
    """Kasi or Staf wrote the letter, or wrote it anew (step 11, konsep surat). It binds nobody until signed."""

    title: Line
    body: Sealed[File, str]
    draft: PositiveInt


class RecommendationIssued(Event, type="routing.RecommendationIssued"):
    """The Kadis signed the letter (step 11, surat ditandatangani). That the complainant has it is not said.

    `letter_date` is the date on the letter; `body` is that of the draft signed.
    """

    title: Line
    letter_number: Line
    letter_date: date
    signature: Signature
    body: Sealed[File, str]


RoutingEvent = (
    CaseOpened
    | WithdrawalNoted
    | ComplaintReviewed
    | ReviewReturned
    | ComplaintAnalysed
    | DispositionMade
    | RecommendationDrafted
    | RecommendationIssued
)
