"""What notification is told over HTTP: closed models, so that a misspelt field is refused and not ignored."""

from pydantic import Field

from schemas.event import Instant
from schemas.vocabulary import Line, Receiver
from services.kernel.desk import Acted, Body


class Receipt(Acted):
    """Tanda terima surat, as signed on paper and recorded by Staf (step 12)."""

    receiver: Receiver
    receiver_name: Line | None = Field(None, description="wajib bila penerima bukan pengadu atau kuasanya")
    received_at: Instant | None = Field(None, description="waktu di tanda terima, bila bukan sekarang")


class PublicReceipt(Body):
    """Konfirmasi penerimaan surat oleh pengadu, dengan kode pelacakan."""

    code: Line
    receiver: Receiver = "complainant"
    receiver_name: Line | None = None
