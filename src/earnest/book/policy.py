"""The seller's settings, as the frozen value that rules are given."""

from datetime import timedelta
from functools import cache

from django.conf import settings

from earnest import seller
from earnest.core.commands.base import Policy

_used: Policy | None = None


def use(policy: Policy | None) -> None:
    """Another policy than the settings', for simulations and tests; None gives theirs back."""
    global _used
    _used = policy
    current.cache_clear()


@cache
def current() -> Policy:
    """What rules are given: the policy of this installation, from its `EARNEST_*` settings, or the one in use."""
    if _used is not None:
        return _used
    config = settings.EARNEST
    maker = seller.load(config.accounts)
    return Policy(
        card_hold=timedelta(minutes=config.card_hold_minutes),
        transfer_hold=timedelta(days=config.transfer_hold_days),
        refund_pause=timedelta(minutes=config.refund_pause_minutes),
        account_limit_major=config.account_limit_major,
        order_limit_major=config.order_limit_major,
        card_refund_days=config.card_refund_days,
        may_pass_on=config.may_pass_on,
        seller_country=maker.country if maker.invoices else "",
        second_operator_major=config.second_operator_major,
    )
