"""What every command of ours shares: its exit codes, one sentence on standard error, and `--json`."""

import json
import sys
from argparse import SUPPRESS
from typing import Any, ClassVar, NoReturn

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.utils import OperationalError, ProgrammingError

from earnest.book.mode import NoBook
from earnest.cli import BAD_USAGE, DOES_NOT_HOLD, REFUSED
from earnest.core import refusals


class Failure(Exception):
    """Ends a command with one sentence and an exit code."""

    exit_code: ClassVar[int]


class DoesNotHold(Failure):
    """It can be read, and it does not hold: a check that found something, a case that disagrees."""

    exit_code = DOES_NOT_HOLD


class BadUsage(Failure):
    """The command was called wrongly, or a file cannot be read as its kind at all."""

    exit_code = BAD_USAGE


class Refused(Failure):
    """A rule of business says no."""

    exit_code = REFUSED


class Parser(CommandParser):
    """Says what is wrong with the arguments in one sentence, without the whole usage."""

    def error(self, message: str) -> NoReturn:
        if not self.called_from_command_line:
            super().error(message)
        self.exit(BAD_USAGE, f"{message[:1].upper()}{message[1:]}; see `{self.prog} --help`.\n")


class Command(BaseCommand):
    """Base of our commands. Write `handle`; raise DoesNotHold, BadUsage, Refused or a core Refusal to stop."""

    reports: ClassVar[bool] = False  # True gives the command a `--json` option, see `answer`
    requires_system_checks = ()

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        parser = Parser(
            prog=f"{prog_name} {subcommand}",
            description=self.help or None,
            called_from_command_line=getattr(self, "_called_from_command_line", False),
        )
        for option in ("--settings", "--pythonpath", "--verbosity"):
            parser.add_argument(option, help=SUPPRESS, default=1 if option == "--verbosity" else None)
        for option in ("--traceback", "--no-color", "--force-color", "--skip-checks"):
            parser.add_argument(option, action="store_true", help=SUPPRESS)
        if self.reports:
            parser.add_argument("--json", action="store_true", help="answer as one JSON object")
        self.add_arguments(parser)
        return parser

    def run_from_argv(self, argv: list[str]) -> None:
        """Run as the command line does. Raises SystemExit with the exit code unless all went as asked."""
        self._called_from_command_line = True
        options = vars(self.create_parser(argv[0], argv[1]).parse_args(argv[2:]))
        try:
            self.execute(**options)
        except (Failure, refusals.Refusal, CommandError, NoBook) as error:
            self._end(str(error), exit_code(error), options)
        except (OperationalError, ProgrammingError) as error:
            if settings.DEBUG or not is_missing_database(error):
                raise
            sentence = str(error).strip().splitlines()[0]
            self._end(
                f"The database cannot be used ({sentence}); has `./earnest migrate` run?", BAD_USAGE, options
            )

    def _end(self, sentence: str, code: int, options: dict[str, Any]) -> NoReturn:
        print(sentence, file=sys.stderr)
        if options.get("json"):
            print(json.dumps({"error": sentence}, ensure_ascii=False))
        sys.exit(code)

    def answer(self, options: dict[str, Any], data: dict[str, Any], text: str) -> None:
        """Report `data` if `--json` was asked, else `text`."""
        self.stdout.write(json.dumps(data, ensure_ascii=False, indent=2) if options.get("json") else text)


def exit_code(error: Exception) -> int:
    """The exit code that a failure ends a command with."""
    if isinstance(error, Failure):
        return error.exit_code
    if isinstance(error, refusals.Refused | refusals.Forbidden | NoBook):
        return REFUSED
    return BAD_USAGE


def is_missing_database(error: Exception) -> bool:
    """Whether the database is not there, or has no tables yet; any other error is a fault of ours and shows itself."""
    undefined_table = "42P01"  # PostgreSQL manual, appendix A
    return isinstance(error, OperationalError) or getattr(error.__cause__, "sqlstate", "") == undefined_table
