"""`./earnest person export EMAIL`: everything about one person, in one archive."""

import os
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser
from django.utils import translation

from earnest.book import mode, person
from earnest.management.base import BadUsage
from earnest.management.base import Command as Base
from earnest.web.telling.page import page
from earnest.web.telling.person import readme


class Command(Base):
    help = "Answer a request for access: all reservations of an address, its mails, and who looked."
    reports = True

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("what", choices=("export",))
        parser.add_argument("email", help="the address by which the person reserved")
        parser.add_argument(
            "--output", type=Path, required=True, metavar="FILE.zip", help="where to write it"
        )
        parser.add_argument("--lang", choices=("en", "fr"), default="en", help="language of what explains it")

    def handle(self, *args: Any, **options: Any) -> None:
        mode.current()
        output: Path = options["output"]
        if output.suffix != ".zip":
            raise BadUsage(f"What is known of a person is written as a .zip, and {output.name} is none.")
        found = person.held(options["email"])
        maker = mode.data().get("maker", mode.origin())
        for folder in found.folders:
            story = found.files[f"{folder}/story.earnest.json"]
            found.files[f"{folder}/story.html"] = page(story, options["lang"], maker)
        with translation.override(options["lang"]):
            data = person.zipped(found, readme(found, maker))
        try:
            # Personal data: readable by its owner alone, and whole or not at all.
            draft = output.with_name(f".{output.name}.{os.getpid()}")
            with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
                out.write(data)
            draft.replace(output)
        except OSError as error:
            raise BadUsage(f"The archive cannot be written: {error}.") from None
        said = (
            f"Wrote {len(found.numbers)} reservations, {found.mails} mails, {found.looks} looks to {output}."
        )
        if found.statements:
            said += f" {len(found.statements)} statements of withdrawal are in it."
        self.answer(
            options,
            {
                "reservations": list(found.numbers),
                "withdrawals": list(found.statements),
                "mails": found.mails,
                "looks": found.looks,
                "bytes": len(data),
            },
            said,
        )
