"""The door behind the scenes: what an account's owner does in Stripe's own pages, and what banks and time do.

`POST /_double/NAME` with the secret key and form parameters. No route of Stripe's begins like that.
"""

from collections.abc import Callable
from typing import Any, Final

from earnest.stripe_double import objects
from earnest.stripe_double.double import StripeDouble
from earnest.stripe_double.params import invalid, only, whole

PREFIX: Final = "/_double/"


def act(double: StripeDouble, path: str, params: dict[str, Any]) -> dict[str, Any]:
    """Do it. Raises Refusal for what is no act, or lacks a parameter."""
    name = path.removeprefix(PREFIX)
    if name not in ACTS:
        raise invalid(f"No such act: {name}; there are {', '.join(sorted(ACTS))}.", status=404)
    wanted, do = ACTS[name]
    only(params, *wanted)
    missing = [each for each in wanted if each not in params]
    if missing:
        raise invalid(f"Missing required param: {missing[0]}.", missing[0], "parameter_missing")
    double.run_due()
    return objects.public(do(double, params))


def _dispute(double: StripeDouble, given: dict[str, Any]) -> dict[str, Any]:
    intent = double.need("intent", given["payment_intent"], "payment_intent")
    return double.disputes.open(str(intent["latest_charge"]), reason=given["reason"], status=given["status"])


def _pay(double: StripeDouble, given: dict[str, Any]) -> dict[str, Any]:
    method = {"confirm": "true", "payment_method": given.pop("card")}
    return double.payments.create_intent({**given, **method})


def _refund(double: StripeDouble, given: dict[str, Any]) -> dict[str, Any]:
    double.set_refund(given["refund"], given["status"])
    return double.need("refund", given["refund"])


_Do = Callable[[StripeDouble, dict[str, Any]], dict[str, Any]]
ACTS: Final[dict[str, tuple[tuple[str, ...], _Do]]] = {
    "refund": (("payment_intent", "amount"), lambda double, given: double.refunds.create(given)),
    "set-refund": (("refund", "status"), _refund),
    "pay": (("amount", "currency", "card", "metadata"), _pay),
    "dispute": (("payment_intent", "reason", "status"), _dispute),
    "decide": (
        ("dispute", "outcome"),
        lambda double, given: double.disputes.decide(given["dispute"], given["outcome"]),
    ),
    "reopen": (("dispute",), lambda double, given: double.disputes.reopen(given["dispute"])),
    "top-up": (
        ("amount", "currency"),
        lambda double, given: double.balance.top_up(whole(given, "amount"), given["currency"]),
    ),
    "payout": (("amount", "currency"), lambda double, given: double.balance.create_payout(given)),
    "fail-payout": (("payout",), lambda double, given: double.balance.fail_payout(given["payout"])),
}
