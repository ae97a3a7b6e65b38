"""A service put together: nobody is served before the stores are prepared, and what cannot be mended is said."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httpx2
import pytest
from pydantic import ValidationError

from deploy.serve import made
from deploy.token import demo_issuer
from services.kernel.settings import SettingsMissing
from tests.backing.addresses import Addresses
from tests.rig.rig import AGAM, settings_for

if TYPE_CHECKING:
    from pathlib import Path

NOWHERE = Addresses(mongo_url="mongodb://127.0.0.1:1", kafka_url="127.0.0.1:1")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    demo_issuer(tmp_path)
    return tmp_path


async def test_before_the_stores_are_prepared_nothing_is_taken_and_health_answers(data: Path) -> None:
    app = made("intake", settings_for(NOWHERE, data))  # not started: as in the moment before its keys are unique
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://intake.test") as client:
        answer = await client.post(f"/public/{AGAM}/complaints", json={"story": {"what_happened": "Loket tutup."}})

        assert (answer.status_code, answer.json()["code"]) == (503, "not-ready")
        assert (await client.get("/health/live")).status_code == 200


@pytest.mark.parametrize("code", ["Dinas PU", "dinas/pu", "DINAS", "", "$dinas"])
def test_an_office_whose_code_no_reader_of_the_bus_would_take_is_refused_at_the_start(data: Path, code: str) -> None:
    with pytest.raises(ValidationError):
        settings_for(NOWHERE, data, offices={code: "Dinas"})


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        '{"keys": 5}',
        '{"keys": [{}]}',
        '{"keys": [{"kty": "oct", "k": "c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0"}]}',
        None,
    ],
)
def test_public_keys_that_cannot_be_used_are_said_in_one_sentence(data: Path, text: str | None) -> None:
    file = data / "keys.json"
    if text is not None:
        file.write_text(text)

    with pytest.raises(SettingsMissing) as said:
        settings_for(NOWHERE, data, jwks_file=file).trust()

    assert str(said.value).startswith("ADUAN_JWKS_FILE ")
    assert "c2VjcmV0c2Vj" not in str(said.value)


@pytest.mark.integration
async def test_a_mongodb_that_refuses_the_account_ends_the_service_with_a_sentence(
    backing: Addresses, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended: list[int] = []
    monkeypatch.setattr(signal, "raise_signal", ended.append)
    url = urlsplit(backing.mongo_url)
    strange = url._replace(netloc=f"penyusup:rahasia@{url.netloc.rpartition('@')[2]}").geturl()
    service = made(
        "intake", settings_for(Addresses(mongo_url=strange, kafka_url=backing.kafka_url), data)
    ).state.service

    await service.run()
    await service.close()

    assert ended == [signal.SIGTERM]
    assert service.fatal == "MongoDB menolak akun di ADUAN_MONGO_URL (kode 18). Periksa nama, sandi, dan haknya."
