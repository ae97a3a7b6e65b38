"""The bus as it passes: read from Kafka by a reader of its own, told in Indonesian, one line a fact."""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from aiokafka import AIOKafkaConsumer
from babel.dates import format_time
from rich.markup import escape

from schemas.catalogue import LANGUAGE
from schemas.vocabulary import CHANNELS, DOCUMENTS
from services.kernel.envelope import Untrusted, arrive

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from rich.console import Console

    from services.kernel.recorded import Recorded

COLOURS = {
    "intake": "cyan",
    "register": "cyan",
    "routing": "yellow",
    "meeting": "magenta",
    "notification": "green",
    "reporting": "blue",
}
SENTENCES = {
    "intake.ComplaintFiled": "pengaduan disampaikan: {channel}",
    "intake.ComplaintClassified": "diklasifikasi: {title}",
    "intake.CompletionRequested": "kelengkapan diminta: {missing}",
    "intake.ComplaintSupplemented": "kelengkapan diserahkan",
    "intake.ComplaintDeclaredComplete": "berkas lengkap, diteruskan ke Kasi",
    "intake.NumberAssigned": "nomor register {number}",
    "intake.ReceiptIssued": "tanda terima {number} diberikan",
    "intake.ComplaintWithdrawn": "pengaduan dicabut",
    "intake.LetterNoted": "surat {letter_number} dicatat loket",
    "routing.CaseOpened": "diterima Kasi untuk ditelaah",
    "routing.ComplaintReviewed": "telaahan Kasi dilaporkan ke Kabid",
    "routing.ReviewReturned": "telaahan dikembalikan kepada Kasi",
    "routing.ComplaintAnalysed": "analisis Kabid dilaporkan ke Kadis",
    "routing.DispositionMade": "disposisi Kadis: diputuskan langsung",
    "routing.RecommendationDrafted": "konsep surat tanggapan dibuat",
    "routing.RecommendationIssued": "surat {letter_number} ditandatangani",
    "notification.ContactNoted": "kontak pengadu dicatat (tersegel)",
    "notification.NotificationRequested": "pemberitahuan diminta: {kind}",
    "notification.NotificationAttempted": "percobaan kirim ke-{attempt}",
    "notification.NotificationDelivered": "surel diterima server tujuan",
    "notification.NotificationFailed": "pengiriman gagal: {reason}",
    "notification.RecommendationReceived": "surat diterima pengadu",
    "reporting.CaseNoted": "masuk pencatatan",
    "reporting.LetterNoted": "surat masuk pencatatan",
    "reporting.DeliveryNoted": "penyampaian masuk pencatatan",
    "reporting.CaseRecorded": "dicatat dan didokumentasikan",
}
LABELS = {"receipt": "tanda terima", "recommendation": "surat tanggapan", **CHANNELS, **DOCUMENTS}


class Watch:
    """Everything that passed since the watch began; `seen` counts the facts by type."""

    def __init__(self, console: Console, zone: str) -> None:
        self.seen: Counter[str] = Counter()
        self._titles: dict[str, str] = {}
        self._console = console
        self._zone = ZoneInfo(zone)

    def show(self, fact: Recorded[Any]) -> None:
        """Print one fact. Sealed values are not opened: a reader of the bus sees no person."""
        kind = fact.event.type
        self.seen[kind] += 1
        fields = {name: _plain(value) for name, value in fact.event.model_dump(mode="json").items()}
        if kind == "intake.ComplaintClassified":
            self._titles[fact.subject] = fields["title"]
        sentence = SENTENCES.get(kind, kind.partition(".")[2]).format_map(fields)
        clock = format_time(fact.recorded_at.astimezone(self._zone), "HH.mm.ss", locale="id_ID")
        name, wide = self._name(fact), max(20, min(42, self._console.width - 80))
        self._console.print(
            f"[dim]{clock}[/] [{COLOURS.get(fact.owner, 'white')}]{kind.split('.')[0]:<13}[/]"
            f"{escape(name):<{wide}.{wide}} {escape(sentence)} [dim]· {escape(_actor(fact.actor))}[/]",
            no_wrap=True,
            overflow="ellipsis",
        )

    async def until_seen(self, wanted: Mapping[str, int], seconds: float) -> bool:
        """Wait until so many of each type have passed; False when they did not within `seconds`."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while any(self.seen[kind] < count for kind, count in wanted.items()):  # noqa: ASYNC110 - others write
                    await asyncio.sleep(0.05)
                return True
        return False

    def _name(self, fact: Recorded[Any]) -> str:
        if fact.owner == "register":
            return f"register {fact.opd}"
        return self._titles.get(fact.subject, f"pengaduan …{fact.subject[-6:]}")


def _plain(value: object) -> str:
    parts = value if isinstance(value, list) else [value]
    return ", ".join(LABELS.get(str(part), str(part)) for part in parts)


def _actor(actor: str) -> str:
    return "otomatis" if actor.startswith("policy:") else actor


@asynccontextmanager
async def watching(kafka_url: str, topic: str, watch: Watch) -> AsyncIterator[Watch]:
    """Show every record that reaches the topic from now until the block ends."""
    consumer = AIOKafkaConsumer(topic, bootstrap_servers=kafka_url, enable_auto_commit=False)
    await consumer.start()
    try:
        await consumer.seek_to_end()
        for place in consumer.assignment():
            await consumer.position(place)
        task = asyncio.create_task(_follow(consumer, watch))
        try:
            yield watch
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
    finally:
        await consumer.stop()


async def _follow(consumer: AIOKafkaConsumer, watch: Watch) -> None:
    async for record in consumer:
        with suppress(Untrusted):
            arrival = arrive(record.key, tuple(record.headers), record.value, record.timestamp)
            watch.show(arrival.read(LANGUAGE))
