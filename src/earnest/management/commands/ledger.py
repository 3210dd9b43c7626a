"""`./earnest ledger [trial | account NAME | ifrs15]`: trial balance, rows of an account, what IFRS 15 asks."""

import csv
import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import date
from typing import Any

from django.core.management.base import CommandParser

from earnest.book import ifrs15, ledger, mode
from earnest.book.ledger import Line, Span
from earnest.core.instants import day, text
from earnest.core.money import major
from earnest.management.base import BadUsage
from earnest.management.base import Command as Base

_LIABILITIES = ("contract_liability_minor", "refund_liability_minor")
_COLUMNS = ("at", "act", "subject", "seq", "against", "currency", "amount", "balance")


class Command(Base):
    help = "Every account with debits, credits and balance; the rows of one; or the liabilities of IFRS 15 at a day."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("what", nargs="?", choices=("trial", "account", "ifrs15"), default="trial")
        parser.add_argument("name", nargs="?", help="the account: bank, deposit, deposit:K7QF-2M9X-4 …")
        parser.add_argument("--currency", metavar="CODE", help="account: in this currency only")
        parser.add_argument("--from", dest="since", metavar="DATE", help="from this day on, 2026-11-01 (UTC)")
        parser.add_argument("--to", dest="until", metavar="DATE", help="until this day, included")
        parser.add_argument("--period", metavar="PERIOD", help="a month (2026-11) or a year (2026)")
        parser.add_argument("--on", metavar="DATE", help="as it stood at the end of this day")
        forms = parser.add_mutually_exclusive_group()
        forms.add_argument(
            "--json", action="store_true", help="answer as JSON; an account's rows one object a line"
        )
        forms.add_argument("--csv", action="store_true", help="answer as CSV, amounts in minor units")

    def handle(self, *args: Any, **options: Any) -> None:
        mode.current()
        span = _span(options)
        if options["what"] == "account":
            if not options["name"]:
                raise BadUsage("Say which account: `./earnest ledger account bank`.")
            self._account(ledger.account(options["name"]), span, options)
        elif options["name"] or options["currency"]:
            raise BadUsage("A name and --currency belong to `./earnest ledger account`.")
        elif options["what"] == "ifrs15":
            if span.since:
                raise BadUsage("Liabilities stand at a day: give --on.")
            self._ifrs15(span, options)
        else:
            self._trial(span, options)

    def _ifrs15(self, span: Span, options: dict[str, Any]) -> None:
        found = ifrs15.positions(span.until)
        data = [asdict(each) | {name: getattr(each, name) for name in _LIABILITIES} for each in found]
        if options["json"]:
            self.stdout.write(json.dumps({"on": _bounds(span)["to"], "positions": data}, indent=2))
        elif options["csv"]:
            self._csv(tuple(data[0]) if data else (), (tuple(each.values()) for each in data))
        else:
            self.stdout.write("\n\n".join(map(_position, found)) or "Nothing has moved yet.")

    def _trial(self, span: Span, options: dict[str, Any]) -> None:
        lines = ledger.trial(span)
        sums = ledger.totals(lines)
        if options["json"]:
            data = {
                **_bounds(span),
                "accounts": [line._asdict() for line in lines],
                "totals": [
                    {
                        "currency": currency,
                        "debit_minor": debit,
                        "credit_minor": credit,
                        "balanced": debit == credit,
                    }
                    for currency, debit, credit in sums
                ],
            }
            self.stdout.write(json.dumps(data, indent=2))
        elif options["csv"]:
            self._csv(Line._fields, (tuple(line) for line in lines))
        else:
            self.stdout.write("\n".join(_table(lines, sums, with_opening=span.since is not None)))

    def _account(self, wanted: ledger.Account, span: Span, options: dict[str, Any]) -> None:
        known = ledger.currencies(wanted)
        chosen = [options["currency"]] if options["currency"] else known
        if options["csv"]:
            self._csv(
                (*_COLUMNS[:-2], "amount_minor", "balance_minor"),
                (
                    (text(row.at), row.act, f"{row.kind}/{row.number}", row.seq, *row[5:9])
                    for currency in chosen
                    for row in ledger.account_rows(wanted, currency, span)
                ),
            )
            return
        for currency in chosen:
            opening = ledger.opening(wanted, currency, span)
            if options["json"]:
                self._rows_json(wanted, currency, opening, span)
            else:
                self._rows(wanted, currency, opening, span)
        if not chosen and not options["json"]:
            self.stdout.write("Nothing has moved on this account.")

    def _rows(self, wanted: ledger.Account, currency: str, opening: int, span: Span) -> None:
        of = f" of {wanted.number}" if wanted.number else ""
        self.stdout.write(f"{wanted.name}{of}, {currency}, grows by {wanted.side}")
        self.stdout.write(f"  {'brought forward':<76}{major(opening, currency):>18}")
        balance = opening
        for row in ledger.account_rows(wanted, currency, span):
            balance = row.balance_minor
            self.stdout.write(
                f"  {text(row.at)}  {row.act:<24}{row.number:<14}{row.against:<20}"
                f"{major(row.amount_minor, currency):>16}{major(balance, currency):>18}"
            )
        self.stdout.write(f"  {'carried forward':<76}{major(balance, currency):>18}")

    def _rows_json(self, wanted: ledger.Account, currency: str, opening: int, span: Span) -> None:
        head = {"account": wanted.name, "number": wanted.number, "currency": currency, "side": wanted.side}
        self.stdout.write(json.dumps({**head, **_bounds(span), "opening_minor": opening}))
        for row in ledger.account_rows(wanted, currency, span):
            said = row._asdict() | {"at": text(row.at)}
            del said["place"]
            self.stdout.write(json.dumps(said))

    def _csv(self, columns: tuple[str, ...], rows: Iterator[tuple[Any, ...]]) -> None:
        writer = csv.writer(self.stdout, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)


