"""`./earnest check`: everything that must hold in a sound book."""

from typing import Any

from django.core.management.base import CommandParser

from earnest.book import check, clearing, clock, heirs
from earnest.core.instants import text
from earnest.management.acting import amount
from earnest.management.base import Command as Base
from earnest.management.base import DoesNotHold


class Command(Base):
    help = "Ask the book everything that must hold: guards, money, acts, refunds, mails, stories."
    reports = True

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "checks", nargs="*", choices=[*check.CHECKS, []], help="only these (default: all)"
        )
        parser.add_argument(
            "--alarms",
            action="store_true",
            help="end with 1 also where money stands on a clearing account too long",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        results = []
        for name, findings in check.run(options["checks"] or None):
            results.append((name, findings))
            if not options["json"]:
                self.stdout.write(f"{name:<10}{'holds' if not findings else f'{len(findings)} found'}")
                for finding in findings[:20]:
                    self.stdout.write(f"    {finding.subject}: {finding.why}")
        alarms = [] if options["checks"] and not options["alarms"] else clearing.overdue(clock.now())
        for late in [] if options["json"] else alarms:
            self.stdout.write(
                f"alarm for {late.owner}: {amount(late.amount_minor, late.currency)} has stood on {late.account} "
                f"for more than {late.days} days{f' ({late.item})' if late.item else ''}"
            )
        waiting = [] if options["checks"] else heirs.waiting()
        for held in [] if options["json"] else waiting:
            self.stdout.write(
                f"for finance: {held.state.number} has waited for heirs since {held.since:%Y-%m-%d}"
            )
        wrong = sum(len(findings) for _, findings in results)
        if options["json"]:
            data = {name: [finding._asdict() for finding in findings] for name, findings in results}
            said = {"ok": not wrong, "checks": data, "alarms": [late._asdict() for late in alarms]}
            unpaid = [{"number": held.state.number, "since": text(held.since)} for held in waiting]
            self.answer(options, said | {"heirs": unpaid}, "")
        if wrong:
            raise DoesNotHold(f"{wrong} things do not hold.")
        if alarms and options["alarms"]:
            raise DoesNotHold(f"{len(alarms)} alarms: money stands on a clearing account for too long.")
