"""`./earnest reserves [--state | --proof NUMBER]`: owed against held at a checkpoint, and the statement of it."""

import csv
import sys
from pathlib import Path
from typing import Any, Final

from django.core.management.base import CommandParser

from earnest.book import holdings, mode, reads, reserves
from earnest.core.commands.state_reserves import GROUPS, grouped
from earnest.core.instants import text
from earnest.core.money import major
from earnest.management.acting import operator
from earnest.management.base import BadUsage, Refused
from earnest.management.base import Command as Base
from earnest.record.reserves import Accounts

_TITLES: Final = {
    "held": "held",
    "owed": "owed to customers",
    "more": "held besides, not customers'",
    "less": "gone elsewhere, or to come back",
}


class Command(Base):
    help = "What is owed to customers against what is held, up to the newest checkpoint of the log."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--state", action="store_true", help="make the statement of it, which customers can check"
        )
        parser.add_argument("--proof", metavar="NUMBER", help="the proof that this reservation is counted")
        parser.add_argument("--output", type=Path, metavar="FILE", help="--proof: where to write it")
        forms = parser.add_mutually_exclusive_group()
        forms.add_argument("--json", action="store_true", help="answer as one JSON object")
        forms.add_argument("--csv", action="store_true", help="answer as CSV, amounts in minor units")

    def handle(self, *args: Any, **options: Any) -> None:
        mode.current()
        if options["output"] and not options["proof"]:
            raise BadUsage("--output belongs to --proof.")
        if options["proof"]:
            if options["state"]:
                raise BadUsage("Give one of --state and --proof.")
            self._proof(options["proof"], options["output"])
            return
        made = reserves.state(operator()) if options["state"] else None
        if made:
            said = made.statement
            data = _data(said.seal, said.size, said.at, said.sums)
            data |= {"statement": made.act.seq + 1, "note": made.note}
        else:
            at = reserves.point()
            data = _data(at.no, at.size, text(at.at), grouped(holdings.up_to(at.no).balances))
        if options["csv"]:
            self._csv(data)
        else:
            self.answer(options, data, "\n".join(_table(data)))

    def _csv(self, data: dict[str, Any]) -> None:
        writer = csv.writer(self.stdout, lineterminator="\n")
        writer.writerow(("currency", "group", "account", "amount_minor"))
        for of in data["currencies"]:
            for group in GROUPS:
                writer.writerows((of["currency"], group, name, minor) for name, minor in of[group].items())

    def _proof(self, written: str, output: Path | None) -> None:
        number = reads.reservation(written).number
        found = reserves.stated()
        if not found:
            raise Refused(
                "no-statement", "No statement was made yet; `./earnest reserves --state` makes one."
            )
        made = reserves.proof(number, found[0])
        if made is None:
            raise Refused(f"Nothing was owed to this reservation at {found[0].statement.at}.")
        if output is None:
            sys.stdout.buffer.write(made)
            return
        try:
            output.write_bytes(made)
        except OSError as error:
            raise BadUsage(f"The proof cannot be written: {error}.") from None
        self.stderr.write(f"Wrote {len(made)} bytes; check them with `./earnest verify --reserves {output}`.")


def _data(seal: int, size: int, at: str, sums: Accounts) -> dict[str, Any]:
    currencies = [{"currency": each, **_totals(sums[each]), **sums[each]} for each in sorted(sums)]
    return {"seal": seal, "size": size, "as_of": at, "currencies": currencies}


def _totals(groups: Any) -> dict[str, int]:
    held, owed = (sum(groups[group].values()) for group in ("held", "owed"))
    return {"held_minor": held, "owed_minor": owed, "difference_minor": held - owed}


def _table(data: dict[str, Any]) -> list[str]:
    lines = [f"Up to seal {data['seal']} of the log, {data['size']} leaves, {data['as_of']}", ""]
    for of in data["currencies"]:
        currency = of["currency"]
        for group in ("held", "owed", "more", "less"):
            lines.append(f"{_TITLES[group]:<34}{major(sum(of[group].values()), currency):>18} {currency}")
            lines += [f"  {name:<24}{major(minor, currency):>18}" for name, minor in of[group].items()]
        explained = of["held_minor"] - of["owed_minor"]
        lines += [f"{'held less owed: explained above':<34}{major(explained, currency):>18} {currency}", ""]
    if not data["currencies"]:
        lines.append("No money has moved yet.")
    if "note" in data:
        lines += [f"Statement {data['statement']}:", "", data["note"]]
    return lines