def _position(found: ifrs15.Position) -> str:
    """One currency, each liability with what it is made of."""
    rows = (
        ("deposits", found.deposits_minor),
        ("less tax due on them", -found.tax_on_deposits_minor),
        ("sales not delivered yet", found.undelivered_minor),
        ("Contract liability (IFRS 15.106)", found.contract_liability_minor),
        ("owed back", found.owed_minor),
        ("on its way", found.in_transit_minor),
        ("unclaimed", found.unclaimed_minor),
        ("Refund liability (IFRS 15.55)", found.refund_liability_minor),
        ("Revenue: sales delivered", found.delivered_minor),
        ("Receivable from holders", found.receivable_minor),
    )
    lines = [
        f"{'' if label[0].isupper() else '  '}{label:<{34 if label[0].isupper() else 32}}"
        f"{major(minor, found.currency):>18}"
        for label, minor in rows
    ]
    return "\n".join([found.currency, *lines])


def _span(options: dict[str, Any]) -> Span:
    """The days that were asked for. Raises BadUsage."""
    ways = [bool(options["on"]), bool(options["period"]), bool(options["since"] or options["until"])]
    if sum(ways) > 1:
        raise BadUsage("Give one of --on, --period, or --from and --to.")
    if options["period"]:
        return ledger.period(options["period"])
    return Span(day_given(options["since"]), day_given(options["until"] or options["on"]))


def day_given(written: str | None) -> date | None:
    try:
        return day(written) if written else None
    except ValueError:
        raise BadUsage("A day is written as 2026-11-25.") from None


def _bounds(span: Span) -> dict[str, str]:
    return {
        "from": span.since.isoformat() if span.since else "",
        "to": span.until.isoformat() if span.until else "",
    }


def _table(lines: list[Line], sums: list[tuple[str, int, int]], *, with_opening: bool) -> list[str]:
    if not lines:
        return ["Nothing has moved yet."]
    out = []
    for currency, debits, credits in sums:
        head = f"{'opening':>18}" if with_opening else ""
        out.append(f"{currency:<24}{head}{'debits':>18}{'credits':>18}{'balance':>18}")
        for line in lines:
            if line.currency == currency:
                before = f"{major(line.opening_minor, currency):>18}" if with_opening else ""
                out.append(
                    f"  {line.account:<22}{before}{major(line.debit_minor, currency):>18}"
                    f"{major(line.credit_minor, currency):>18}{major(line.balance_minor, currency):>18} {line.side}"
                )
        room = " " * 18 if with_opening else ""
        equal = "equal" if debits == credits else "NOT EQUAL"
        out.append(f"  {'':<22}{room}{major(debits, currency):>18}{major(credits, currency):>18}{equal:>18}")
        out.append("")
    return out[:-1]
