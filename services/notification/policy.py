"""What others' facts oblige notification to do.

- When a complaint is filed, note how the complainant can be reached.
- When a receipt is issued, tell the complainant the number and what was found.
- When a recommendation is issued, send it to the complainant.

A notification's identity is `<complaint>-<kind>`, with the edition of a receipt given again; so hearing twice of one
fact, or of the same receipt by another road, asks for nothing new.
"""

from collections.abc import Sequence
from typing import Any

from schemas.intake import ComplaintFiled, ReceiptIssued
from schemas.routing import RecommendationIssued
from services.kernel.reaction import Order
from services.kernel.recorded import Recorded
from services.notification.commands import NoteContact, RequestNotification


def react(fact: Recorded[Any]) -> Sequence[Order]:
    stream = f"notification/{fact.opd}/{fact.subject}"
    match fact.event:
        case ComplaintFiled() as filed:
            note = _contact(filed)
            return [Order(policy="note_the_contact_when_a_complaint_is_filed", stream=stream, command=note)]
        case ReceiptIssued() as issued:
            tell = _receipt(fact.subject, issued)
            return [Order(policy="tell_the_complainant_when_a_receipt_is_issued", stream=stream, command=tell)]
        case RecommendationIssued() as letter:
            send = _letter(fact.subject, letter)
            return [Order(policy="send_the_letter_when_a_recommendation_is_issued", stream=stream, command=send)]
        case _:
            return []


def _contact(filed: ComplaintFiled) -> NoteContact:
    return NoteContact(
        complainant=filed.complainant,
        no_identity=filed.no_identity,
        contacts=filed.contacts,
        tracking_hash=filed.tracking_hash,
    )


def _receipt(complaint: str, issued: ReceiptIssued) -> RequestNotification:
    first = issued.edition == 1
    return RequestNotification(
        notification=f"{complaint}-receipt" if first else f"{complaint}-receipt-{issued.edition}",
        kind="receipt",
        template="receipt",
        template_version=1,
        variables={
            "number": issued.number,
            "complete": "yes" if issued.complete else "no",
            "missing": ",".join(issued.missing),
        },
    )


def _letter(complaint: str, issued: RecommendationIssued) -> RequestNotification:
    return RequestNotification(
        notification=f"{complaint}-recommendation",
        kind="recommendation",
        template="recommendation",
        template_version=1,
        variables={
            "title": issued.title,
            "letter_number": issued.letter_number,
            "letter_date": issued.letter_date.isoformat(),
        },
        body=issued.body,
    )
