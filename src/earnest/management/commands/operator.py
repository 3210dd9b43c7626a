"""`./earnest operator add NAME`: a login to the console."""

import sys
from typing import Any, ClassVar

from earnest.management.base import BadUsage
from earnest.management.base import Command as Base
from earnest.web.console import operators


class Command(Base):
    help = (
        "Give an operator a login to the console. The password is printed once and must be changed at the "
        "first login, unless one is given on standard input."
    )
    reports: ClassVar[bool] = True

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("action", choices=["add", "password", "close"], help="what to do")
        parser.add_argument("name", metavar="NAME", help="the operator's login, as acts will name them")
        parser.add_argument("--email", default="", help="where the operator is written to")
        parser.add_argument("--stdin", action="store_true", help="read the password from standard input")

    def handle(self, *args: Any, **options: Any) -> None:
        name = options["name"]
        if options["action"] == "close":
            operators.close(name)
            self.answer(options, {"name": name, "closed": True}, f"{name} can no longer log in.")
            return
        given = _typed() if options["stdin"] else ""
        if options["action"] == "add":
            password = operators.add(name, options["email"], given)
        else:
            password = operators.renew(name, given)
        data = {"name": name, "password": None if given else password, "one_time": not given}
        text = f"{name} can log in." if given else f"{name} can log in once with: {password}"
        self.answer(options, data, text)


def _typed() -> str:
    password = sys.stdin.readline().rstrip("\r\n")
    if not password:
        raise BadUsage("There is no password on standard input.")
    return password
