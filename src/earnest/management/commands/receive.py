"""`./earnest receive NUMBER AMOUNT CURRENCY`: a transfer was found on the bank statement."""

from typing import Any

from django.core.management.base import CommandParser

from earnest.book import clock, reads
from earnest.core.commands.receive_deposit import Paid, ReceiveDeposit
from earnest.core.instants import instant
from earnest.core.money import parse_amount
from earnest.management.acting import done, operator, told
from earnest.management.base import BadUsage
from earnest.management.base import Command as Base


class Command(Base):
    help = "Record a transfer that arrived; the same reference twice is the same money."
    reports = True

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("number", help="the reservation's number")
        parser.add_argument("amount", help="such as 5000.00")
        parser.add_argument("currency", help="such as EUR")
        parser.add_argument("--reference", required=True, help="the bank's reference of the credit")
        parser.add_argument(
            "--at", metavar="INSTANT", help="when it was booked, 2018-09-20T00:00:00Z (default: now)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        number = reads.reservation(options["number"]).number
        minor = parse_amount(options["amount"], options["currency"])
        try:
            at = instant(options["at"]) if options["at"] else clock.now()
        except ValueError:
            raise BadUsage("A time is written as 2018-06-15T09:30:00Z.") from None
        paid = Paid("transfer", minor, options["currency"], options["reference"], at)
        data = done(ReceiveDeposit(**operator(), number=number, paid=paid))
        self.answer(options, data, told(data))
