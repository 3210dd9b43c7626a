"""A reader of FEC files that knows the regulation and nothing of our code: LPF art. A47 A-1, VI to XII.

`read` gives the rows of a file, or raises ValueError with the rule that does not hold.
"""

import re
from collections import Counter
from datetime import date
from decimal import Decimal

NAMES = (
    "JournalCode JournalLib EcritureNum EcritureDate CompteNum CompteLib CompAuxNum CompAuxLib PieceRef PieceDate "
    "EcritureLib Debit Credit EcritureLet DateLet ValidDate Montantdevise Idevise"
).split()
#: VII, 1°: these are never empty; the others may be.
FILLED = set(NAMES) - {"CompAuxNum", "CompAuxLib", "EcritureLet", "DateLet", "Montantdevise", "Idevise"}


def read(data: bytes) -> list[dict[str, str]]:
    """The rows, each field by its name."""
    try:
        text = data.decode("iso-8859-15")  # XII, 1°
    except UnicodeDecodeError:
        raise ValueError("the charset is another") from None
    if not text.endswith("\n"):
        raise ValueError("the last record does not end")
    lines = re.split(r"\r\n|\n|\r", text)[:-1]
    if lines[0].split("\t") != NAMES:
        raise ValueError("the first line is not the names of the 18 fields in their order")
    rows = []
    for n, line in enumerate(lines[1:], start=2):
        fields = line.split("\t")
        if len(fields) != len(NAMES):
            raise ValueError(f"line {n} has {len(fields)} fields")
        rows.append(dict(zip(NAMES, fields, strict=True)))
        _check_row(n, rows[-1])
    _check_writings(rows)
    return rows


def named(name: str) -> bool:
    """IX: SIREN, FEC, last day of the financial year."""
    return bool(re.fullmatch(r"\d{9}FEC\d{8}\.txt", name)) and bool(day(name[12:20]))


def day(written: str) -> date:
    """AAAAMMJJ, without separators (XII)."""
    if not re.fullmatch(r"\d{8}", written):
        raise ValueError(f"{written!r} is no day")
    return date(int(written[:4]), int(written[4:6]), int(written[6:]))


def amount(written: str) -> Decimal:
    """A decimal comma, no separator of thousands, the sign in front (XII)."""
    if not re.fullmatch(r"-?\d+(,\d+)?", written):
        raise ValueError(f"{written!r} is no amount")
    return Decimal(written.replace(",", "."))


def _check_row(n: int, row: dict[str, str]) -> None:
    for name in FILLED:
        if not row[name].strip():
            raise ValueError(f"line {n}: {name} is empty")
    if not re.fullmatch(r"[1-8]\d\d\w*", row["CompteNum"]):
        raise ValueError(f"line {n}: an account does not begin with three digits of the plan")
    for name in ("EcritureDate", "PieceDate", "ValidDate"):
        day(row[name])
    if bool(row["CompAuxNum"]) != bool(row["CompAuxLib"]) or bool(row["EcritureLet"]) != bool(row["DateLet"]):
        raise ValueError(f"line {n}: half of a pair is missing")
    debit, credit = amount(row["Debit"]), amount(row["Credit"])
    if (debit == 0) == (credit == 0):
        raise ValueError(f"line {n}: an amount is debited or credited")
    if bool(row["Montantdevise"]) != bool(row["Idevise"]):
        raise ValueError(f"line {n}: an amount of another currency without its name")
    if row["Idevise"] and (amount(row["Montantdevise"]) > 0) != (debit > 0):
        raise ValueError(f"line {n}: the other currency has the other sign")


def _check_writings(rows: list[dict[str, str]]) -> None:
    """Each balances, is in one journal, and has the number after the one before; validated in order."""
    numbers = [int(row["EcritureNum"]) for row in rows]
    gapless = list(range(numbers[0], numbers[-1] + 1)) if numbers else []
    if sorted(set(numbers)) != gapless or numbers != sorted(numbers):
        raise ValueError("the sequence of the writings has a gap, or is not in order")
    sums: Counter[str] = Counter()
    heads: dict[str, tuple[str, ...]] = {}
    for row in rows:
        number = row["EcritureNum"]
        sums[number] += amount(row["Debit"]) - amount(row["Credit"])  # type: ignore[assignment]
        head = tuple(row[name] for name in ("JournalCode", "EcritureDate", "PieceRef", "ValidDate"))
        if heads.setdefault(number, head) != head:
            raise ValueError(f"writing {number} is in two journals, of two days or of two documents")
    if unbalanced := [number for number, left in sums.items() if left]:
        raise ValueError(f"writing {unbalanced[0]} does not balance")
    labels: dict[str, str] = {}
    for row in rows:
        for key, label in (
            (row["CompteNum"], row["CompteLib"]),
            ("J" + row["JournalCode"], row["JournalLib"]),
        ):
            if labels.setdefault(key, label) != label:
                raise ValueError(f"{key} has two labels")
    validated = [row["ValidDate"] for row in rows]
    if validated != sorted(validated):
        raise ValueError("the writings are not in the order of their validation")
