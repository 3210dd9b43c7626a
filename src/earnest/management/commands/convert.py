"""`./earnest convert NUMBER --sale S`: the wait is over, and the deposits count as price."""

from typing import Any

from django.core.management.base import CommandParser

from earnest.book import reads
from earnest.core.commands.convert import Convert
from earnest.management.acting import amount, done, operator, told
from earnest.management.base import Command as Base


class Command(Base):
    help = "Make a confirmed reservation a sale; says what of the price is still to be paid."
    reports = True

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("number", help="the reservation's number")
        parser.add_argument("--sale", required=True, help="the number of the order in your own system")

    def handle(self, *args: Any, **options: Any) -> None:
        number = reads.reservation(options["number"]).number
        data = done(Convert(**operator(), number=number, sale=options["sale"]))
        state = reads.reservation(number)
        data["rest"] = amount(max(0, state.rest_minor()), state.currency)
        self.answer(options, data, f"{told(data)}\n  still to be paid: {data['rest']}")
