"""What meeting hears, and what it keeps of it."""

from services.meeting.policy import react
from services.meeting.projections import meetings

HEARS = ("intake", "routing")
REACT = react
PROJECTIONS = (meetings,)
