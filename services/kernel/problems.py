"""RFC 9457 problems: the only place where a refusal becomes an HTTP status. Nothing a person sent is repeated."""

from collections.abc import Mapping, Sequence
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.kernel.keys import NoKeys
from services.kernel.refusal import Conflict, NotFound, Refusal, Unavailable
from services.kernel.sealing import Erased

log = structlog.get_logger("http")

STATUS: Mapping[str, int] = {
    "refused": 409,
    "conflict": 409,
    "missing": 404,
    "forbidden": 403,
    "unauthenticated": 401,
    "unprocessable": 422,
    "too-large": 413,
    "unavailable": 503,
}
SENTENCES: Mapping[int, tuple[str, str]] = {
    400: ("malformed", "Permintaan tidak dapat dibaca."),
    404: ("not-found", "Alamat ini tidak ada."),
    405: ("method-not-allowed", "Cara akses ini tidak tersedia di alamat ini."),
    413: ("too-large", "Isi permintaan terlalu besar."),
}
FIELD: Mapping[str, str] = {
    "missing": "Wajib diisi.",
    "extra_forbidden": "Isian ini tidak dikenal.",
    "string_too_long": "Terlalu panjang.",
    "string_too_short": "Terlalu pendek.",
    "string_pattern_mismatch": "Bentuk isian tidak sesuai.",
    "string_type": "Harus berupa teks.",
    "string_unicode": "Memuat huruf yang tidak sah.",
    "literal_error": "Pilihan ini tidak tersedia.",
    "bool_type": "Harus ya atau tidak.",
    "int_type": "Harus berupa bilangan bulat.",
    "too_long": "Terlalu banyak.",
    "too_short": "Terlalu sedikit.",
    "timezone_aware": "Waktu harus menyebut zona waktunya.",
}


class DataErased(Refusal):
    code = "data-erased"
    kalimat = "Data pribadi pengaduan ini sudah dihapus, sehingga tidak ada lagi yang dapat ditambahkan."
    kind = "conflict"


class NotReady(Refusal):
    code = "not-ready"
    kalimat = "Layanan sedang disiapkan. Silakan coba beberapa saat lagi."
    kind = "unavailable"


def problem(request: Request, status: int, code: str, sentence: str, **more: Any) -> JSONResponse:
    """Answer with a problem; `code` is stable, `title` is for people."""
    body = {
        "type": f"urn:aduan:problem:{code}",
        "title": sentence,
        "status": status,
        "code": code,
        "instance": request.url.path,
        **{name: value for name, value in more.items() if value},
    }
    headers = {"WWW-Authenticate": "Bearer"} if status == STATUS["unauthenticated"] else {}
    if status == STATUS["unavailable"]:
        headers["Retry-After"] = "1"
    return JSONResponse(body, status, headers, media_type="application/problem+json")


def install(app: FastAPI) -> None:
    """Teach `app` to answer every fault with a problem."""
    app.add_exception_handler(Refusal, _refusal)
    app.add_exception_handler(Conflict, _conflict)
    app.add_exception_handler(Unavailable, _unavailable)
    app.add_exception_handler(NoKeys, _no_keys)
    app.add_exception_handler(Erased, _erased)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _unforeseen)


class LargestBody:
    """ASGI middleware: a body of more than `limit` bytes is refused as a problem, whether announced so large or not."""

    def __init__(self, app: ASGIApp, limit: int) -> None:
        self.app = app
        self.limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        announced = Headers(scope=scope).get("content-length", "")
        if announced.isdecimal() and int(announced) > self.limit:
            return await problem(Request(scope), 413, *SENTENCES[413])(scope, receive, send)
        return await self.app(scope, self._counted(receive), send)

    def _counted(self, receive: Receive) -> Receive:
        taken = 0

        async def counted() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > self.limit:
                raise HTTPException(413)
            return message

        return counted


async def _refusal(request: Request, fault: Exception) -> JSONResponse:
    assert isinstance(fault, Refusal)  # noqa: S101 - as registered
    return problem(request, STATUS[fault.kind], fault.code, fault.kalimat, detail=fault.detail)


async def _conflict(request: Request, _: Exception) -> JSONResponse:
    return problem(request, 409, "conflict", "Data sedang diubah orang lain. Silakan ulangi.")


async def _unavailable(request: Request, _: Exception) -> JSONResponse:
    sentence = (
        "Penyimpanan sedang tidak menjawab. Ulangi dengan Idempotency-Key yang sama; tidak akan tercatat dua kali."
    )
    return problem(request, 503, "unavailable", sentence)


async def _no_keys(request: Request, _: Exception) -> JSONResponse:
    """Nobody ever filed under this identity, so there is no key to seal with."""
    return await _refusal(request, NotFound())


async def _erased(request: Request, _: Exception) -> JSONResponse:
    return await _refusal(request, DataErased())


async def _invalid(request: Request, fault: Exception) -> JSONResponse:
    assert isinstance(fault, RequestValidationError)  # noqa: S101 - as registered
    errors = fault.errors()
    if any(error["type"] == "json_invalid" for error in errors):
        return problem(request, 400, "malformed", "Isi permintaan bukan JSON yang benar.")
    return problem(request, 422, "invalid", "Ada isian yang perlu diperbaiki.", errors=_fields(errors))


def _fields(errors: Sequence[Any]) -> list[dict[str, str]]:
    return [
        {
            "pointer": "/" + "/".join(str(step) for step in error["loc"]),
            "code": error["type"],
            "detail": FIELD.get(error["type"], "Isian ini tidak dapat diterima."),
        }
        for error in errors
    ]


async def _http(request: Request, fault: Exception) -> JSONResponse:
    assert isinstance(fault, HTTPException)  # noqa: S101 - as registered
    code, sentence = SENTENCES.get(fault.status_code, ("error", "Permintaan tidak dapat dilayani."))
    return problem(request, fault.status_code, code, sentence)


async def _unforeseen(request: Request, fault: Exception) -> JSONResponse:
    log.error("unforeseen", route=request.url.path, fault=type(fault).__name__)
    return problem(request, 500, "fault", "Terjadi kesalahan pada sistem. Petugas dapat melihatnya di catatan layanan.")
