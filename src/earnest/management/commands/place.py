"""`./earnest place OFFER`: reserve for somebody, on the telephone or at a stand."""

from typing import Any

from django.core.management.base import CommandParser

from earnest.book import ids, reads
from earnest.core.commands.place import Place
from earnest.management.acting import done, operator, told
from earnest.management.base import Command as Base


class Command(Base):
    help = "Reserve for somebody; they get the same mails as if they had done it themselves."
    reports = True

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("offer", help="the offer's name in addresses")
        parser.add_argument("--variant", default="", help="which one (default: the offer's first)")
        parser.add_argument("--quantity", type=int, default=1)
        parser.add_argument("--name", required=True)
        parser.add_argument("--email", required=True)
        parser.add_argument(
            "--residence", required=True, metavar="CC", help="country of residence, such as FR"
        )
        parser.add_argument("--language", default="en", choices=("en", "fr"))

    def handle(self, *args: Any, **options: Any) -> None:
        variant = options["variant"] or reads.offer(options["offer"]).offer.current.variants[0].code
        command = Place(
            **operator(),
            number=ids.number(),
            slug=options["offer"],
            variant=variant,
            quantity=options["quantity"],
            name=options["name"],
            email=options["email"],
            residence=options["residence"].upper(),
            language=options["language"],
        )
        data = done(command)
        self.answer(options, data, told(data))
