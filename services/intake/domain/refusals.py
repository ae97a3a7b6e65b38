"""When intake says no, and in which words."""

from services.kernel.refusal import Forbidden, Refusal


class AlreadyFiled(Refusal):
    code = "already-filed"
    kalimat = "Pengaduan dengan nomor identitas ini sudah pernah disampaikan."
    kind = "conflict"


class ChannelUnknown(Refusal):
    code = "channel-unknown"
    kalimat = "Saluran pengaduan ini tidak dikenal atau belum dibuka."
    kind = "unprocessable"


class ContactWithoutIdentity(Refusal):
    code = "contact-without-identity"
    kalimat = "Pengaduan tanpa identitas tidak dapat memuat alamat kontak."
    kind = "unprocessable"


class KindNotYetOpen(Refusal):
    code = "kind-not-yet-open"
    kalimat = "Jenis selain pengaduan belum dapat diproses di sini."


class AlreadyClassified(Refusal):
    code = "already-classified"
    kalimat = "Pengaduan sudah diklasifikasi dengan isian yang berbeda."
    kind = "conflict"


class NotYetClassified(Refusal):
    code = "not-yet-classified"
    kalimat = "Pengaduan belum diklasifikasi."
    kind = "conflict"


class NothingMissing(Refusal):
    code = "nothing-missing"
    kalimat = "Sebutkan sedikitnya satu kelengkapan yang masih kurang."
    kind = "unprocessable"


class AlreadyComplete(Refusal):
    code = "already-complete"
    kalimat = "Berkas pengaduan sudah dinyatakan lengkap."
    kind = "conflict"


class NothingAsked(Refusal):
    code = "nothing-asked"
    kalimat = "Tidak ada kelengkapan yang sedang diminta untuk pengaduan ini."
    kind = "conflict"


class NotYetChecked(Refusal):
    code = "not-yet-checked"
    kalimat = "Tanda terima baru dapat diberikan setelah kelengkapan berkas dinyatakan."
    kind = "conflict"


class NumberDiffers(Refusal):
    code = "number-differs"
    kalimat = "Pengaduan ini sudah memiliki nomor register yang lain."
    kind = "conflict"


class TrackingCodeWrong(Forbidden):
    code = "tracking-code-wrong"
    kalimat = "Kode pelacakan tidak cocok dengan pengaduan ini."


class LetterAlreadySigned(Refusal):
    code = "letter-already-signed"
    kalimat = "Surat tanggapan sudah ditandatangani, pengaduan tidak dapat dicabut lagi."
    kind = "conflict"


class AlreadyWithdrawn(Refusal):
    code = "complaint-withdrawn"
    kalimat = "Pengaduan sudah dicabut oleh pengadu."
    kind = "conflict"
