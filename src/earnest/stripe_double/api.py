"""Stripe's routes: what each answers, with lists that are paged, filtered by time and by what they are about."""

from collections.abc import Callable
from typing import Any, Final

from earnest.stripe_double import objects
from earnest.stripe_double.double import StripeDouble
from earnest.stripe_double.params import invalid, only, whole

#: Route -> what is stored under which name, and by which members a list can be filtered.
KINDS: Final = {
    "balance_transactions": ("transaction", ("source", "type", "currency")),
    "charges": ("charge", ("payment_intent",)),
    "checkout/sessions": ("session", ("payment_intent", "status")),
    "disputes": ("dispute", ("charge", "payment_intent")),
    "events": ("event", ("type",)),
    "files": ("file", ("purpose",)),
    "payment_intents": ("intent", ()),
    "payouts": ("payout", ("status",)),
    "radar/early_fraud_warnings": ("warning", ("charge", "payment_intent")),
    "refunds": ("refund", ("charge", "payment_intent")),
    "topups": ("topup", ("status",)),
}
EXPANDS: Final = {
    "balance_transaction": "transaction",
    "charge": "charge",
    "latest_charge": "charge",
    "payment_intent": "intent",
    "source": "",
}
#: What a balance transaction can come from, by the beginning of its id.
SOURCES: Final = {"ch": "charge", "re": "refund", "dp": "dispute", "po": "payout", "tu": "topup"}
_TIMES: Final[dict[str, Callable[[int, int], bool]]] = {
    "gt": lambda made, at: made > at,
    "gte": lambda made, at: made >= at,
    "lt": lambda made, at: made < at,
    "lte": lambda made, at: made <= at,
}


def answer(double: StripeDouble, method: str, path: str, params: dict[str, Any]) -> dict[str, Any]:
    """What a route answers. Raises Refusal."""
    parts = path.strip("/").removeprefix("v1/").split("/")
    if method == "GET":
        return _get(double, path, parts, params)
    made = _post(double, parts, params)
    if made is None:
        raise invalid(f"Unrecognized request URL ({method}: {path}).", status=404)
    return objects.public(made)


def _post(double: StripeDouble, parts: list[str], params: dict[str, Any]) -> dict[str, Any] | None:
    match parts:
        case ["checkout", "sessions"]:
            return double.payments.create_session(params)
        case ["checkout", "sessions", id, "expire"]:
            return double.payments.expire_session(id)
        case ["payment_intents"]:
            return double.payments.create_intent(params)
        case ["payment_intents", id, "confirm"]:
            return double.payments.confirm_intent(id, params)
        case ["payment_intents", id, "cancel"]:
            return double.payments.cancel_intent(id)
        case ["refunds"]:
            return double.refunds.create(params)
        case ["refunds", id, "cancel"]:
            return double.refunds.cancel(id)
        case ["disputes", id]:
            return double.disputes.update(id, params)
        case ["disputes", id, "close"]:
            return double.disputes.close(id)
        case ["payouts"]:
            return double.balance.create_payout(params)
        case ["files"]:
            return _file(double, params)
    return None


def _get(double: StripeDouble, path: str, parts: list[str], params: dict[str, Any]) -> dict[str, Any]:
    if parts == ["balance"]:
        return double.balance.answer()
    if parts == ["account"]:
        return objects.account()
    for name, (kind, having) in KINDS.items():
        words = name.split("/")
        if parts == words:
            return _list(double, kind, path, params, having)
        if parts[:-1] == words:
            return _expanded(double, kind, parts[-1], params)
    raise invalid(f"Unrecognized request URL (GET: {path}).", status=404)


def _file(double: StripeDouble, params: dict[str, Any]) -> dict[str, Any]:
    only(params, "file", "purpose")
    given = params.get("file")
    if not isinstance(given, tuple) or params.get("purpose") != "dispute_evidence":
        raise invalid("This double takes files with the purpose dispute_evidence only.", "purpose")
    name, content = given
    made = objects.file(double.store.new_id("file_"), double.now(), params["purpose"], name, len(content))
    double.store.put("file", made)
    return made


def _expanded(double: StripeDouble, kind: str, id: str, params: dict[str, Any]) -> dict[str, Any]:
    only(params, "expand")
    found = objects.public(double.need(kind, id))
    for name in params.get("expand") or []:
        _expand(double, found, name)
    return found


def _expand(double: StripeDouble, body: dict[str, Any], path: str) -> None:
    name, _, rest = path.partition(".")
    if name not in EXPANDS:
        raise invalid(f"This property cannot be expanded ({name}).", "expand")
    if not body.get(name):
        return
    if isinstance(body[name], str):
        kind = EXPANDS[name] or SOURCES.get(body[name].split("_")[0], "")
        body[name] = objects.public(double.need(kind, body[name]))
    if rest:
        _expand(double, body[name], rest)


def _list(
    double: StripeDouble, kind: str, path: str, params: dict[str, Any], having: tuple[str, ...]
) -> dict[str, Any]:
    """The newest first; `starting_after` goes to older ones, `ending_before` to newer ones."""
    only(params, *having, "limit", "starting_after", "ending_before", "created", "expand", "payout")
    limit = whole(params, "limit") if "limit" in params else 10
    if limit > 100:
        raise invalid("The limit is at most 100.", "limit", "parameter_invalid_integer")
    found = double.store.all(kind, **{name: params[name] for name in having if name in params})
    found = [each for each in found if _is_within(each, params.get("created"))]
    ids = [each["id"] for each in found]
    for name in ("starting_after", "ending_before"):
        if name in params and params[name] not in ids:
            raise invalid(f"No such object: '{params[name]}'", name, "resource_missing")
    if "ending_before" in params:
        found = found[: ids.index(params["ending_before"])]
        more, page = len(found) > limit, found[-limit:]
    else:
        start = ids.index(params["starting_after"]) + 1 if "starting_after" in params else 0
        more, page = len(found) > start + limit, found[start : start + limit]
    shown = [objects.public(each) for each in page]
    for name in params.get("expand") or []:
        for each in shown:
            _expand(double, each, str(name).removeprefix("data."))
    return {"object": "list", "data": shown, "has_more": more, "url": path}


def _is_within(body: dict[str, Any], created: Any) -> bool:
    if created is None:
        return True
    if isinstance(created, str):
        return bool(body["created"] == int(created))
    for name in created:
        if name not in _TIMES:
            raise invalid(f"Received unknown parameter: created[{name}]", "created", "parameter_unknown")
    return all(_TIMES[name](body["created"], int(at)) for name, at in created.items())
