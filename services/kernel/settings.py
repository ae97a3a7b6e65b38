"""What a service is told from outside, read once. No secret has a default, in no mode."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Self

from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from pydantic import Field, SecretStr, StringConstraints, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from services.kernel.principal import OPD, Trust

Office = Annotated[str, StringConstraints(pattern=f"^{OPD}$")]
"""A code that can stand in the names of streams: what is filed under any other, no reader of the bus would take."""

EVENTS_TOPIC = "complaints.events.v1"


class SettingsMissing(Exception):
    """One Indonesian sentence a fault; the process must not start."""


class Settings(BaseSettings):
    """Every field is `ADUAN_<NAME>` in the environment, or a file of that name in `ADUAN_SECRETS_DIR`."""

    model_config = SettingsConfigDict(env_prefix="ADUAN_", extra="ignore", frozen=True, hide_input_in_errors=True)

    mongo_url: str = Field(description="alamat MongoDB (replica set)")
    kafka_url: str = Field(description="alamat Kafka")
    topic: str = EVENTS_TOPIC
    database_prefix: str = "aduan"
    master_keys: SecretStr = Field(description="kunci induk, `v1:<32 bita base64>`; yang pertama dipakai")
    token_key: SecretStr = Field(min_length=32, description="kunci pencarian dan kode lacak, paling sedikit 32 huruf")
    issuer: str = Field(description="penerbit token")
    audience: str = Field(description="audience token")
    jwks_file: Path = Field(description="berkas kunci publik penerbit (JWK set)")
    demo: bool = False
    smtp_host: str = "127.0.0.1"
    smtp_port: int = 25
    mail_from: str = "pengaduan@localhost"
    backdating_days: int = Field(default=14, ge=0, description="batas hari pencatatan susulan oleh Staf")
    gap_seconds: int = Field(default=60, ge=1)
    time_zone: str = "Asia/Jakarta"
    offices: Mapping[Office, str] = Field(description="kantor pada bus ini, JSON `{kode: nama}`")
    replica: str = ""

    @classmethod
    def load(cls, **given: object) -> Self:
        """Read the environment.

        Raises:
            SettingsMissing: says of every missing or wrong setting what it is for.
        """
        folder = os.environ.get("ADUAN_SECRETS_DIR")  # noqa: TID251 - this is the place
        try:
            return cls(_secrets_dir=folder, **given)  # type: ignore[arg-type]  # the rest is read from outside
        except ValidationError as fault:
            raise SettingsMissing("\n".join(cls._sentence(error["loc"][0]) for error in fault.errors())) from None

    def trust(self) -> Trust:
        """Read the issuer's public keys.

        Raises:
            SettingsMissing: there is no such file, it is no JWK set, or it holds a shared secret.
        """
        try:
            keys = KeySet.import_key_set(json.loads(self.jwks_file.read_text()))
            return Trust(issuer=self.issuer, audience=self.audience, jwks=keys)
        except (OSError, ValueError, TypeError, KeyError, JoseError) as fault:
            raise SettingsMissing(f"{self._sentence('jwks_file')} ({type(fault).__name__})") from None

    @classmethod
    def _sentence(cls, name: int | str) -> str:
        field = cls.model_fields.get(str(name))
        meaning = field.description if field and field.description else "nilainya tidak dapat dibaca"
        return f"ADUAN_{str(name).upper()} belum diisi atau keliru: {meaning}."
