"""What intake is told and answers over HTTP: closed models, so that a misspelt field is refused and not ignored."""

from typing import Literal

from pydantic import BaseModel, Field, StrictBool

from schemas.event import Day, Instant
from schemas.vocabulary import Code, Complainant, Line, Story, Text
from services.kernel.desk import Acted, Body
from services.kernel.edge import Done


class Filing(Body):
    """Formulir pengaduan. Without `complainant` no identity is given: then no notice can be sent."""

    complainant: Complainant | None = None
    story: Story
    identity_hidden: StrictBool = Field(default=False, description="identitas dirahasiakan dari pihak yang diadukan")
    content_public: StrictBool = Field(default=False, description="isi boleh dibaca umum")
    form_opened_at: Instant | None = None


class CounterFiling(Filing, Acted):
    """What Staf enter for someone else: the channel first, and when it really arrived."""

    channel: Code
    service: Line | None = Field(None, description="layanan yang diadukan, netral, tanpa nama orang")
    arrived_at: Instant | None = None
    letter_date: Day | None = None
    agenda_number: Line | None = None


class Classification(Acted):
    kind: Literal["complaint", "enquiry", "suggestion", "dismissal"]
    category: Code
    title: Line = Field(description="judul netral, tanpa nama orang")
    service: Line | None = Field(None, description="layanan yang diadukan, netral, tanpa nama orang")


class CompletionDemand(Acted):
    missing: list[Code] = Field(min_length=1, max_length=20)
    notice: Text


class Supplementing(Acted):
    text: Text
    documents: list[Code] = Field(default=[], max_length=20)


class PublicSupplementing(Body):
    code: Line
    text: Text
    documents: list[Code] = Field(default=[], max_length=20)


class Withdrawal(Acted):
    reason: Text | None = None


class PublicWithdrawal(Body):
    code: Line
    reason: Text | None = None


class TrackRequest(Body):
    """`number` is the register number, or the complaint's id as long as there is none."""

    number: Line
    code: Line


class Filed(Done):
    """The tracking code is shown once, here and on the receipt: whoever has it may ask and withdraw."""

    tracking_code: str


class Numbered(Done):
    number: str


class Tracking(BaseModel):
    """Four plain stages and what is awaited; nothing of who inside the office holds it."""

    number: str | None
    stage: Literal["diterima", "diproses", "diputuskan", "selesai"]
    since: str | None
    awaits: str | None
    missing: list[str]
    withdrawn: bool
    letter_title: str | None = None
    letter_number: str | None = None
    letter_date: str | None = None
    letter: str | None = None
