"""What the log does not hold, made up: people, stories and letters. The same case always says the same."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Final, TypeVar

if TYPE_CHECKING:
    from collections.abc import Sequence

T = TypeVar("T")

GIVEN: Final = ("Rahma", "Syafril", "Yusnidar", "Zulkifli", "Desmawati", "Afrizal", "Nurhayati", "Hendri", "Elvi")
FICTITIOUS: Final = ("Contoh", "Rekaan", "Umpama", "Misalan")
NAGARI: Final = ("Nagari Contoh Hulu", "Nagari Contoh Hilir", "Nagari Umpama", "Nagari Rekaan Tinggi")


@dataclass(frozen=True, slots=True, kw_only=True)
class Matter:
    """One kind of complaint, from its category to the answer."""

    category: str
    title: str
    story: str
    request: str
    review: str
    answer: str


MATTERS: Final = (
    Matter(
        category="keterlambatan",
        title="Izin lingkungan melewati waktu layanan",
        story="Permohonan izin lingkungan saya belum terbit padahal janji waktu layanan sudah lewat. Setiap kali saya "
        "tanyakan, jawabannya masih diproses.",
        request="Mohon kepastian kapan izin saya selesai.",
        review="Berkas permohonan lengkap; keterlambatan terjadi pada penelitian lapangan.",
        answer="Penelitian lapangan telah dijadwalkan dan hasilnya akan disampaikan kepada Saudara.",
    ),
    Matter(
        category="persyaratan",
        title="Persyaratan izin berubah setelah permohonan diterima",
        story="Setelah permohonan diterima lengkap, saya diminta menambah gambar situasi yang tidak disebut dalam "
        "daftar persyaratan di loket.",
        request="Mohon persyaratan yang berlaku dijelaskan secara tertulis.",
        review="Daftar persyaratan di loket belum diperbarui; permintaan tambahan berasal dari ketentuan baru.",
        answer="Daftar persyaratan telah diperbarui. Gambar situasi dapat Saudara susulkan tanpa mendaftar ulang.",
    ),
    Matter(
        category="bangunan",
        title="Kegiatan membangun diduga tanpa izin",
        story="Di sebelah rumah saya ada pekerjaan bangunan tanpa papan izin. Debu dan suaranya mengganggu sampai "
        "malam.",
        request="Mohon diperiksa apakah pekerjaan itu berizin.",
        review="Arsip izin atas lokasi itu diperiksa; permohonan pemilik masih dalam proses.",
        answer="Pekerjaan dihentikan sementara sampai izinnya terbit. Pemilik telah kami beri tahu.",
    ),
    Matter(
        category="informasi",
        title="Tanda terima permohonan tidak diberikan",
        story="Saya menyerahkan berkas permohonan, tetapi sampai sekarang tidak menerima tanda terima sehingga tidak "
        "tahu nomor permohonan saya.",
        request="Mohon tanda terima dan nomor permohonan saya diberikan.",
        review="Permohonan tercatat, tanda terima tertahan di bagian pencatatan.",
        answer="Tanda terima telah kami kirim ke alamat Saudara beserta nomor permohonannya.",
    ),
)
ANALYSIS: Final = "Telaahan disetujui. Tidak diperlukan rapat; jawaban tertulis dipandang memadai."
PROPOSAL: Final = "Dijawab langsung dengan surat tanggapan."
INSTRUCTION: Final = "Selesaikan langsung dan jawab secara tertulis."


def matter_of(case: str) -> Matter:
    return _pick(case, "matter", MATTERS)


def complainant_of(case: str) -> dict[str, str]:
    """A person who does not exist. Never an e-mail address: an import of old cases writes to nobody."""
    number = _number(case, "telephone") % 10_000
    return {
        "name": f"{_pick(case, 'given', GIVEN)} {_pick(case, 'surname', FICTITIOUS)}",
        "address": f"Jorong Umpama No. {number % 90 + 1}, {_pick(case, 'nagari', NAGARI)}",
        "telephone": f"0800 000 {number:04d}",
    }


def _pick(case: str, what: str, choices: Sequence[T]) -> T:
    return choices[_number(case, what) % len(choices)]


def _number(case: str, what: str) -> int:
    return int.from_bytes(sha256(f"{case}/{what}".encode()).digest()[:4])
