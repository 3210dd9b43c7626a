"""The seller's settings, as the frozen value that rules are given."""

from datetime import timedelta
from functools import cache

from django.conf import settings

from earnest.core.commands.base import Policy


@cache
def current() -> Policy:
    """The policy of this installation, from its `EARNEST_*` settings."""
    config = settings.EARNEST
    return Policy(
        card_hold=timedelta(minutes=config.card_hold_minutes),
        transfer_hold=timedelta(days=config.transfer_hold_days),
        refund_pause=timedelta(minutes=config.refund_pause_minutes),
        account_limit_major=config.account_limit_major,
        order_limit_major=config.order_limit_major,
        card_refund_days=config.card_refund_days,
        may_pass_on=config.may_pass_on,
        second_operator_major=config.second_operator_major,
    )
