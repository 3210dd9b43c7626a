"""`./earnest story NUMBER`: the complete story of a reservation as a file, for programs or for people."""

import os
import sys
from pathlib import Path
from typing import Any, Final

from django.core.management.base import CommandParser

from earnest.book import export
from earnest.management.base import BadUsage
from earnest.management.base import Command as Base
from earnest.web.telling.forms import TYPES, written

FORMS: Final = tuple(f".{form}" for form in TYPES)


class Command(Base):
    help = "Write every act of a reservation as a file that anybody can check offline."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("number", help="the reservation's number, such as K7QF-2M9X-4")
        parser.add_argument(
            "--open",
            default="all",
            metavar="all|none|FIELDS",
            help="which values can be read: all (default), none, or names of fields or of classes (identity, contact,"
            " bank, money, text) separated by commas",
        )
        parser.add_argument(
            "--lang", choices=("en", "fr"), default="en", help="language of a page, paper or card"
        )
        parser.add_argument(
            "--output",
            type=Path,
            metavar="FILE",
            help="where to write it: .json, a page (.html), paper (.pdf) or a card to share (.png);"
            " default: the JSON on standard output",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        output: Path | None = options["output"]
        if output is not None and output.suffix not in FORMS:
            raise BadUsage(f"A story is written as {', '.join(FORMS)}, and {output.name} is none of these.")
        story = export.story(options["number"], export.kept_from(options["open"]))
        if output is None:
            sys.stdout.buffer.write(story)
            return
        made = written(story, output.suffix[1:], options["lang"])
        try:
            # Whole or not at all.
            draft = output.with_name(f".{output.name}.{os.getpid()}")
            draft.write_bytes(made)
            draft.replace(output)
        except OSError as error:
            raise BadUsage(f"The story cannot be written: {error}.") from None
        check = f"; check them with `./earnest verify {output}`" if output.suffix == ".json" else ""
        self.stderr.write(f"Wrote {len(made)} bytes{check}.")
