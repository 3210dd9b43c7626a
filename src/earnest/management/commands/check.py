"""`./earnest check`: everything that must hold in a sound book."""

from datetime import timedelta
from typing import Any, Final

from django.core.management.base import CommandParser

from earnest.book import check, clearing, clock, credits, heirs
from earnest.core.entries import CHART, UNMATCHED
from earnest.core.instants import text
from earnest.management.acting import amount
from earnest.management.base import Command as Base
from earnest.management.base import DoesNotHold

_UNMATCHED_TERM: Final = timedelta(days=CHART[UNMATCHED].clears_in_days)


class Command(Base):
    help = "Ask the book everything that must hold: guards, money, acts, refunds, mails, stories."
    reports = True

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "checks", nargs="*", choices=[*check.CHECKS, []], help="only these (default: all)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        results = []
        for name, findings in check.run(options["checks"] or None):
            results.append((name, findings))
            if not options["json"]:
                self.stdout.write(f"{name:<10}{'holds' if not findings else f'{len(findings)} found'}")
                for finding in findings[:20]:
                    self.stdout.write(f"    {finding.subject}: {finding.why}")
        alarms = [] if options["checks"] else clearing.overdue(clock.now())
        for late in [] if options["json"] else alarms:
            self.stdout.write(
                f"alarm for {late.owner}: {amount(late.amount_minor, late.currency)} has stood on {late.account} "
                f"for more than {late.days} days"
            )
        old = [] if options["checks"] else credits.older_than(clock.now() - _UNMATCHED_TERM)
        for each in [] if options["json"] else old:
            self.stdout.write(
                f"alarm for {CHART[UNMATCHED].owner}: credit {each.id}, {amount(each.amount_minor, each.currency)}, "
                f"has been unmatched since {each.since:%Y-%m-%d}"
            )
        waiting = [] if options["checks"] else heirs.waiting()
        for held in [] if options["json"] else waiting:
            self.stdout.write(
                f"for finance: {held.state.number} has waited for heirs since {held.since:%Y-%m-%d}"
            )
        wrong = sum(len(findings) for _, findings in results)
        if options["json"]:
            data = {name: [finding._asdict() for finding in findings] for name, findings in results}
            late_credits = [{"credit": each.id, "since": text(each.since)} for each in old]
            said = {"ok": not wrong, "checks": data, "alarms": [late._asdict() for late in alarms]}
            unpaid = [{"number": held.state.number, "since": text(held.since)} for held in waiting]
            self.answer(options, said | {"unmatched": late_credits, "heirs": unpaid}, "")
        if wrong:
            raise DoesNotHold(f"{wrong} things do not hold.")
