"""What meeting says: steps 6 to 10. Actors: Kasi, Kabid, Sekretaris, Kadis, TIM."""

from schemas.event import Event, File, Sealed


class MeetingRequested(Event, type="meeting.MeetingRequested"):
    """A disposition ordered a meeting (start of step 6, rapat diminta). No date is set and nobody is invited.

    `after_study` says that a technical study was ordered with it and is to be laid before the meeting.
    """

    after_study: bool
    instruction: Sealed[File, str]


class WithdrawalNoted(Event, type="meeting.WithdrawalNoted"):
    """Internal: meeting knows that the complaint was withdrawn and prepares nothing more for it."""


MeetingEvent = MeetingRequested | WithdrawalNoted
