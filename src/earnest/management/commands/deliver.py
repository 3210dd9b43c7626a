"""`./earnest deliver NUMBER`: what was sold has been handed over."""

from typing import Any

from django.core.management.base import CommandParser

from earnest.book import clock, reads
from earnest.core.commands.convert import Deliver
from earnest.core.instants import instant
from earnest.management.acting import done, operator, told
from earnest.management.base import BadUsage
from earnest.management.base import Command as Base


class Command(Base):
    help = "Record that what was sold has been handed over; the time to withdraw runs from then."
    reports = True

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("number", help="the reservation's number")
        parser.add_argument(
            "--at", metavar="INSTANT", help="when it was handed over, 2024-10-07T09:00:00Z (default: now)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        number = reads.reservation(options["number"]).number
        try:
            at = instant(options["at"]) if options["at"] else clock.now()
        except ValueError:
            raise BadUsage("A time is written as 2018-06-15T09:30:00Z.") from None
        data = done(Deliver(**operator(), number=number, happened_at=at))
        self.answer(options, data, told(data))
