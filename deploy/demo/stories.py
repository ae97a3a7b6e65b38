"""Five complaints as people bring them. Names, numbers and addresses are made up."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One complaint: what was filed, and what the office made of it on the direct way."""

    opd: str
    channel: str
    complainant: dict[str, Any] | None
    story: dict[str, Any]
    category: str
    title: str
    service: str
    review: str
    analysis: str
    instruction: str
    letter: str
    missing: tuple[str, ...] = ()
    supplement: str = ""
    filing: dict[str, Any] = field(default_factory=dict)


STORIES = (
    Told(
        opd="dpmptsp-agam",
        channel="web",
        complainant={
            "name": "Rahmi Yuliani",
            "address": "Jorong Balai Satu, Nagari Manggopoh, Lubuk Basung",
            "telephone": "0812 6700 1101",
            "email": "rahmi.yuliani@surat.example",
        },
        story={
            "what_happened": "Permohonan izin usaha warung makan saya ajukan tiga minggu lalu. Setiap kali saya "
            "tanyakan, jawabannya masih diproses, padahal di papan pengumuman tertulis lima hari kerja.",
            "place": "Loket DPMPTSP, Lubuk Basung",
            "when": "2 November 2026",
            "request": "Mohon kepastian kapan izin saya selesai.",
            "application_number": "IUM-2026-004417",
        },
        category="keterlambatan",
        title="Izin usaha mikro melewati waktu layanan",
        review="Permohonan tertahan karena rekomendasi lokasi dari nagari belum diunggah petugas.",
        analysis="Keterlambatan berasal dari dinas. Berkas pemohon lengkap sejak awal.",
        instruction="Terbitkan izin hari ini dan sampaikan permohonan maaf secara tertulis.",
        letter="Izin usaha Saudara diterbitkan hari ini. Kami mohon maaf atas keterlambatan yang terjadi karena "
        "kelalaian petugas kami mengunggah rekomendasi lokasi.",
        service="Izin Usaha Mikro",
    ),
    Told(
        opd="dpmptsp-agam",
        channel="counter",
        complainant={
            "name": "H. Syafrizal Dt. Rajo Bungsu",
            "address": "Nagari Tiku Selatan, Tanjung Mutiara",
            "telephone": "0813 6300 2202",
        },
        story={
            "what_happened": "Bangunan gudang di sebelah rumah saya berdiri tanpa papan izin dan menutup jalan air. "
            "Pekerjanya mengatakan sudah ada izin, tetapi tidak mau menunjukkannya.",
            "place": "Pasar Tiku",
            "request": "Mohon diperiksa apakah bangunan itu berizin.",
            "party": "Pemilik gudang di Pasar Tiku",
        },
        category="bangunan",
        title="Bangunan gudang diduga tanpa izin",
        review="Arsip perizinan bangunan gedung atas lokasi itu tidak ditemukan.",
        analysis="Belum ada persetujuan bangunan gedung. Pemilik perlu dipanggil dan diberi waktu mengurus.",
        instruction="Sampaikan teguran pertama kepada pemilik, tembusan kepada pengadu.",
        letter="Hasil pemeriksaan kami: bangunan tersebut belum berizin. Teguran pertama telah kami sampaikan "
        "kepada pemiliknya dengan batas waktu empat belas hari.",
        missing=("evidence",),
        supplement="Saya serahkan tiga foto bangunan dan salinan surat tanah saya.",
        service="Persetujuan Bangunan Gedung",
    ),
    Told(
        opd="disdik-agam",
        channel="letter",
        complainant={
            "name": "Komite Sekolah Nagari Kapau",
            "address": "Nagari Kapau, Tilatang Kamang",
            "email": "komite.kapau@surat.example",
        },
        story={
            "what_happened": "Surat keterangan pindah tiga orang murid belum ditandatangani sejak dua bulan lalu, "
            "sehingga mereka belum dapat didaftarkan di sekolah baru.",
            "request": "Mohon surat keterangan pindah segera diterbitkan.",
            "sender_number": "14/KS-KPU/XI/2026",
        },
        category="keterlambatan",
        title="Surat keterangan pindah murid belum terbit",
        review="Surat ada di meja penandatangan; pejabat lama sudah pindah dan penggantinya belum diberi wewenang.",
        analysis="Cukup diselesaikan dengan penandatanganan oleh pejabat yang berwenang sekarang.",
        instruction="Tandatangani ketiga surat dan antarkan ke sekolah.",
        letter="Ketiga surat keterangan pindah telah ditandatangani dan dapat diambil di sekolah mulai hari ini.",
        service="Surat keterangan pindah",
        filing={"agenda_number": "211/2026", "letter_date": "2026-11-16"},
    ),
    Told(
        opd="dinkes-agam",
        channel="telephone",
        complainant=None,
        story={
            "what_happened": "Loket pendaftaran puskesmas buka pukul sembilan, padahal di pintu tertulis pukul "
            "setengah delapan. Orang tua dan bayi menunggu di luar.",
            "place": "Puskesmas pembantu di Kecamatan Palembayan",
            "when": "setiap Senin",
            "request": "Mohon loket dibuka sesuai jadwal.",
        },
        category="jam_layanan",
        title="Loket puskesmas dibuka terlambat",
        review="Kepala puskesmas membenarkan: petugas loket merangkap petugas imunisasi setiap Senin.",
        analysis="Perlu penataan jadwal, tidak perlu kajian maupun rapat.",
        instruction="Perintahkan penataan jadwal jaga dan tempel hasilnya di papan pengumuman.",
        letter="Jadwal jaga loket telah diatur ulang. Mulai Senin depan loket dibuka pukul 07.30 oleh petugas khusus.",
        service="Pendaftaran pasien",
    ),
    Told(
        opd="dpmptsp-agam",
        channel="web",
        complainant={
            "name": "Yusra Hanif",
            "telephone": "0852 7400 5505",
            "email": "yusra.hanif@surat.example",
        },
        story={
            "what_happened": "Saya diminta membayar Rp150.000 untuk pengambilan sertifikat NIB, katanya uang map. 😟 "
            "Padahal setahu saya tidak dipungut biaya.",
            "place": "Parkiran kantor pelayanan",
            "when": "9 November 2026",
            "loss": "Rp150.000",
            "request": "Mohon uang saya dikembalikan dan pelakunya ditindak.",
            "party": "Seorang laki-laki yang mengaku petugas",
        },
        category="pungutan",
        title="Dugaan pungutan pada pengambilan NIB",
        review="Rekaman kamera menunjukkan peminta uang bukan pegawai dinas.",
        analysis="Calo di area parkir. Uang dapat dikembalikan karena pelaku sudah diamankan satpam.",
        instruction="Kembalikan uang pengadu, pasang peringatan di loket dan parkiran.",
        letter="Orang yang meminta uang kepada Saudara bukan pegawai kami. Uang Saudara dapat diambil di loket, dan "
        "peringatan tentang calo telah kami pasang. Seluruh layanan kami tidak dipungut biaya.",
        service="Nomor Induk Berusaha",
        filing={"identity_hidden": True},
    ),
)
