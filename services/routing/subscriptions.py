"""What routing hears, and what it keeps of it."""

from services.routing.policy import react
from services.routing.projections import cases

HEARS = ("intake",)
REACT = react
PROJECTIONS = (cases,)
