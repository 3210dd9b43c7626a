"""The SDK's typed classes as shapes: which members an object may have, and which it always has.

Read from the classes' source, because their annotations are mostly names that are resolved nowhere at run time.
"""

import ast
import inspect
import textwrap
from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple

import stripe


class Shape(NamedTuple):
    """Every member's name with its annotation as written, and the classes of those that are objects."""

    members: dict[str, str]
    inner: dict[str, type]


TYPES: dict[str, type] = {
    "account": stripe.Account,
    "balance": stripe.Balance,
    "balance_transaction": stripe.BalanceTransaction,
    "charge": stripe.Charge,
    "checkout.session": stripe.checkout.Session,
    "dispute": stripe.Dispute,
    "event": stripe.Event,
    "file": stripe.File,
    "payment_intent": stripe.PaymentIntent,
    "payout": stripe.Payout,
    "radar.early_fraud_warning": stripe.radar.EarlyFraudWarning,
    "refund": stripe.Refund,
    "topup": stripe.Topup,
}


@cache
def shape(cls: type) -> Shape:
    """The shape of one class."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(cls))).body[0]
    assert isinstance(tree, ast.ClassDef)
    members = {
        node.target.id: ast.unparse(node.annotation)
        for node in tree.body
        if isinstance(node, ast.AnnAssign)
        and isinstance(node.target, ast.Name)
        and not node.target.id.startswith("_")
        and node.target.id != "OBJECT_NAME"
    }
    return Shape(members, dict(getattr(cls, "_inner_class_types", {})))


def faults(body: Any, cls: type | None = None, where: str = "") -> Iterator[str]:
    """What an answer says that Stripe's class does not know, and what it lacks; recursively."""
    if isinstance(body, list):
        for n, each in enumerate(body):
            yield from faults(each, cls, f"{where}[{n}]")
        return
    if not isinstance(body, dict):
        return
    named = TYPES.get(str(body.get("object")))
    if body.get("object") == "list":
        yield from faults(body["data"], None, f"{where}.data")
        return
    cls = named or cls
    if cls is None:
        yield f"{where}: {sorted(body)} is no object of Stripe's"
        return
    known = shape(cls)
    for name, value in body.items():
        if name not in known.members:
            yield f"{where}.{name}: {cls.__name__} has no such member"
        elif known.members[name].startswith(("UntypedStripeObject", "Dict", "Optional[UntypedStripeObject")):
            continue
        elif cls is stripe.Event.Data and name in ("object", "previous_attributes"):
            yield from faults(value, None, f"{where}.{name}") if name == "object" else ()
        else:
            yield from faults(value, known.inner.get(name), f"{where}.{name}")
    for name, written in known.members.items():
        if name not in body and not written.startswith("Optional["):
            yield f"{where}: {cls.__name__}.{name} is missing"
        elif body.get(name, 0) is None and not written.startswith("Optional["):
            yield f"{where}.{name}: {cls.__name__}.{name} is never null"
