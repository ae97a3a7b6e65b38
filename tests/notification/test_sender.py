"""One letter for one notification, whoever sends it, whenever it dies."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from services.kernel import clock
from services.kernel.envelope import Circumstances
from services.notification.commands import AttemptDelivery
from services.notification.domain.state import SILENCE
from services.notification.effects.sender import Sender
from tests.notification.correspondence import settled
from tests.rig.sink import to
from tests.rig.walk import walked

if TYPE_CHECKING:
    from services.kernel.projection import Document
    from tests.rig.rig import Rig
    from tests.rig.walk import Walked

pytestmark = pytest.mark.integration

LATER = SILENCE + timedelta(minutes=1)


async def row_of(rig: Rig, case: Walked) -> Document:
    found = await rig.services["notification"].rows("deliveries", case.opd).one(case.complaint)
    assert found is not None
    return found


async def finished(*senders: Sender) -> None:
    for sender in senders:
        await sender.finish()


async def test_of_two_senders_with_one_row_one_sends(rig: Rig) -> None:
    case = await walked(rig, "complete")
    rig.mail.on_message[case.email] = "451 4.3.0 try again"
    await case.go("receipted")
    await settled(rig, case, "receipt", "failed")
    del rig.mail.on_message[case.email]
    row, later = await row_of(rig, case), clock.now() + LATER

    senders = [Sender(rig.services["notification"]) for _ in range(3)]
    for sender in senders:
        sender.begin([row], later)
    await finished(*senders)

    delivered = await settled(rig, case, "receipt", "delivered")
    assert (delivered["attempts"], delivered["possible_double"]) == (2, False)
    assert len(rig.mail.those(to(case.email))) == 1


async def test_what_a_dead_sender_left_is_sent_after_a_silence_as_a_possible_double(rig: Rig) -> None:
    case = await walked(rig, "complete")
    rig.mail.on_message[case.email] = ""  # the server takes it and says nothing: so it looks after a crash
    await case.go("receipted")
    await settled(rig, case, "receipt", "sending")
    await rig.mail.received(to(case.email))
    del rig.mail.on_message[case.email]
    sender, row = Sender(rig.services["notification"]), await row_of(rig, case)

    sender.begin([row], clock.now())
    await sender.finish()
    assert len(rig.mail.those(to(case.email))) == 1  # not before the silence has lasted

    sender.begin([row], clock.now() + LATER)
    await sender.finish()
    delivered = await settled(rig, case, "receipt", "delivered")
    assert (delivered["attempts"], delivered["possible_double"]) == (2, True)
    assert len({message["Message-ID"] for message in rig.mail.those(to(case.email))}) == 1


async def test_who_was_not_elected_sends_nothing(rig: Rig) -> None:
    case = await walked(rig, "complete")
    rig.mail.on_message[case.email] = "451 4.3.0 try again"
    await case.go("receipted")
    await settled(rig, case, "receipt", "failed")
    del rig.mail.on_message[case.email]
    stale, service = await row_of(rig, case), rig.services["notification"]
    at = clock.now()
    elected = AttemptDelivery(notification=f"{case.complaint}-receipt", attempt=2)
    circumstances = Circumstances(
        command_id=f"test/{case.complaint}",
        fingerprint="-",
        actor="policy:notification/sender",
        occurred_at=at,
        recorded_at=at,
        correlation=case.complaint,
    )
    await service.handler.handle(elected, f"notification/{case.opd}/{case.complaint}", circumstances)

    sender = Sender(service)
    sender.begin([stale], clock.now() + LATER)
    await sender.finish()

    assert rig.mail.those(to(case.email)) == []


@pytest.mark.parametrize(
    ("change", "reason"), [({"template": "farewell"}, "text_unknown"), ({"body": "a.b.c.d.e"}, "data_unreadable")]
)
async def test_what_cannot_be_written_is_a_failed_attempt(rig: Rig, change: dict[str, Any], reason: str) -> None:
    case = await walked(rig, "complete")
    rig.mail.on_message[case.email] = "451 4.3.0 try again"
    await case.go("receipted")
    await settled(rig, case, "receipt", "failed")
    row = await row_of(rig, case)
    row["notification"]["notices"][f"{case.complaint}-receipt"].update(change)

    sender = Sender(rig.services["notification"])
    sender.begin([row], clock.now() + LATER)
    await sender.finish()

    status = "given_up" if reason == "data_unreadable" else "failed"
    said = await settled(rig, case, "receipt", status, attempts=2)
    assert said["reason"] == reason
