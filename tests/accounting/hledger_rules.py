"""A strict reader of the part of hledger's journal format that we write (hledger manual, "Journal format").

hledger itself comes in no package that can be installed here. `check` does what `hledger check --strict` would:
accounts and commodities are declared, transactions balance, assertions hold.
"""

import re
from collections import Counter
from decimal import Decimal

_HEAD = re.compile(r"(\d{4}-\d\d-\d\d) \* (?:\(([^)]*)\) )?(.*)")
_POSTING = re.compile(
    r"    ([a-z]+(?::[a-z-]+)+)  (-?\d+(?:\.\d+)?) ([A-Z]{3})(?: = (-?\d+(?:\.\d+)?) ([A-Z]{3}))?"
)


def check(text: str) -> dict[tuple[str, str], Decimal]:
    """(account, commodity) -> what stands on it. Raises ValueError with the line that is wrong."""
    accounts, commodities = set(), set()
    standing: Counter[tuple[str, str]] = Counter()
    asserted: set[tuple[str, str]] = set()
    days = [""]
    for block in text.split("\n\n"):
        open_sums: Counter[str] = Counter()
        for line in block.splitlines():
            if line.startswith(";"):
                continue
            if line.startswith("account "):
                accounts.add(line.removeprefix("account "))
            elif line.startswith("commodity "):
                commodities.add(line.split()[-1])
            elif head := _HEAD.fullmatch(line):
                days.append(head[1])
            elif posting := _POSTING.fullmatch(line):
                account, amount, commodity, balance, of = posting.groups()
                if account not in accounts or commodity not in commodities:
                    raise ValueError(f"not declared: {line}")
                open_sums[commodity] += Decimal(amount)  # type: ignore[assignment]
                standing[account, commodity] += Decimal(amount)  # type: ignore[assignment]
                if balance is not None:
                    asserted.add((account, commodity))
                    if of != commodity or standing[account, commodity] != Decimal(balance):
                        raise ValueError(f"{standing[account, commodity]} stands there: {line}")
            else:
                raise ValueError(f"not understood: {line}")
        if any(open_sums.values()):
            raise ValueError(f"does not balance: {block}")
    if days != sorted(days):
        raise ValueError("the days are not in order, so assertions mean nothing")
    if missing := {slot for slot, left in standing.items() if left} - asserted:
        raise ValueError(f"nothing is asserted of {missing}")
    return dict(standing)  # type: ignore[arg-type]
