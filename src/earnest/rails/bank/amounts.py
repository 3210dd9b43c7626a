"""How much of an entry each of its details is: the sum must be what was booked, to the cent.

An entry says what was booked, net of charges. Its details may say the amount before or after charges, as `Amt`,
`AmtDtls/TxAmt`, `AmtDtls/CntrValAmt` (where it was exchanged) or `AmtDtls/InstdAmt`. With one detail the entry's
own amount is the answer, whatever the detail says. With several, the first of those amounts is taken by which
all details together are the entry; if there is none the file is refused, because money would be made or lost.
"""

from typing import Final

from earnest.core.money import check_currency, major
from earnest.core.refusals import Invalid
from earnest.rails.bank.statement import Unreadable, minor_units
from earnest.rails.bank.xml import Node

NO_DETAIL: Final = Node("", 0, {})
_SIGNS: Final = {"CRDT": 1, "DBIT": -1}
_PATHS: Final = ("Amt", "AmtDtls/TxAmt/Amt", "AmtDtls/CntrValAmt/Amt", "AmtDtls/InstdAmt/Amt")

Part = tuple[Node | None, int, tuple[str, ...]]


def of_entry(node: Node) -> tuple[str, int]:
    """(currency, signed minor units) of an entry or a balance. Raises Unreadable."""
    amount = node.find("Amt")
    if amount is None:
        raise Unreadable(f"{node.name} has no amount (Amt)", node.line)
    currency, minor = _read(amount)
    return currency, minor * _sign(node)


def parts(entry: Node, amount_minor: int, currency: str, details: list[Node]) -> list[Part]:
    """(detail, signed minor units, notes) for each part of an entry; no detail where the entry is its own part."""
    if not details:
        return [(None, amount_minor, ())]
    ways = _ways(entry, details, currency)
    if len(details) == 1:
        return [(details[0], amount_minor, _differs(ways, amount_minor, currency, details[0], entry))]
    for way in ways:
        if sum(way) == amount_minor:
            return [(detail, minor, ()) for detail, minor in zip(details, way, strict=True)]
    if not ways:
        merged = Node("TxDtls", entry.line, {})
        merged.children = [child for each in details for child in each.children if child.name == "RmtInf"]
        return [(merged, amount_minor, (f"its {len(details)} details do not say their amounts",))]
    said = major(abs(sum(ways[0])), currency)
    raise Unreadable(
        f"the {len(details)} details of this entry add up to {said} {currency}, and "
        f"{major(abs(amount_minor), currency)} {currency} were booked",
        entry.line,
    )


def _differs(
    ways: list[list[int]], amount_minor: int, currency: str, detail: Node, entry: Node
) -> tuple[str, ...]:
    """What is to be said of one detail that names another amount than was booked."""
    notes = []
    instructed = detail.find("AmtDtls/InstdAmt/Amt")
    if instructed is not None:
        theirs, minor = _read(instructed)
        if (theirs, minor) != (currency, abs(amount_minor)):
            notes.append(f"{major(minor, theirs)} {theirs} were instructed")
    charges = _charges(detail, currency) or _charges(entry, currency)
    if charges:
        notes.append(f"charges {major(abs(charges), currency)} {currency}")
    if not notes and ways and all(way[0] != amount_minor for way in ways):
        notes.append(f"its detail says {major(abs(ways[0][0]), currency)} {currency}")
    return tuple(notes)


def _ways(entry: Node, details: list[Node], currency: str) -> list[list[int]]:
    """For each kind of amount that every detail has in the entry's currency: as it is, and with charges taken off."""
    found: list[list[int]] = []
    for path in _PATHS:
        read = [_of_detail(each, path, entry, currency) for each in details]
        amounts = [each for each in read if each is not None]
        if len(amounts) != len(details):
            continue
        found.append(amounts)
        charges = [_charges(each, currency) for each in details]
        if any(charges):
            found.append([amount - charge for amount, charge in zip(amounts, charges, strict=True)])
    return found


def _of_detail(detail: Node, path: str, entry: Node, currency: str) -> int | None:
    amount = detail.find(path)
    if amount is None:
        return None
    theirs, minor = _read(amount)
    return (
        minor * (_sign(detail) if detail.get("CdtDbtInd") else _sign(entry)) if theirs == currency else None
    )


def _charges(node: Node, currency: str) -> int:
    """Charges in minor units, positive where they are ours to pay; the stated total, or the sum of the records."""
    total, records = 0, 0
    for charges in node.all("Chrgs"):
        stated = charges.find("TtlChrgsAndTaxAmt")
        total += _charge(stated, charges, currency) if stated is not None else 0
        for record in charges.all("Rcrd") or [charges]:
            amount = record.find("Amt")
            records += _charge(amount, record, currency) if amount is not None else 0
    return total or records


def _charge(amount: Node, record: Node, currency: str) -> int:
    theirs, minor = _read(amount)
    if theirs != currency:
        return 0
    return -minor if record.get("CdtDbtInd") == "CRDT" else minor


def _read(amount: Node) -> tuple[str, int]:
    written = amount.attributes.get("Ccy", "")
    try:
        currency = check_currency(written)
    except Invalid:
        raise Unreadable(f"“{written[:10]}” is not a currency (Ccy)", amount.line) from None
    text = amount.text.strip()
    return currency, minor_units(text.removeprefix("+"), ".", currency, amount.line)


def _sign(node: Node) -> int:
    written = node.get("CdtDbtInd")
    if written not in _SIGNS:
        raise Unreadable(
            f"the direction (CdtDbtInd) of {node.name} is {written or 'missing'}, not CRDT or DBIT", node.line
        )
    return _SIGNS[written]
