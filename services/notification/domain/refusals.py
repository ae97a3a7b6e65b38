"""When notification says no, and in which words."""

from services.kernel.refusal import Forbidden, NotFound, Refusal


class NotificationUnknown(NotFound):
    code = "notification-unknown"
    kalimat = "Pemberitahuan ini tidak dikenal."


class AttemptUnknown(Refusal):
    code = "attempt-unknown"
    kalimat = "Percobaan pengiriman ini tidak pernah dimulai."
    kind = "unprocessable"


class AlreadyReported(Refusal):
    code = "already-reported"
    kalimat = "Percobaan pengiriman ini sudah dilaporkan gagal."
    kind = "conflict"


class LetterNotYetIssued(Refusal):
    code = "letter-not-yet-issued"
    kalimat = "Surat tanggapan belum diterbitkan."
    kind = "conflict"


class AlreadyReceived(Refusal):
    code = "already-received"
    kalimat = "Penerimaan surat sudah dicatat dengan penerima yang lain."
    kind = "conflict"


class ReceiverUnnamed(Refusal):
    code = "receiver-unnamed"
    kalimat = "Sebutkan nama penerima surat bila bukan pengadu sendiri."
    kind = "unprocessable"


class TrackingCodeWrong(Forbidden):
    code = "tracking-code-wrong"
    kalimat = "Kode pelacakan tidak cocok dengan pengaduan ini."
