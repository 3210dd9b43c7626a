"""`./earnest restrict NUMBER --why claim`: keep a person's data as it is while something about it is disputed."""

from typing import Any

from django.core.management.base import CommandParser

from earnest.book import door
from earnest.core.commands.restrict import WHYS, Restrict
from earnest.core.numbers import parse
from earnest.core.refusals import Missing
from earnest.management.acting import operator
from earnest.management.base import Command as Base


class Command(Base):
    help = "While something is disputed, nothing of a reservation is erased (GDPR art. 18); --lift ends it."
    reports = True

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("number", help="the reservation's number")
        parser.add_argument("--why", required=True, choices=WHYS, help="what it is about")
        parser.add_argument("--lift", action="store_true", help="it is over")

    def handle(self, *args: Any, **options: Any) -> None:
        number = parse(options["number"])
        if number is None:
            raise Missing("no-reservation", "There is no reservation of that number.")
        command = Restrict(**operator(), number=number, why=options["why"], lift=options["lift"])
        changed = isinstance(door.do_one(command), door.Done)
        word = "not restricted any more" if options["lift"] else "restricted"
        self.answer(
            options,
            {"number": number, "restricted": not options["lift"], "changed": changed},
            f"{number} is {word}{'' if changed else ' already'}.",
        )
