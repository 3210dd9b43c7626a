"""`./earnest rebuild --check`: fold every act again and compare."""

from typing import Any

from django.core.management.base import CommandParser

from earnest.book import rebuild
from earnest.management.base import BadUsage, DoesNotHold
from earnest.management.base import Command as Base


class Command(Base):
    help = "Fold all acts from the first one and compare every row that caches what they say."
    reports = True

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="compare only, change nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["check"]:
            raise BadUsage("Say `./earnest rebuild --check`: rows are compared, never written over.")
        counted = [0]

        def progress(done: int, total: int) -> None:
            counted[0] = done
            if self.stderr.isatty() and (done == total or done % 50 == 0):
                self.stderr.write(f"\r{done} of {total} subjects", ending="" if done < total else "\n")

        found = list(rebuild.differences(progress))
        data = {"ok": not found, "subjects": counted[0], "differences": [vars(each) for each in found]}
        lines = [f"{each.kind} {each.number}: {each.what}" for each in found]
        self.answer(options, data, "\n".join([*lines, f"{counted[0]} subjects, {len(found)} differences."]))
        if found:
            raise DoesNotHold("The book is not what its acts say.")
