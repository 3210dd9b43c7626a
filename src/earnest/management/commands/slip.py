"""`./earnest slip OFFER --from DAY --until DAY --why …`: the promised window moves, and every holder is told."""

from typing import Any

from django.core.management.base import CommandParser

from earnest.core.commands.slip_promise import SlipPromise
from earnest.core.instants import day
from earnest.core.offer import Window
from earnest.management.acting import done, operator, told
from earnest.management.base import BadUsage
from earnest.management.base import Command as Base


class Command(Base):
    help = "Move the promised window later; the worker writes to every holder."
    reports = True

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("offer", help="the offer's name in addresses")
        parser.add_argument(
            "--from", required=True, dest="start", metavar="DAY", help="first day, 2027-01-01"
        )
        parser.add_argument("--until", required=True, metavar="DAY", help="last day")
        parser.add_argument("--why", required=True, help="the reason, as holders will read it")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            window = Window(day(options["start"]), day(options["until"]))
        except ValueError:
            raise BadUsage("A day is written as 2027-01-31.") from None
        data = done(SlipPromise(**operator(), slug=options["offer"], window=window, why=options["why"]))
        self.answer(options, data, told(data))
