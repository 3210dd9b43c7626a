"""The command line: `./earnest COMMAND`. One table of commands, and the way to each."""

import importlib
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec

PROGRAM = "./earnest"
COMMANDS_PACKAGE = "earnest.management.commands"

OK, DOES_NOT_HOLD, BAD_USAGE, REFUSED, INTERRUPTED = 0, 1, 2, 3, 130


@dataclass(frozen=True)
class Row:
    """One line of `./earnest help`. `runs` names a `module:function(arguments) -> exit code` that needs no Django;
    without it the command is `earnest/management/commands/NAME.py`."""

    group: str
    name: str
    meaning: str
    runs: str = ""


COMMANDS = (
    Row("Serve", "up", "serve everything in one process; loads the demonstration where no book is"),
    Row("Serve", "open", "open a book of your own: test or live, for ever", "earnest.opening:main"),
    Row("Serve", "demo", "load the demonstration if it is not there"),
    Row("Serve", "migrate", "bring the database's tables up to date", "earnest.cli:django_command"),
    Row("Serve", "worker", "do what is due: mails, refunds, reminders"),
    Row("Serve", "seal", "take what was committed into the log and sign for all of it"),
    Row("Serve", "operator", "give somebody a login to the console"),
    Row(
        "Look",
        "settings",
        "every setting, its value in force, and what it means",
        "earnest.show_settings:main",
    ),
    Row("Money", "place", "reserve for somebody"),
    Row("Money", "receive", "record a transfer that arrived"),
    Row("Money", "correct", "a transfer was booked wrongly: take it back and book it right"),
    Row("Money", "slip", "move the promised window; every holder is told"),
    Row("Money", "cancel", "record that a holder cancels"),
    Row("Money", "giveup", "give up an offer: every deposit of it goes back"),
    Row("Money", "convert", "make a reservation a sale"),
    Row("Money", "deliver", "record that it was handed over"),
    Row("Money", "bank", "read a bank's files, or book them; pay refunds by transfer, in one file"),
    Row("Money", "refunds", "what is owed back, by the time left"),
    Row("Money", "heirs", "a holder has died: what waits, who follows, by two operators"),
    Row("Money", "disputes", "what banks ask about payments, by when; handing in the story"),
    Row("Money", "stripe", "Stripe's own account against our ledger, to the cent"),
    Row("Money", "ledger", "trial balance, or the rows of an account"),
    Row("Money", "reserves", "what is owed to customers against what is held, and the statement of it"),
    Row("Money", "letter", "write a letter with its articles: formal notice, delay, refund demand"),
    Row("Money", "rights", "what the law gives: check worked cases, explain a reservation, enter a rate"),
    Row("Money", "invoices", "deposit invoices, invoices and credit notes: to list, to write, to issue"),
    Row("Money", "export", "the books for an accountant: FEC, beancount, hledger, CSV, XLSX"),
    Row("Look", "check", "ask the book everything that must hold"),
    Row("Look", "rebuild", "fold all acts again and compare"),
    Row("Record", "story", "write the whole story of a reservation as a file"),
    Row("People", "erase", "destroy the key of one class of somebody's data, for ever"),
    Row(
        "Record", "verify", "check a story file offline: was any act left out?", "earnest.record.verify:main"
    ),
    Row("People", "person", "everything about one person, in one archive"),
    Row("People", "restrict", "keep a person's data as it is while something is disputed"),
    Row("People", "retention", "erase what is over its term, or say what would go"),
    Row("Record", "record", "where the log stands; a new key, another maker, lost acts from a mirror"),
    Row("Record", "witness", "sign beside others' logs that they only grow", "earnest.witness.command:main"),
    Row(
        "Record", "audit", "replay a log, every act of it, and sign what holds", "earnest.audit.command:main"
    ),
    Row(
        "Develop",
        "simulate",
        "years of random business against a naive model",
        "earnest.simulate.command:main",
    ),
    Row(
        "Develop", "bench", "measure what record and money cost in a large book", "earnest.bench.command:main"
    ),
    Row(
        "Develop",
        "stripe-double",
        "stand in for Stripe, in a process of its own",
        "earnest.stripe_double.__main__:main",
    ),
    Row("Develop", "test", "run every test, on SQLite and on PostgreSQL", "earnest.testing.run:main"),
    Row("Develop", "lint", "check style, types and the order of the floors", "earnest.testing.lint:main"),
    Row("Develop", "django", "Django's own commands: makemigrations, shell, …", "earnest.cli:django_command"),
    Row("Develop", "help", "this screen; `COMMAND --help` tells more", "earnest.cli:print_help"),
)


def main(arguments: Sequence[str]) -> int:
    """Run one command; the exit code is 0 as asked, 1 does not hold, 2 bad usage, 3 refused, 130 interrupted."""
    name, rest = (arguments[0], list(arguments[1:])) if arguments else ("up", [])
    name = "help" if name in ("-h", "--help") else name
    try:
        code = _run(name, rest)
        sys.stdout.flush()  # here, where an error can be caught
        return code
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has gone (`| head`); Python would complain once more while it exits.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return OK


def _run(name: str, rest: list[str]) -> int:
    row = next((row for row in COMMANDS if row.name == name), None)
    if row and row.runs:
        module, function = row.runs.split(":")
        given = [name, *rest] if function == "django_command" else rest
        run: Callable[[list[str]], int] = getattr(importlib.import_module(module), function)
        return run(given)
    module = f"{COMMANDS_PACKAGE}.{name.replace('-', '_')}"
    if not name.replace("-", "").isalpha() or find_spec(module) is None:
        print(f"There is no command {name!r}; `{PROGRAM} help` lists them all.", file=sys.stderr)
        return BAD_USAGE
    return own_command(name.replace("-", "_"), [PROGRAM, name, *rest])


def own_command(name: str, argv: list[str]) -> int:
    """Run one of our Django commands by the name of its file."""

    def run() -> int:
        importlib.import_module(f"{COMMANDS_PACKAGE}.{name}").Command().run_from_argv(argv)
        return OK

    return _with_django(run)


def django_command(arguments: list[str]) -> int:
    """`migrate …`, or `django COMMAND …`: a command that Django brings."""
    from django.core.management import execute_from_command_line

    rest = arguments[1:] if arguments[0] == "django" else arguments

    def run() -> int:
        execute_from_command_line([PROGRAM, *rest])
        return OK

    return _with_django(run)


def _with_django(run: Callable[[], int]) -> int:
    """Start Django on our settings; a setting that cannot be used ends it with one sentence."""
    from earnest.config import BadSetting

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "earnest.settings")
    try:
        import django

        django.setup()
    except BadSetting as error:
        print(error, file=sys.stderr)
        return BAD_USAGE
    except OSError as error:
        print(f"The data folder cannot be used: {error}.", file=sys.stderr)
        return BAD_USAGE
    try:
        return run()
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else BAD_USAGE if stop.code else OK


def print_help(arguments: list[str]) -> int:
    """Every command on one screen."""
    lines = [f"Usage: {PROGRAM} [COMMAND] [OPTIONS]   without a command: up", ""]
    for group in dict.fromkeys(row.group for row in COMMANDS):
        rows = [row for row in COMMANDS if row.group == group]
        lines += [f"{'' if n else group:<8}{row.name:<14}{row.meaning}" for n, row in enumerate(rows)]
    lines += [
        "",
        "Exit codes: 0 as asked, 1 it does not hold, 2 bad usage or unreadable, 3 refused by a rule.",
    ]
    print("\n".join(lines))
    return OK
