"""What reporting hears, and what it keeps of it."""

from services.reporting.policy import react
from services.reporting.projections.recap import recap

HEARS = ("intake", "routing", "notification")
REACT = react
PROJECTIONS = (recap,)
