"""The subjects that are no reservation and no offer: who has the book, which keys sign for it, how its queues stand.

The subjects `bank/NAME` (an account of ours), `provider/NAME` and `order/NUMBER` (a payment order, which
`payment_order` folds) leave nothing here but how many acts they have: what they did stands in the entries, and what was
taken already in the claims. So they are never folded from the start. Nor is `reserves/book`, on which statements of
reserves are made: each stands for itself. Nor `withdrawal/NUMBER`, which is one statement and what came of it.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from earnest.core.acts import TYPES, Act
from earnest.core.changing import replace
from earnest.core.instants import day

#: Kinds of subject of which only the length is known.
LONG: Final = ("bank", "provider", "order", "reserves", "withdrawal")


@dataclass(frozen=True)
class EnteredRate:
    """A rate that an operator entered by act `seq`: days of a table, per cent a year by category, and its source."""

    seq: int
    rates: str
    since: date
    until: date
    percent: tuple[tuple[str, str], ...]
    source: str


@dataclass(frozen=True)
class Register:
    """What those acts left: mode and origin, keys by role, the maker's name where it changed, a queue's tally, and the
    rates that operators entered."""

    n: int = 0
    mode: str = ""
    origin: str = ""
    maker: str = ""
    keys: tuple[tuple[str, str], ...] = ()
    retired: tuple[tuple[str, str], ...] = ()
    tally: tuple[int, int, str] = (0, 0, "")
    rates: tuple[EnteredRate, ...] = ()

    def key(self, role: str) -> str:
        """The newest verifier key of a role that is not retired, or nothing."""
        living = [vkey for of, vkey in self.keys if of == role and (of, vkey) not in self.retired]
        return living[-1] if living else ""


def fold(register: Register | None, act: Act) -> Register:
    """The register after one more act. Raises ValueError for an act that has no place here."""
    register = replace(register or Register(), n=(register.n if register else 0) + 1)
    match act.type:
        case "book.opened":
            if register.mode:
                raise ValueError("a book is opened once, test or live, for ever")
            return replace(register, mode=act.text("mode"), origin=act.text("origin"))
        case "book.succeeded":
            return replace(register, maker=act.text("name"))
        case "keys.introduced":
            return replace(register, keys=(*register.keys, (act.text("role"), act.text("vkey"))))
        case "keys.retired":
            return replace(register, retired=(*register.retired, (act.text("role"), act.text("vkey"))))
        case "queue.tallied":
            return replace(register, tally=(act.int("given"), act.int("living"), act.text("root")))
        case "law.rate_entered":
            kept = tuple(each for each in register.rates if each.seq != act.get("corrects"))
            return replace(register, rates=(*kept, _rate(act)))
        case _ if TYPES[act.type, act.version].subject in LONG:
            return register
        case _:
            raise ValueError(f"{act.type} is no act of the book")


def _rate(act: Act) -> EnteredRate:
    rows: Any = act.fields["percent"]
    percent = tuple((str(row["category"]), str(row["percent"])) for row in rows)
    since, until = day(act.text("first_day")), day(act.text("last_day"))
    return EnteredRate(act.seq, act.text("rates"), since, until, percent, act.text("reference"))
