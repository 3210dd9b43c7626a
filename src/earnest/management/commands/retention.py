"""`./earnest retention`: what is over its term, and erase it now instead of tonight."""

from typing import Any

from django.core.management.base import CommandParser

from earnest.book import mode, retention
from earnest.management.base import Command as Base


class Command(Base):
    help = "Erase what is over its term (docs/retention.md); the worker does this every night."
    reports = True

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="say what would go, and erase nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        mode.current()
        found = list(retention.overdue())
        done = found if options["dry_run"] else retention.erase(found)
        word = "Would erase" if options["dry_run"] else "Erased"
        lines = [f"{each.number}  {each.cls}" for each in done]
        lines.append(f"{word} {len(done)} classes of {len({each.number for each in done})} reservations.")
        data = {"dry_run": options["dry_run"], "erased": [each._asdict() for each in done]}
        self.answer(options, data, "\n".join(lines))
