"""Routing put together."""

from fastapi import APIRouter, FastAPI

from schemas.catalogue import LANGUAGE
from services.kernel.service import Definition, Service, application
from services.kernel.settings import Settings
from services.routing.api import acts, views
from services.routing.domain.case import routing
from services.routing.subscriptions import HEARS, PROJECTIONS, REACT


def routes(service: Service) -> APIRouter:
    router = APIRouter()
    router.include_router(acts.routes(service))
    router.include_router(views.routes(service))
    return router


ROUTING = Definition(
    name="routing",
    language=LANGUAGE,
    deciders={"routing": routing},
    hears=HEARS,
    react=REACT,
    projections=PROJECTIONS,
    routes=routes,
)


def app(settings: Settings) -> FastAPI:
    return application(ROUTING, settings)
