"""What a person may be told: the domain said no, or someone was faster."""

from typing import ClassVar


class Refusal(Exception):
    """An anticipated no. Nothing was written.

    `code` is stable and meant for programs; `kalimat` is the sentence a person reads; `kind` groups refusals for
    the one HTTP table in kernel.problems.
    """

    code: ClassVar[str] = "refused"
    kalimat: ClassVar[str] = "Permintaan tidak dapat dilaksanakan."
    kind: ClassVar[str] = "refused"

    def __init__(self, detail: str = "") -> None:
        super().__init__(detail)
        self.detail = detail


class NotFound(Refusal):
    code = "not-found"
    kalimat = "Pengaduan tidak ditemukan."
    kind = "missing"


class Forbidden(Refusal):
    code = "forbidden"
    kalimat = "Anda tidak berwenang melakukan tindakan ini."
    kind = "forbidden"


class Stale(Refusal):
    """The stream moved past what the person had seen; `detail` names the facts recorded since."""

    code = "stale"
    kalimat = "Data sudah diubah orang lain sejak Anda membukanya. Muat ulang lalu periksa perubahannya."
    kind = "conflict"


class CommandReused(Refusal):
    code = "idempotency-key-reused"
    kalimat = "Kunci permintaan ini sudah dipakai untuk isi yang berbeda."
    kind = "unprocessable"


class TooLarge(Refusal):
    code = "record-too-large"
    kalimat = "Isi terlalu besar untuk disimpan. Ringkas teksnya atau kirim sebagai lampiran."
    kind = "too-large"


class Conflict(Exception):
    """Other writers were faster; reading and deciding again may succeed."""


class Unavailable(Exception):
    """A backing service does not answer; the outcome may be unknown. Ask again with the same command id."""
