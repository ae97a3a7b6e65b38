"""`aduan import wabo` for real: interrupted twice, begun again, begun once more; and the books afterwards."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import pytest

from tests.wabo.samples import small_log
from tests.wabo.town import town

if TYPE_CHECKING:
    from pathlib import Path

    from tests.backing.addresses import Addresses

pytestmark = [pytest.mark.integration, pytest.mark.timeout(600)]

EXPECTED = {
    "intake.ComplaintFiled": 11,
    "intake.ComplaintClassified": 11,
    "intake.ComplaintDeclaredComplete": 10,
    "intake.NumberAssigned": 9,
    "intake.ReceiptIssued": 9,
    "routing.CaseOpened": 10,
    "routing.ComplaintReviewed": 8,
    "routing.ComplaintAnalysed": 7,
    "routing.DispositionMade": 6,
    "routing.RecommendationDrafted": 3,
    "routing.RecommendationIssued": 3,
    "notification.RecommendationReceived": 3,
    "reporting.CaseRecorded": 2,
}
"""Counted by hand from `small_log`."""

RECEIVED = {"dpmptsp-agam": 4, "disdik-agam": 3, "dinkes-agam": 4}


async def test_an_import_stopped_and_begun_again_doubles_nothing(backing: Addresses, tmp_path: Path) -> None:
    log, report = tmp_path / "log.csv", tmp_path / "report.csv"
    log.write_text("".join(small_log()), encoding="utf-8")
    one_by_one = ("import", "wabo", str(log), "--concurrency", "1")

    async with town(backing, tmp_path / "data") as place:
        killed = await place.begin(*one_by_one)
        await place.until(lambda facts: facts["intake.ComplaintFiled"] >= 3)
        killed.kill()
        await killed.wait()

        stopped = await place.begin(*one_by_one)
        await place.until(lambda facts: facts["intake.ComplaintFiled"] >= 6)
        stopped.send_signal(signal.SIGINT)
        said, _ = await stopped.communicate()
        assert stopped.returncode == 130, said.decode()
        assert "tidak akan terulang" in said.decode()
        assert place.facts()["intake.ComplaintFiled"] < 11

        for _ in ("the rest", "nothing more"):
            code, printed = await place.aduan("import", "wabo", str(log), "--report", str(report))
            assert code == 0, printed
            assert "saluran 'Fax' tidak dikenal" in printed
            await place.until(lambda facts: facts["routing.CaseOpened"] >= 10)
            facts = place.facts()
            assert {type_: facts[type_] for type_ in EXPECTED} == EXPECTED

        assert report.read_text().splitlines()[1].endswith("saluran 'Fax' tidak dikenal")
        months = {opd: await place.asked("recap", "--opd", opd, "--month", "2011-01") for opd in RECEIVED}
        assert {opd: book["totals"]["received"] for opd, book in months.items()} == RECEIVED
        assert {row["channel"] for book in months.values() for row in book["rows"]} == {
            *("web", "counter", "letter", "email", "telephone")
        }


async def test_without_services_an_import_says_so_and_files_nothing(backing: Addresses, tmp_path: Path) -> None:
    log = tmp_path / "log.csv"
    log.write_text("".join(small_log()), encoding="utf-8")

    async with town(backing, tmp_path / "data", services=("intake",)) as place:
        code, printed = await place.aduan("import", "wabo", str(log))

        assert code == 1
        assert "Alamat layanan routing, notification, reporting belum diketahui" in printed.replace("\n", " ")
        assert place.facts() == {}
