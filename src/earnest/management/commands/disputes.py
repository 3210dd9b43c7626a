"""`./earnest disputes`: what banks ask about payments, by when, and handing in the evidence."""

from typing import Any

from django.core.management.base import CommandParser

from earnest.book import lists
from earnest.core.instants import text
from earnest.core.numbers import parse
from earnest.management.acting import amount, operator
from earnest.management.base import BadUsage
from earnest.management.base import Command as Base
from earnest.rails.stripe import disputes as card
from earnest.web.telling.evidence import evidence


class Command(Base):
    help = (
        "Disputes, inquiries and fraud warnings with their dates; `submit NUMBER` hands in the story, once."
    )
    reports = True

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("what", nargs="?", default="list", choices=("list", "submit"))
        parser.add_argument("number", nargs="?", metavar="NUMBER", help="submit: the reservation")
        parser.add_argument(
            "--dispute", type=int, default=0, metavar="N", help="submit: which one (the newest)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["what"] == "submit":
            self._submit(options)
            return
        rows: list[dict[str, Any]] = [
            {
                "number": each.number,
                "dispute": each.dispute.n,
                "status": each.dispute.status,
                "reason": each.dispute.reason,
                "amount_minor": each.dispute.amount_minor,
                "currency": each.dispute.currency,
                "reference": each.dispute.reference,
                "due_at": text(each.dispute.due_at) if each.dispute.due_at else None,
                "answered_at": text(each.dispute.answered_at) if each.dispute.answered_at else None,
            }
            for each in lists.disputes()
        ]
        lines = [
            f"{row['number']}/{row['dispute']}  {amount(row['amount_minor'], row['currency']):>16}  "
            f"{row['status']:<7} {'answered' if row['answered_at'] else 'due ' + str(row['due_at'])}  {row['reason']}"
            for row in rows
        ]
        self.answer(options, {"disputes": rows}, "\n".join(lines) or "No bank asks about a payment.")

    def _submit(self, options: dict[str, Any]) -> None:
        number = parse(options["number"] or "")
        if number is None:
            raise BadUsage("Name the reservation whose evidence is to be handed in.")
        n = options["dispute"] or max(
            (each.dispute.n for each in lists.disputes() if each.number == number), default=1
        )
        made = evidence(number, n)
        card.submit(number, n, operator()["person"], made.document, made.texts)
        data = {
            "number": number,
            "dispute": n,
            "pages_bytes": len(made.document),
            "fields": sorted(made.texts),
        }
        self.answer(
            options, data, f"{number}: the evidence about dispute {n} is handed in; the bank decides."
        )
