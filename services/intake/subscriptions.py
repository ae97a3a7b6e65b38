"""What intake hears, and what it keeps of it."""

from services.intake.policy import react
from services.intake.projections.complaints import complaints
from services.intake.projections.tracking import tracking

HEARS = ("register", "routing")
REACT = react
PROJECTIONS = (tracking, complaints)
