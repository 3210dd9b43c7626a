"""A payment order as the file that our bank takes: pain.001, customer credit transfer initiation (ISO 20022).

The elements are written by `sepaxml`. It names its file, its batch and its moment by chance and by the clock; ours
are those of the order, so that the same order is the same bytes whenever it is printed. A bank without a BIC is said
to be not provided, as the EPC's implementation guidelines (EPC132-08, AT-D002) have it.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from xml.etree import ElementTree

from sepaxml import SepaTransfer

from earnest.core.instants import text
from earnest.core.payment_order import Order

#: The version of 2019, which SEPA banks take since 2023, and the one of 2009, which some take still.
FORMATS: Final = ("pain.001.001.09", "pain.001.001.03")
#: Letters that every bank in SEPA takes (EPC217-08, 1.4).
_UNUSUAL: Final = re.compile(r"[^A-Za-z0-9/\-?:().,'+ ]")
_WORDS: Final = {
    "en": "Refund of your reservation {number}, {maker}",
    "fr": "Remboursement de votre reservation {number}, {maker}",
}


@dataclass(frozen=True)
class Payee:
    """Who is paid by one transfer: name and IBAN, the end-to-end id, minor units of EUR, and the holder's language."""

    name: str
    iban: str
    end_to_end: str
    amount_minor: int
    number: str
    language: str


def write(order: Order, payees: Sequence[Payee], format: str = FORMATS[0]) -> bytes:
    """The file, in UTF-8. `order` was released; `payees` are those of its transfers, in their order."""
    assert order.released_at is not None
    payer: dict[str, Any] = {"name": order.payer.name, "IBAN": order.payer.iban, "currency": order.currency}
    if order.payer.bic:
        payer["BIC"] = order.payer.bic
    made = SepaTransfer({**payer, "batch": True}, schema=format, clean=True)
    for each in payees:
        said = _WORDS.get(each.language, _WORDS["en"])
        made.add_payment(
            {
                "name": each.name,
                "IBAN": each.iban,
                "amount": each.amount_minor,
                "execution_date": order.execute_on,
                "description": said.format(number=each.number, maker=order.payer.name),
                "endtoend_id": each.end_to_end,
            }
        )
    return _with_our_names(made.export(validate=False), order, text(order.released_at))


def _with_our_names(written: bytes, order: Order, at: str) -> bytes:
    """The order's own number and moment in place of what was drawn, and only letters that every bank takes."""
    root = ElementTree.fromstring(written)  # noqa: S314 our own document
    space = root.tag.partition("}")[0] + "}"
    for name, value in (("MsgId", order.number), ("PmtInfId", order.number), ("CreDtTm", at)):
        for node in root.iter(space + name):
            node.text = value
    for node in root.iter(space + "BtchBookg"):
        # Each transfer is a line of its own on our statement, with its own id.
        node.text = "false"
    for name in ("Nm", "Ustrd"):
        for node in root.iter(space + name):
            node.text = " ".join(_UNUSUAL.sub(" ", node.text or "").split())
    for bank in root.iter(space + "FinInstnId"):
        if not len(bank):
            other = ElementTree.SubElement(bank, space + "Othr")
            ElementTree.SubElement(other, space + "Id").text = "NOTPROVIDED"
    ElementTree.register_namespace("", space[1:-1])
    ElementTree.indent(root)
    body: bytes = ElementTree.tostring(root, "utf-8", xml_declaration=True)
    return body + b"\n"
