"""Reporting put together."""

from fastapi import APIRouter, FastAPI

from schemas.catalogue import LANGUAGE
from services.kernel.service import Definition, Service, application
from services.kernel.settings import Settings
from services.reporting.api import books, record
from services.reporting.domain import reporting
from services.reporting.subscriptions import HEARS, PROJECTIONS, REACT


def routes(service: Service) -> APIRouter:
    router = APIRouter()
    router.include_router(record.routes(service))
    router.include_router(books.routes(service))
    return router


REPORTING = Definition(
    name="reporting",
    language=LANGUAGE,
    deciders={"reporting": reporting},
    hears=HEARS,
    react=REACT,
    projections=PROJECTIONS,
    routes=routes,
)


def app(settings: Settings) -> FastAPI:
    return application(REPORTING, settings)
