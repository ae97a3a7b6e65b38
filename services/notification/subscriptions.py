"""What notification hears, and what it keeps of it."""

from services.notification.policy import react
from services.notification.projections import deliveries

HEARS = ("intake", "routing")
REACT = react
PROJECTIONS = (deliveries,)
