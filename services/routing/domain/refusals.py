"""When routing says no, and in which words."""

from services.kernel.refusal import Refusal


class NotYetReviewed(Refusal):
    code = "not-yet-reviewed"
    kalimat = "Pengaduan belum selesai ditelaah oleh Kasi."
    kind = "conflict"


class AlreadyReviewed(Refusal):
    code = "already-reviewed"
    kalimat = "Pengaduan sudah ditelaah dan diteruskan ke Kabid."
    kind = "conflict"


class NotYetAnalysed(Refusal):
    code = "not-yet-analysed"
    kalimat = "Pengaduan belum dianalisis oleh Kabid."
    kind = "conflict"


class AlreadyAnalysed(Refusal):
    code = "already-analysed"
    kalimat = "Pengaduan sudah dianalisis dan diteruskan ke Kadis."
    kind = "conflict"


class WayMissing(Refusal):
    code = "way-missing"
    kalimat = "Sebutkan cara penyelesaian yang diputuskan."
    kind = "unprocessable"


class WayNotYetOpen(Refusal):
    code = "way-not-yet-open"
    kalimat = "Cara penyelesaian ini belum dapat dipilih, saat ini baru keputusan langsung."


class NotYetDecided(Refusal):
    code = "not-yet-decided"
    kalimat = "Kadis belum memberikan disposisi."
    kind = "conflict"


class AlreadyDecided(Refusal):
    code = "already-decided"
    kalimat = "Kadis sudah memberikan disposisi atas pengaduan ini."
    kind = "conflict"


class NotYetDrafted(Refusal):
    code = "not-yet-drafted"
    kalimat = "Konsep surat belum dibuat."
    kind = "conflict"


class AlreadyIssued(Refusal):
    code = "already-issued"
    kalimat = "Surat sudah ditandatangani."
    kind = "conflict"


class AlreadyWithdrawn(Refusal):
    code = "complaint-withdrawn"
    kalimat = "Pengaduan sudah dicabut oleh pengadu."
    kind = "conflict"
