"""Intake put together."""

from fastapi import APIRouter, FastAPI

from schemas.catalogue import LANGUAGE
from services.intake.api import public, staf
from services.intake.domain.complaint import intake
from services.intake.domain.register import register
from services.intake.subscriptions import HEARS, PROJECTIONS, REACT
from services.kernel.service import Definition, Service, application
from services.kernel.settings import Settings


def routes(service: Service) -> APIRouter:
    router = APIRouter()
    router.include_router(public.routes(service))
    router.include_router(staf.routes(service))
    return router


INTAKE = Definition(
    name="intake",
    language=LANGUAGE,
    deciders={"intake": intake, "register": register},
    hears=HEARS,
    react=REACT,
    projections=PROJECTIONS,
    routes=routes,
)


def app(settings: Settings) -> FastAPI:
    return application(INTAKE, settings)
