"""When value added tax on a deposit is due, and how much of a price is tax: one table, each row with its source.

It knows a supply of goods at home, or to a consumer elsewhere in the Union, taxed at the rate that the reservation
binds. Where it has no row it says nothing, and the tax is due with the supply.
"""

from datetime import date
from typing import Final, NamedTuple

#: Member states of the European Union, ISO 3166-1 (Greece is GR here, and EL in VAT numbers).
UNION: Final = frozenset(
    "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK".split()
)


class Rule(NamedTuple):
    """Tax is due when the deposit is received, from `since` on, of deposits that the offer calls one of `kinds`."""

    id: str
    source: str
    kinds: frozenset[str]
    since: date


#: `arrhes` leave both sides free to go: no payment on account of a supply.
_ON_ACCOUNT: Final = frozenset({"acompte"})
FRANCE: Final = Rule("fr-cgi-269", "CGI, art. 269, 2, a", _ON_ACCOUNT, date(2023, 1, 1))
ELSEWHERE: Final = Rule("eu-vat-65", "Directive 2006/112/EC, art. 65", _ON_ACCOUNT, date(2007, 1, 1))


def on_deposit(
    seller: str, residence: str, deposit_kind: str, received: date, *, consumer: bool = True
) -> Rule | None:
    """The rule by which tax on a deposit is due when it is received, or None.

    A company in another member state buys by an intra-Community supply, which both texts leave out.
    """
    rule = FRANCE if seller == "FR" else ELSEWHERE if seller in UNION else None
    if rule is None or deposit_kind not in rule.kinds or received < rule.since:
        return None
    home = residence == seller or (consumer and residence in UNION)
    return rule if home else None


def tax_in(gross_minor: int, rate_bp: int) -> int:
    """The tax that a sum includes, in minor units, half a unit up; `rate_bp` in hundredths of a per cent."""
    over = 10_000 + rate_bp
    return (gross_minor * rate_bp * 2 + over) // (2 * over)
