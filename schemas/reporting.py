"""What reporting says: that a complaint's handling is recorded (step 13). Actors: Staf, Kasi."""

from schemas.event import Event, File, Sealed
from schemas.vocabulary import Line, Outcome


class CaseNoted(Event, type="reporting.CaseNoted"):
    """Internal: reporting knows of the complaint, and whether there is anyone to deliver a letter to."""

    no_identity: bool


class LetterNoted(Event, type="reporting.LetterNoted"):
    """Internal: reporting knows that the letter was signed (step 11)."""

    letter_number: Line


class DeliveryNoted(Event, type="reporting.DeliveryNoted"):
    """Internal: reporting knows that the letter arrived: `received` by its receipt, else by proof of delivery."""

    received: bool


class WithdrawalNoted(Event, type="reporting.WithdrawalNoted"):
    """Internal: reporting knows that the complaint was withdrawn."""


class CaseRecorded(Event, type="reporting.CaseRecorded"):
    """The handling was recorded and filed (step 13, mencatat dan mendokumentasikan). The complaint's last fact."""

    outcome: Outcome
    notes: Sealed[File, str] | None = None


ReportingEvent = CaseNoted | LetterNoted | DeliveryNoted | WithdrawalNoted | CaseRecorded
