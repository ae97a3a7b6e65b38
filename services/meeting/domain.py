"""Steps 6 to 10 of one case. On the direct way there is no meeting: it is asked for, or called off by a withdrawal."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import assert_never

from schemas.meeting import MeetingEvent, MeetingRequested, WithdrawalNoted
from services.kernel.decider import Decider
from services.meeting.commands import Command, NoteWithdrawal, RequestMeeting


@dataclass(frozen=True, slots=True)
class Absent:
    pass


@dataclass(frozen=True, slots=True)
class Requested:
    pass


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """Also when the withdrawal was noted before a meeting was asked for: then none is."""


State = Absent | Requested | Withdrawn


def decide(command: Command, state: State) -> Sequence[MeetingEvent]:
    """Return what happens when `command` meets `state`."""
    match command, state:
        case RequestMeeting(), Absent():
            return [MeetingRequested(after_study=command.after_study, instruction=command.instruction)]
        case RequestMeeting(), _:
            return []
        case NoteWithdrawal(), Withdrawn():
            return []
        case NoteWithdrawal(), _:
            return [WithdrawalNoted()]
        case _:
            assert_never(command)


def evolve(state: State, event: MeetingEvent) -> State:
    match event:
        case MeetingRequested():
            return Requested()
        case WithdrawalNoted():
            return Withdrawn()
        case _:
            assert_never(event)


meeting: Decider[Command, State, MeetingEvent] = Decider(initial=Absent(), decide=decide, evolve=evolve)
