"""Notification put together."""

from fastapi import APIRouter, FastAPI

from schemas.catalogue import LANGUAGE
from services.kernel.service import Definition, Service, application
from services.kernel.settings import Settings
from services.notification.api import receipts, views
from services.notification.domain.correspondence import notification
from services.notification.effects.sender import deliver
from services.notification.subscriptions import HEARS, PROJECTIONS, REACT


def routes(service: Service) -> APIRouter:
    router = APIRouter()
    router.include_router(receipts.routes(service))
    router.include_router(views.routes(service))
    return router


NOTIFICATION = Definition(
    name="notification",
    language=LANGUAGE,
    deciders={"notification": notification},
    hears=HEARS,
    react=REACT,
    projections=PROJECTIONS,
    routes=routes,
    effects=(deliver,),
)


def app(settings: Settings) -> FastAPI:
    return application(NOTIFICATION, settings)
