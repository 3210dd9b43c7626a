"""`./earnest cancel NUMBER`: the holder has cancelled by telephone or letter, and an operator records it."""

from typing import Any

from django.core.management.base import CommandParser

from earnest.book import reads
from earnest.core.commands.cancel import Cancel
from earnest.core.instants import text
from earnest.management.acting import amount, done, operator, told
from earnest.management.base import Command as Base


class Command(Base):
    help = "Cancel a reservation, or some of its places; what was paid is owed back at once."
    reports = True

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("number", help="the reservation's number")
        parser.add_argument("--quantity", type=int, default=0, help="how many places (default: all)")

    def handle(self, *args: Any, **options: Any) -> None:
        number = reads.reservation(options["number"]).number
        data = done(Cancel(**operator(), number=number, quantity=options["quantity"]))
        state = reads.reservation(number)
        data["refunds"] = [
            {
                "amount": amount(each.amount_minor, each.currency),
                "status": each.status,
                "due_at": text(each.due_at),
            }
            for each in state.refunds
        ]
        owed = [
            f"  {each['amount']}, {each['status']}, leaves by {each['due_at']}" for each in data["refunds"]
        ]
        self.answer(options, data, "\n".join([told(data), *owed]))
