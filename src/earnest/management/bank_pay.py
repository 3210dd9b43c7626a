"""`./earnest bank pay`: refunds that are due by transfer leave in one file for the bank."""

import os
import sys
import tempfile
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from earnest.cli import REFUSED
from earnest.core import payment_order as orders
from earnest.core.instants import text
from earnest.core.payment_order import Order
from earnest.management.acting import amount, operator
from earnest.management.base import BadUsage
from earnest.management.base import Command as Base
from earnest.rails.bank import pain001, paying

_WORDS = ("make", "release", "print", "withdraw", "list")


class Command(Base):
    help = (
        "All refunds that are due by transfer become one payment order, and its file (pain.001) for the bank. "
        "`release ORDER` is another operator's word for one over the limit; `print ORDER` writes the same file again; "
        "`withdraw ORDER` says that the bank never had it; `list` has them all. Nothing is ever collected by file: "
        "there are no direct debits."
    )
    reports = True

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("what", nargs="?", default="make", choices=_WORDS)
        parser.add_argument("order", nargs="?", default="", metavar="ORDER", help="such as PAY-3F9A2C417B20")
        parser.add_argument(
            "--dry-run", action="store_true", help="make: say what would be paid; write nothing"
        )
        parser.add_argument(
            "--short", action="store_true", help="make: although the account has too little money"
        )
        parser.add_argument(
            "--output",
            metavar="FILE",
            help="where the file goes: ORDER.xml here by default, - for standard output",
        )
        parser.add_argument("--format", choices=pain001.FORMATS, default=pain001.FORMATS[0])
        parser.add_argument("--why", default="", help="withdraw: in a few words")

    def handle(self, *args: Any, **options: Any) -> None:
        what = options["what"]
        if bool(options["order"]) == (what in ("make", "list")):
            raise BadUsage("`release`, `print` and `withdraw` name one ORDER; the others name none.")
        if what == "list":
            found = paying.newest()
            rows = "\n".join(_line(each) for each in found)
            self.answer(options, {"orders": [_order(each) for each in found]}, rows or "No order was made.")
        elif what == "withdraw":
            withdrawn = paying.withdraw(options["order"], options["why"], operator())
            self.answer(options, _order(withdrawn), _line(withdrawn))
        elif options["dry_run"]:
            self._say_what_is_due(options, paying.due())
        else:
            self._file(options, self._wanted(options))

    def _wanted(self, options: dict[str, Any]) -> Order:
        if options["what"] == "print":
            return paying.order(options["order"])
        if options["what"] == "release":
            return paying.release(options["order"], operator())
        return paying.make(paying.due(), operator(), short=options["short"])

    def _file(self, options: dict[str, Any], order: Order) -> None:
        if order.status == orders.PREPARED and options["what"] == "make":
            said = f"{_line(order)}\nIt is over the limit for one operator. Another one releases it:\n"
            self.answer(options, _order(order), f"{said}  ./earnest bank pay release {order.number}")
            return
        data = paying.file_of(order, options["format"])
        if options["output"] == "-":
            self.stdout.flush()
            sys.stdout.buffer.write(data)
            sys.stdout.buffer.flush()
            return
        path = Path(options["output"] or f"{order.number}.xml")
        try:
            _write(path, data)
        except OSError as error:
            raise BadUsage(
                f"{path} cannot be written ({error.strerror or error}). The order stands: "
                f"`./earnest bank pay print {order.number} --output FILE` writes its file."
            ) from None
        said = f"{_line(order)}\nThe file is {path}: give it to the bank once."
        self.answer(options, _order(order) | {"file": str(path)}, said)

    def _say_what_is_due(self, options: dict[str, Any], found: paying.Due) -> None:
        data = {
            "order": found.number or None,
            "transfers": len(found.transfers),
            "total_minor": found.total_minor,
            "currency": found.funds.currency,
            "bank_minor": found.funds.bank_minor,
            "bank_as_of": found.funds.on.isoformat() if found.funds.on else None,
            "asked_minor": found.funds.asked_minor,
            "short_minor": found.short_minor,
            "ids": [each.end_to_end for each in found.transfers],
            "left": [
                {
                    "number": each.number,
                    "refund": each.refund.n,
                    "amount_minor": each.refund.amount_minor,
                    "currency": each.refund.currency,
                    "why": each.why,
                }
                for each in found.left
            ],
        }
        self.answer(options, data, "\n".join(_due(found)))
        if found.short_minor:
            self.stdout.flush()
            print(str(paying.too_little(found)), file=sys.stderr)
            sys.exit(REFUSED)


def _due(found: paying.Due) -> list[str]:
    euro = found.funds.currency
    lines = [f"{each.end_to_end:<20} {amount(each.amount_minor, euro):>16}" for each in found.transfers]
    lines += [
        f"{each.number}/{each.refund.n:<9} {amount(each.refund.amount_minor, each.refund.currency):>16}  "
        f"not in the file: {each.why}"
        for each in found.left
    ]
    funds = found.funds
    lines.append(f"{len(found.transfers)} transfers, {amount(found.total_minor, euro)}")
    source = f"by its statement of {funds.on}" if funds.on else "by the ledger"
    held = f"{amount(funds.bank_minor, euro)} at the bank {source}, {amount(funds.asked_minor, euro)} of it asked for"
    return [*lines, held]


def _order(order: Order) -> dict[str, Any]:
    return {
        "order": order.number,
        "status": order.status,
        "transfers": len(order.transfers),
        "total_minor": order.total_minor,
        "currency": order.currency,
        "execute_on": order.execute_on.isoformat(),
        "prepared_by": order.prepared_by,
        "released_by": order.released_by or None,
        "released_at": text(order.released_at) if order.released_at else None,
    }


def _line(order: Order) -> str:
    money = amount(order.total_minor, order.currency)
    return f"{order.number}  {order.status:<9}  {len(order.transfers):>5} transfers  {money:>16}  {order.execute_on}"


def _write(path: Path, data: bytes) -> None:
    """All of it or nothing, for the eyes of its owner alone: it has bank accounts in it."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
