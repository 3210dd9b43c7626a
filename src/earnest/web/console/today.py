"""Today: what is due, what is stuck, what is owed, what is new."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from earnest.book import clock, credits, heirs, lists, reach, reads, withdrawals
from earnest.core import refund as refunds
from earnest.core.commands.withdraw import OPEN
from earnest.core.entries import IN_TRANSIT, UNMATCHED
from earnest.core.giveup import PROPOSED
from earnest.core.offer import Offer
from earnest.core.reservation import LIVING
from earnest.post import clearing_alarms
from earnest.web.console import acting, showing
from earnest.web.console.access import operator
from earnest.web.reserves import ACCOUNTS

_SHOWN: Final = 8
#: So many of the newest statements of withdrawal are looked at for those that a person must see to.
_LATELY: Final = 100
#: After a slip, telling every holder takes less than this.
_NOTICE: Final = timedelta(hours=1)


@dataclass(frozen=True)
class Promise:
    """A window that people wait for."""

    offer: Offer
    reservations: int
    places: int
    today: date

    @property
    def is_broken(self) -> bool:
        """Its last day is over, and people still wait."""
        return self.offer.current.window.end < self.today


@operator
@require_safe
def today(request: HttpRequest) -> HttpResponse:
    """The page that an operator begins the day with."""
    now = clock.now()
    found = lists.open_refunds()
    views = [showing.view_of(row, now) for row in found.rows]
    waiting = [each for each in views if each.refund.status == refunds.WAITING]
    due = [each for each in views if each.refund.status not in (refunds.WAITING, refunds.UNCLAIMED)]
    owed, waited_for = lists.owed(), promises(now.date())
    counts = lists.by_status()
    pressing = [each for each in views if each.alarm]
    context = {
        "now": now,
        "due": due[:_SHOWN],
        "due_total": len(due),
        "urgent_total": sum(each.is_urgent for each in due),
        "waiting": waiting[:_SHOWN],
        "waiting_total": len(waiting),
        "alarms": lists.alarms(_SHOWN, but=clearing_alarms.LATE),
        "standing": [_standing(each) for each in lists.alarms(_SHOWN, only=clearing_alarms.LATE)],
        "pressing": pressing[:_SHOWN],
        "alarm_total": lists.alarm_count() + len(pressing),
        "credits_total": credits.count(),
        "heirs_total": len(heirs.waiting()),
        "withdrawals_total": sum(each.outcome in OPEN for each in withdrawals.newest(_LATELY)),
        "untold": reach.untold(now - _NOTICE),
        "owed": owed,
        "unclaimed": any(each.unclaimed for each in owed),
        "proposals": [
            (read.offer, each)
            for read in reads.offers()
            for each in read.offer.giveups
            if each.status == PROPOSED
        ],
        "corrections": lists.corrections(),
        "newest": showing.rows_of(lists.reservations(size=_SHOWN).rows, now),
        "statuses": showing.status_counts(counts),
        "living_total": sum(counts.get(status, 0) for status in LIVING),
        "promises": waited_for,
        "broken_total": sum(each.is_broken for each in waited_for),
    }
    return acting.page(request, "today.html", context)


def _standing(alarm: lists.Alarm) -> dict[str, Any]:
    """Money that has stood too long; a credit on our account at a bank has a page of its own."""
    about = dict(alarm.about)
    account, _, credit = str(about["item"]).rpartition("/")
    own_page = about["account"] in (UNMATCHED, IN_TRANSIT) and bool(account) and credit.isdecimal()
    return {
        **about,
        "where": ACCOUNTS[about["account"]],
        "is_reservation": alarm.is_reservation,
        "credit": (account, int(credit)) if own_page else None,
    }


def promises(day: date) -> list[Promise]:
    """Windows that people wait for, the first to end first."""
    living = lists.living_by_offer()
    found = [
        Promise(read.offer, *living[read.offer.slug], day)
        for read in reads.offers()
        if read.offer.slug in living
    ]
    return sorted(found, key=lambda each: (each.offer.current.window.end, each.offer.slug))
