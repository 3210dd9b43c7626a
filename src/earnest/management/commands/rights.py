"""`./earnest rights check|explain|rate`: worked cases, the rights of one reservation, and entering a rate."""

from typing import Any

from django.core.management.base import CommandParser

from earnest.management.base import Command as Base
from earnest.management.rights import checking, explaining, rates


class Command(Base):
    help = "What the law gives: check worked cases, explain one reservation, enter a rate. Not legal advice."

    def add_arguments(self, parser: CommandParser) -> None:
        asked = parser.add_subparsers(dest="asked", required=True, metavar="check|explain|rate")
        for each in (checking, explaining, rates):
            each.add(asked)

    def handle(self, *args: Any, **options: Any) -> None:
        what = {"check": checking.run, "explain": explaining.run, "rate": rates.run}[options["asked"]]
        what(self, options)
