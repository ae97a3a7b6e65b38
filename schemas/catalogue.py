"""Every fact of the bus in one place."""

from typing import Final

from schemas.event import Language
from schemas.intake import IntakeEvent
from schemas.meeting import MeetingEvent
from schemas.notification import NotificationEvent
from schemas.reporting import ReportingEvent
from schemas.routing import RoutingEvent

LANGUAGE: Final = Language.of(IntakeEvent, RoutingEvent, MeetingEvent, NotificationEvent, ReportingEvent)
