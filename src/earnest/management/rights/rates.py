"""`./earnest rights rate add`: an operator enters a rate that a decree has set; `rate list` shows the tables."""

from typing import Any

from earnest.book import law, mode
from earnest.core.commands.enter_rate import EnterRate
from earnest.core.instants import day
from earnest.core.rights.cases import decimal
from earnest.management.acting import done, operator, told
from earnest.management.base import BadUsage, Command
from earnest.post import by_law

FR = "fr-legal-interest"


def add(asked: Any) -> None:
    """The arguments."""
    parser = asked.add_parser("rate", help="tables of rates: list them, or enter a rate with its source")
    whats = parser.add_subparsers(dest="what", required=True, metavar="add|list")
    new = whats.add_parser("add", help="enter a rate; the same days entered again are corrected")
    new.add_argument("--table", default=FR, help=f"default: {FR}")
    new.add_argument("--from", required=True, dest="since", metavar="DAY", help="first day, 2026-07-01")
    new.add_argument("--until", required=True, metavar="DAY", help="last day, 2026-12-31")
    new.add_argument(
        "--percent",
        action="append",
        required=True,
        metavar="CATEGORY=RATE",
        help="per cent a year for each category: --percent consumer=6.50 --percent other=2.40",
    )
    new.add_argument("--source", required=True, help="where it was read: the decree and its date")
    new.add_argument("--json", action="store_true", help="answer as one JSON object")
    all_ = whats.add_parser("list", help="every table with its periods")
    all_.add_argument("--json", action="store_true", help="answer as one JSON object")


def run(command: Command, options: dict[str, Any]) -> None:
    """Raises Refusal for days that have a rate already."""
    mode.current()
    if options["what"] == "list":
        _list(command, options)
        return
    try:
        since, until = day(options["since"]), day(options["until"])
    except ValueError:
        raise BadUsage("A day is written as 2026-07-01.") from None
    percent = tuple(tuple(each.split("=", 1)) for each in options["percent"])
    if any(len(each) != 2 for each in percent):
        raise BadUsage("A rate is written as CATEGORY=RATE, such as consumer=6.67.")
    entering = EnterRate(
        **operator(),
        rates=options["table"],
        since=since,
        until=until,
        percent=percent,
        source=options["source"],
    )
    data = done(entering)
    by_law.rate_entered(options["table"])
    command.answer(options, data, told(data))


def _list(command: Command, options: dict[str, Any]) -> None:
    tables = law.current().rates.values()
    data: dict[str, list[dict[str, Any]]] = {
        table.name: [
            {
                "since": each.since.isoformat(),
                "until": each.until.isoformat(),
                "percent": {name: decimal(value, 2) for name, value in each.percent.items()},
                "source": each.source,
            }
            for each in table.periods
        ]
        for table in tables
    }
    lines = []
    for name, periods in data.items():
        lines.append(name)
        for each in periods:
            percent = ", ".join(f"{category} {value} %" for category, value in each["percent"].items())
            lines.append(f"  {each['since']} to {each['until']}  {percent}  {each['source']}")
    command.answer(options, data, "\n".join(lines))
