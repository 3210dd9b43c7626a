"""The English of every line's code, with places for its parameters: what `rights explain` prints and faces translate.

Sums are given in minor units; `spoken` writes them, and days and rates, before they are put in.
"""

from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from typing import Final

from earnest.core.money import major
from earnest.core.rights.answers import Line

#: Parameters that are sums in minor units.
SUMS: Final = frozenset(
    {"amount", "principal", "result", "less", "paid", "back", "gone", "left", "surcharge"}
)


def _(sentence: str) -> str:
    """Marks what the catalogues translate."""
    return sentence


SENTENCES: Final = {
    # computations
    "days": _("%(start)s and %(days)s days: %(end)s"),
    "months": _("%(start)s and %(months)s months: %(end)s"),
    "working-days": _("%(start)s and %(days)s working days: %(end)s"),
    "rolled": _("%(day)s is no working day, so it is %(end)s"),
    "days-between": _("from %(start)s to %(end)s: %(days)s days"),
    "threshold": _("%(amount)s is within the limits: %(within)s"),
    "not-after": _("%(day)s is no later than %(limit)s: %(within)s"),
    "no-end": _("the period has not begun, so it cannot have ended"),
    "multiple": _("%(amount)s × %(times)s = %(result)s"),
    "subtract": _("%(amount)s − %(less)s = %(result)s"),
    "tax-included": _("%(amount)s × %(percent)s ÷ (100 + %(percent)s) = %(result)s"),
    "parts": _("the parts together: %(result)s"),
    "interest-after": _("interest runs from the day after %(after)s, %(months)s months after %(paid)s"),
    "interest-segment": _(
        "%(principal)s × %(percent)s %% × %(days)s days, %(start)s–%(end)s, %(day_count)s: %(exact)s"
    ),
    "interest-at": _("%(principal)s × %(percent)s %% × %(days)s ÷ 365 = %(result)s"),
    "interest-sum": _("together, rounded once: %(result)s"),
    "interest-total": _("interest in all: %(result)s"),
    "rate-missing": _("from %(day)s on: rate not yet entered"),
    "tier": _("%(days)s days late: %(percent)s %%, that is %(surcharge)s"),
    "consent": _("consent to the delay: %(consent)s; the order is %(status)s"),
    "principal": _("paid %(paid)s; of it %(back)s comes back; %(gone)s has gone back; left: %(left)s"),
    "added-paid": _("of this %(paid)s has been paid already"),
    "first-day": _("money may be taken from %(day)s on"),
    "slip-binds-who-accepts": _("a later date binds only a holder who accepts it"),
    # what would change it
    "delivery-starts-fourteen-days": _("delivery starts the fourteen days"),
    "formal-notice-opens-it": _(
        "a formal notice that sets an extra time opens it, when that time has passed"
    ),
    "date-missed-opens-it": _("it opens on %(day)s if nothing was delivered by then"),
    "grows-until-paid": _("it grows with each day until the money is back"),
    "rate-entered": _("the rate from %(day)s on, once it is entered"),
    # what a notice must say
    "new-date-or-none": _("the new date, or that there is none"),
    "reason-of-delay": _("the reason of the delay"),
    "cancel-full-prompt-refund": _("that it can be cancelled for a full and prompt refund"),
    "free-means-to-answer": _("a way to answer that costs nothing"),
    "silence-agrees-to-thirty-days": _("that silence agrees to a delay of at most thirty days"),
    "may-cancel-until-shipment": _("that it can be cancelled until shipment"),
    "ends-unless-agreed": _("that the order ends unless the customer agrees"),
    "names-contract": _("which contract it is about"),
    "names-promised-day": _("the day that was promised and missed"),
    "sets-extra-time": _("a reasonable extra time, with its last day"),
    "says-resolution-follows": _("that the contract ends if that time passes too"),
}


def say(line: Line, currency: str) -> str:
    """A line in English."""
    return SENTENCES[line.code] % spoken(line.params, currency)


def spoken(params: Mapping[str, object], currency: str) -> dict[str, str]:
    """The parameters of a line as text: sums in units of the currency, days in ISO 8601, rates as decimals."""
    return {name: _spoken(name, value, currency) for name, value in params.items()}


def _spoken(name: str, value: object, currency: str) -> str:
    match value:
        case bool():
            return "yes" if value else "no"
        case date():
            return value.isoformat()
        case int() if name in SUMS:
            return major(value, currency)
        case Fraction() if name == "exact":
            return f"{float(value / 100):.6f}"
        case Fraction():
            return f"{float(value):.6f}".rstrip("0").rstrip(".")
        case None:
            return "none"
        case _:
            return str(value)
