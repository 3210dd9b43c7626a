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
        stated = list(retention.overdue_statements())
        if not options["dry_run"]:
            stated = retention.erase_statements(stated)
        word = "Would erase" if options["dry_run"] else "Erased"
        lines = [_line(each) for each in done]
        lines.append(f"{word} {len(done)} classes of {len({each.number for each in done})} reservations.")
        if stated:
            lines += [
                f"{each.statement}  {', '.join(each.classes)}  (statement of withdrawal)" for each in stated
            ]
            lines.append(f"{word} of {len(stated)} statements of withdrawal.")
        data = {
            "dry_run": options["dry_run"],
            "erased": [_plain(each) for each in done],
            "statements": [{"statement": each.statement, "classes": list(each.classes)} for each in stated],
        }
        self.answer(options, data, "\n".join(lines))


def _plain(each: retention.Overdue) -> dict[str, Any]:
    """`holder` as people count, where it is not whoever has it now."""
    said: dict[str, Any] = {"number": each.number, "cls": each.cls}
    return said if each.holder is None else said | {"holder": each.holder + 1}


def _line(each: retention.Overdue) -> str:
    return f"{each.number}  {each.cls}" + ("" if each.holder is None else f"  (holder {each.holder + 1})")
