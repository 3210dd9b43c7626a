"""`./earnest heirs`: a holder has died, or somebody follows by law; what waits, and what two operators say of it."""

from typing import Any

from django.core.management.base import CommandParser

from earnest.book import heirs, reads
from earnest.book.heirs import Waiting
from earnest.core.commands.base import Command as Wish
from earnest.core.commands.heirs import (
    PROOFS,
    RIGHTS,
    TELLERS,
    ConfirmSuccessor,
    CorrectDeath,
    NameSuccessor,
    RecordDeath,
)
from earnest.core.instants import text
from earnest.core.people import LANGUAGES
from earnest.management.acting import amount, done, operator, told
from earnest.management.base import Command as Base


class Command(Base):
    help = (
        "Where a holder has died nothing is paid before the heirs are known. One operator names who follows and what "
        "was seen of it, another confirms; a wrong report is corrected."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        whats = parser.add_subparsers(dest="what", required=True, metavar="list|died|lives|name|confirm")
        whats.add_parser("list", help="what waits for heirs or for a second operator, the oldest first")
        died = whats.add_parser("died", help="the holder has died: nothing is paid or asked from now on")
        died.add_argument("number", help="the reservation's number")
        died.add_argument("--told-by", required=True, choices=TELLERS, help="who says so")
        died.add_argument("--why", required=True, help="what they said, and what you saw")
        lives = whats.add_parser("lives", help="the report was wrong: what was held goes on")
        lives.add_argument("number", help="the reservation's number")
        lives.add_argument("--why", required=True, help="how you know")
        _name(whats.add_parser("name", help="who follows, as you have seen it proved; nothing changes yet"))
        confirm = whats.add_parser("confirm", help="another operator has seen the same papers: it is theirs")
        confirm.add_argument("number", help="the reservation's number")
        confirm.add_argument(
            "--act",
            type=int,
            required=True,
            metavar="N",
            help="the act that names them, as `list` and `name` say it",
        )

        for each in whats.choices.values():
            each.add_argument("--json", action="store_true", help="answer as one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["what"] == "list":
            found = heirs.waiting()
            lines = "\n".join(_line(each) for each in found)
            self.answer(
                options, {"waiting": [_row(each) for each in found]}, lines or "Nothing waits for heirs."
            )
            return
        data = done(_wish(options, reads.reservation(options["number"]).number))
        state = reads.reservation(data["number"])
        data["holder"] = state.holder + 1
        data["named"] = state.successor.seq + 1 if state.successor else None
        hint = ""
        if options["what"] == "name":
            hint = (
                f"\n\nAnother operator confirms: ./earnest heirs confirm {state.number} --act {data['named']}"
            )
        self.answer(options, data, told(data) + hint)


def _name(parser: CommandParser) -> None:
    parser.add_argument("number", help="the reservation's number")
    parser.add_argument("--right", required=True, choices=RIGHTS, help="by what right they follow")
    parser.add_argument("--proof", required=True, choices=PROOFS, help="what kind of proof you saw")
    parser.add_argument(
        "--seen", required=True, help="what it says: who made it, when, its number, whom it names"
    )
    parser.add_argument("--name", required=True, help="who follows")
    parser.add_argument("--email", required=True, help="their address: all links go there")
    parser.add_argument(
        "--residence", required=True, metavar="CC", help="country where they live, such as FR"
    )
    parser.add_argument("--language", required=True, choices=LANGUAGES, help="of the mails to them")
    parser.add_argument("--company", action="store_true", help="it is a company")
    parser.add_argument("--vat-number", default="", help="of a company")


def _wish(options: dict[str, Any], number: str) -> Wish:
    who = operator() | {"number": number}
    if options["what"] == "died":
        return RecordDeath(**who, told_by=options["told_by"], why=options["why"])
    if options["what"] == "lives":
        return CorrectDeath(**who, why=options["why"])
    if options["what"] == "confirm":
        return ConfirmSuccessor(**who, named=options["act"] - 1)
    given = {
        name: options[name] for name in ("right", "proof", "seen", "name", "email", "language", "vat_number")
    }
    residence = options["residence"].upper()
    return NameSuccessor(**who, **given, residence=residence, consumer=not options["company"])


def _row(each: Waiting) -> dict[str, Any]:
    state = each.state
    return {
        "number": state.number,
        "since": text(each.since),
        "died": state.died is not None,
        "told_by": state.died.told_by if state.died else None,
        "named": state.successor.seq + 1 if state.successor else None,
        "named_by": state.successor.person if state.successor else None,
        "deposits": state.deposits(),
        "owed": state.owed_back(),
    }


def _line(each: Waiting) -> str:
    state = each.state
    money = [f"{amount(minor, currency)} paid" for currency, minor in state.deposits().items()]
    money += [f"{amount(minor, currency)} owed back" for currency, minor in state.owed_back().items()]
    todo = f"confirm act {state.successor.seq + 1}" if state.successor else "find the heirs"
    return f"{state.number}  since {each.since:%Y-%m-%d}  {', '.join(money) or 'no money':<40}  {todo}"
