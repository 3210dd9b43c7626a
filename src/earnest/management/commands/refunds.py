"""`./earnest refunds`: what is owed back, by the time left; `--unclaimed`: what nobody claims."""

from typing import Any

from django.core.management.base import CommandParser

from earnest.book import clock, lists, reads
from earnest.core.commands.mark_unclaimed import MarkUnclaimed
from earnest.core.instants import text
from earnest.management.acting import amount, done, left, operator, told
from earnest.management.base import BadUsage
from earnest.management.base import Command as Base


class Command(Base):
    help = "Every refund that has not left, with its deadline; or the money that nobody claims."
    reports = True

    def add_arguments(self, parser: CommandParser) -> None:
        step = parser.add_mutually_exclusive_group()
        step.add_argument(
            "--unclaimed", action="store_true", help="money that nobody claims, and what may be marked so"
        )
        step.add_argument("--mark", metavar="NUMBER/N", help="mark refund N of a reservation as unclaimed")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["mark"] is not None:
            self._mark(options)
        elif options["unclaimed"]:
            self._unclaimed(options)
        else:
            self._open(options)

    def _mark(self, options: dict[str, Any]) -> None:
        written, _, n = options["mark"].rpartition("/")
        if not (n.isascii() and n.isdigit() and len(n) < 6):
            raise BadUsage("A refund is named as K7QF-2M9X-4/1: the reservation's number, and which one.")
        data = done(MarkUnclaimed(**operator(), number=reads.reservation(written).number, refund=int(n)))
        self.answer(options, data, told(data))

    def _unclaimed(self, options: dict[str, Any]) -> None:
        found = lists.unclaimed(clock.now())
        data = {
            "unclaimed": [_row(each) for each in found.marked],
            "may_be_marked": [_row(each) for each in found.ripe],
            "ledger": [
                {"currency": currency, "amount_minor": minor} for currency, minor in found.ledger.items()
            ],
        }
        lines = [_line(each, "unclaimed") for each in found.marked]
        lines += [_line(each, "may be marked") for each in found.ripe]
        lines += [
            f"{amount(minor, currency)} is unclaimed and stays owed"
            for currency, minor in found.ledger.items()
        ]
        self.answer(options, data, "\n".join(lines) or "There is no money that nobody claims.")

    def _open(self, options: dict[str, Any]) -> None:
        now = clock.now()
        rows: list[dict[str, Any]] = [
            {
                "number": each.number,
                "refund": each.refund.n,
                "amount_minor": each.refund.amount_minor,
                "currency": each.refund.currency,
                "status": each.refund.status,
                "route": each.refund.route,
                "why": each.refund.why,
                "due_at": text(each.refund.due_at),
                "legal_due_at": text(each.refund.legal_due_at),
                "missed": [text(missed) for missed in each.refund.missed],
                "seconds_left": None
                if each.refund.waits_for_heirs
                else int((each.refund.due_at - now).total_seconds()),
            }
            for each in lists.open_refunds().rows
        ]
        lines = [
            f"{row['number']}  {amount(row['amount_minor'], row['currency']):>16}  {row['status']:<10} "
            f"{row['route']:<5} due {row['due_at']}  {_left(row['seconds_left']):<20}  {row['why']}".rstrip()
            for row in rows
        ]
        self.answer(options, {"refunds": rows}, "\n".join(lines) or "Nothing is owed back.")


def _row(each: lists.RefundRow) -> dict[str, Any]:
    return {
        "number": each.number,
        "refund": each.refund.n,
        "amount_minor": each.refund.amount_minor,
        "currency": each.refund.currency,
        "owed_at": text(each.refund.owed_at),
    }


def _line(each: lists.RefundRow, what: str) -> str:
    owed = amount(each.refund.amount_minor, each.refund.currency)
    return f"{each.number}/{each.refund.n}  {owed:>16}  owed since {text(each.refund.owed_at)}  {what}"


def _left(seconds: int | None) -> str:
    """The clock of a promise; it stands still while nobody knows whom to pay."""
    return "stands still" if seconds is None else left(seconds)
