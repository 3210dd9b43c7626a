"""The balances that our bank's statements say, of those that were taken in."""

from datetime import date
from typing import Final, NamedTuple

from earnest.book import chapters, keys, mode, models, reads, rows
from earnest.core.commands.base import Ref

#: So many of the newest statements are looked at: they may come out of order.
_NEWEST: Final = 40


class Closing(NamedTuple):
    """What an account held at the end of a day, minor units."""

    amount_minor: int
    on: date


def closing(account: str, currency: str) -> Closing | None:
    """The last closing balance of an account (its short name); None where no statement says one."""
    key = chapters.key_of(mode.origin(), Ref("bank", account))
    told = models.Act.objects.filter(subject=key, type="statement.imported").order_by("-seq")
    seqs = list(told.values_list("seq", flat=True)[:_NEWEST])
    if not seqs:
        return None
    secrets = rows.load_keys([key], keys.current().unwrap)[key]
    found = [
        Closing(act.int("closing_minor"), date.fromisoformat(act.text("until")))
        for act in reads.acts_at(key, secrets, seqs).values()
        if act.get("currency") == currency and act.get("closing_minor") is not None and act.get("until")
    ]
    return max(found, key=lambda each: each.on, default=None)
