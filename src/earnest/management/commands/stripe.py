"""`./earnest stripe reconcile`: Stripe's own account against our ledger, to the cent."""

from datetime import UTC, date, datetime
from typing import Any

from django.core.management.base import CommandParser

from earnest.core.instants import text
from earnest.management.acting import amount
from earnest.management.base import BadUsage, DoesNotHold
from earnest.management.base import Command as Base
from earnest.rails.stripe import reconcile
from earnest.rails.stripe.reconcile import Item, Report


class Command(Base):
    help = "Book Stripe's fees and payouts, compare every line of its balance with our ledger, and list what differs."
    reports = True

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("what", choices=("reconcile",))
        parser.add_argument("--since", metavar="DATE", help="lines since that day only (default: all)")

    def handle(self, *args: Any, **options: Any) -> None:
        report = reconcile.reconcile(_day(options["since"]) if options["since"] else None)
        self.answer(options, _data(report), _told(report))
        # Of a part of the lines nothing can be said about the whole.
        rest = [each for each in report.totals if each.unexplained_minor and not options["since"]]
        if report.differences or rest:
            raise DoesNotHold("Stripe's account and our ledger differ.")


def _day(written: str) -> datetime:
    try:
        day = date.fromisoformat(written)
    except ValueError:
        raise BadUsage(f"“{written[:20]}” is no date such as 2026-11-30.") from None
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _data(report: Report) -> dict[str, Any]:
    return {
        "lines": report.lines,
        "totals": [
            {
                "currency": each.currency,
                "stripe_minor": each.theirs_minor,
                "ledger_minor": each.ours_minor,
                "explained_minor": each.explained_minor,
                "unexplained_minor": each.unexplained_minor,
            }
            for each in report.totals
        ],
        "under_way": [_item(each) for each in report.under_way],
        "differences": [_item(each) for each in report.differences],
    }


def _item(item: Item) -> dict[str, Any]:
    return {
        "source": item.source,
        "kind": item.kind,
        "currency": item.currency,
        "stripe_minor": item.theirs_minor,
        "ledger_minor": item.ours_minor,
        "number": item.number,
        "at": text(item.at),
    }


def _told(report: Report) -> str:
    lines = [f"{report.lines} lines of Stripe's balance were read."]
    for each in report.totals:
        theirs, ours = amount(each.theirs_minor, each.currency), amount(each.ours_minor, each.currency)
        rest = amount(each.unexplained_minor, each.currency)
        lines.append(f"Stripe holds {theirs}; our ledger says {ours}; unexplained {rest}.")
    lines += [f"under way: {reconcile.said(each)}" for each in report.under_way]
    lines += [f"differs:   {reconcile.said(each)}" for each in report.differences]
    return "\n".join(lines)
