"""Meeting put together."""

from fastapi import FastAPI

from schemas.catalogue import LANGUAGE
from services.kernel.service import Definition, application
from services.kernel.settings import Settings
from services.meeting.api import routes
from services.meeting.domain import meeting
from services.meeting.subscriptions import HEARS, PROJECTIONS, REACT

MEETING = Definition(
    name="meeting",
    language=LANGUAGE,
    deciders={"meeting": meeting},
    hears=HEARS,
    react=REACT,
    projections=PROJECTIONS,
    routes=routes,
)


def app(settings: Settings) -> FastAPI:
    return application(MEETING, settings)
