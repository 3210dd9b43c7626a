"""`./earnest story NUMBER`: the complete story of a reservation as a file."""

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from earnest.book import export
from earnest.management.base import BadUsage
from earnest.management.base import Command as Base


class Command(Base):
    help = "Write every act of a reservation, signed now, as a file that anybody can check offline."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("number", help="the reservation's number, such as K7QF-2M9X-4")
        parser.add_argument(
            "--open",
            default="all",
            metavar="all|none|FIELDS",
            help="which values can be read: all (default), none, or names of fields separated by commas",
        )
        parser.add_argument(
            "--output", type=Path, metavar="FILE", help="where to write it (default: standard output)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        written = export.story(options["number"], export.kept_from(options["open"]))
        if options["output"] is None:
            sys.stdout.buffer.write(written)
            return
        try:
            options["output"].write_bytes(written)
        except OSError as error:
            raise BadUsage(f"The story cannot be written: {error}.") from None
        self.stderr.write(
            f"Wrote {len(written)} bytes; check them with `./earnest verify {options['output']}`."
        )
