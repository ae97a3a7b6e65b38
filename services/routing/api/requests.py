"""What officers tell routing over HTTP: closed models, so that a misspelt field is refused and not ignored."""

from pydantic import Field

from schemas.event import Day
from schemas.vocabulary import Line, Signature, Text, Way
from services.kernel.desk import Acted


class Review(Acted):
    """Telaahan Kasi (step 3)."""

    review: Text = Field(description="telaahan dan klarifikasi")
    proposal: Text = Field(description="usul tindak lanjut kepada Kabid")


class Return(Acted):
    reason: Text


class Analysis(Acted):
    """Analisis Kabid (step 4)."""

    analysis: Text
    proposal: Text = Field(description="usul penyelesaian kepada Kadis")


class Disposition(Acted):
    """Disposisi Kadis (step 5)."""

    ways: list[Way] = Field(max_length=4, description="cara penyelesaian; saat ini hanya direct yang terbuka")
    instruction: Text


class Draft(Acted):
    """Konsep surat (step 11). The title follows from the way that was decided."""

    body: Text


class Signing(Acted):
    """Penandatanganan surat (step 11)."""

    letter_number: Line
    letter_date: Day
    signature: Signature = Field(description="wet: tanda tangan basah; tte: tanda tangan elektronik")
