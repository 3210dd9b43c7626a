"""`./earnest open`: a book of one's own; test or live from its first act, for ever."""

from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandParser

from earnest.book import beginning, mode
from earnest.management.base import Command as Base
from earnest.management.base import Refused


class Command(Base):
    help = "Open a book of your own. Whether it is for trying or for real money is decided here, for ever."
    reports = True

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("mode", choices=("test", "live"), help="test: no real money; live: real money")
        parser.add_argument("--maker", required=True, help="the seller's name as customers read it")

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("migrate", verbosity=0)
        origin = settings.EARNEST.origin
        if mode.exists() and mode.current().mode != options["mode"]:
            raise Refused(f"This book was opened as {mode.current().mode}, for ever.")
        if origin.startswith("demo."):
            raise Refused("A name that begins with “demo.” belongs to demonstrations: set EARNEST_ORIGIN.")
        vkey = beginning.begin(origin, options["mode"], options["maker"])
        data = {"origin": origin, "mode": options["mode"], "receipts_key": vkey}
        self.answer(
            options,
            data,
            f"The book {origin} is open ({options['mode']}). Its receipts are signed by\n{vkey}\n"
            "Publish that key where your customers find it. Next: ./earnest operator add NAME, then ./earnest",
        )
