"""From a story's file to numbered acts in plain sentences. Only what the file opens is told.

A value that is not open is withheld, or erased by an act that the story itself has; the two are told apart.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Final

from django.utils.translation import gettext as _

from earnest.core import entries
from earnest.core.acts import ERASED, ERASURES, TYPES, Act
from earnest.core.instants import day, instant
from earnest.core.offer import Window
from earnest.core.offer import window as window_of
from earnest.post.words import window
from earnest.record import chain, disclosure
from earnest.web.console.words import ACTS, say
from earnest.web.portal.words import Withheld, said

#: What kind of thing an act is: for the eye, and for nothing else.
KINDS: Final = {
    "deposit": "money",
    "refund": "money",
    "invoice": "money",
    "promise": "promise",
    "mail": "mail",
    "cancellation": "end",
}


@dataclass(frozen=True)
class Told:
    """One act: its number from 1, when, who said it, the sentence, and what of it can be read and what not."""

    n: int
    at: datetime
    by: str
    kind: str
    sentence: str
    withheld: tuple[str, ...]
    erased: tuple[tuple[str, int], ...]
    sealed: bool
    open: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Promise:
    """A window as it was promised, and on which day."""

    on: date
    window: Window


@dataclass(frozen=True)
class Money:
    """What the maker held and owed after an act, in minor units of one currency."""

    at: datetime
    held_minor: int
    owed_minor: int
    back_minor: int


@dataclass(frozen=True)
class Narrative:
    """A whole story. `money` is empty, and `money_withheld` true, where entries are not open."""

    number: str
    origin: str
    acts: tuple[Told, ...]
    promises: tuple[Promise, ...]
    currency: str
    money: tuple[Money, ...]
    money_withheld: bool
    ended: datetime | None
    sealed: int

    @property
    def began(self) -> datetime:
        """When it began."""
        return self.acts[0].at

    @property
    def last(self) -> datetime:
        """When the last act was."""
        return self.acts[-1].at

    @property
    def waited(self) -> tuple[int, int]:
        """(years, months) from the reservation until it ended, or until its last act."""
        start, end = self.began, self.ended or self.last
        months = (end.year - start.year) * 12 + end.month - start.month - (end.day < start.day)
        return divmod(max(0, months), 12)


def narrative(story: bytes) -> Narrative:
    """Told in the language that is active. The story should have been verified: nothing is checked here."""
    file = json.loads(story)
    read = [_read(each) for each in (*file["acts"], *file.get("tail", ()))]
    erased = _erased(read)
    sealed = len(file["acts"]) if "seal" in file else 0
    money, currency, withheld = _money(read)
    acts = tuple(_told(act, hidden, erased, act.seq < sealed) for act, hidden in read)
    return Narrative(
        file["number"],
        file.get("origin", ""),
        acts,
        _promises(read),
        currency,
        money,
        withheld,
        _ended([act for act, _ in read]),
        sealed,
    )


def _read(written: Mapping[str, Any]) -> tuple[Act, tuple[str, ...]]:
    """An act with the values that are open, and the names of those that are not."""
    leaf = chain.read_leaf(written["leaf"].encode())
    fields = {name: disclosure.read_disclosure(line)[2] for name, line in written["open"].items()}
    act = Act(leaf.seq, instant(leaf.at), leaf.type, leaf.version, leaf.by, fields)
    return act, tuple(name for name in leaf.sd if name not in fields)


def _erased(read: list[tuple[Act, tuple[str, ...]]]) -> dict[tuple[int, str], int]:
    found: dict[tuple[int, str], int] = {}
    for act, _hidden in read:
        said = act.get("erased")
        if act.type in ERASURES and isinstance(said, dict):
            found |= {(int(seq), name): act.seq for seq, names in said.items() for name in names}  # type: ignore[attr-defined]
    return found


def _told(act: Act, hidden: tuple[str, ...], erased: Mapping[tuple[int, str], int], sealed: bool) -> Told:
    gone = tuple((name, erased[act.seq, name] + 1) for name in hidden if (act.seq, name) in erased)
    shut: dict[str, Any] = {name: ERASED if (act.seq, name) in erased else Withheld() for name in hidden}
    return Told(
        act.seq + 1,
        act.at,
        speaker(act.by),
        KINDS.get(act.type.split(".")[0], "other"),
        sentence(replace(act, fields={**act.fields, **shut})),
        tuple(name for name in hidden if (act.seq, name) not in erased),
        gone,
        sealed,
        tuple((name, plain(value)) for name, value in act.fields.items()),
    )


def plain(value: object) -> str:
    """A value as text: lists and maps without their brackets."""
    if isinstance(value, Mapping):
        return "; ".join(f"{name}: {plain(each)}" for name, each in value.items())
    if isinstance(value, list):
        return " · ".join(map(plain, value))
    return str(value)


def sentence(act: Act) -> str:
    """The whole sentence where all that it says is open; else what kind of act it was."""
    if (act.type, act.version) not in TYPES:
        return act.type
    try:
        if act.type in ("promise.slipped", "promise.made"):
            if act.get("until") is None:
                return _("There is no promised window any more, and no new one yet.")
            return _("The promised window moved to %(window)s.") % {"window": window(window_of(act))}
        told = said(act)
        return told if told != act.type else f"{say(ACTS, act.type)}."
    except (KeyError, TypeError, ValueError):
        return f"{say(ACTS, act.type)}."


def speaker(by: str) -> str:
    """Who said it."""
    return {
        "customer": _("the customer"),
        "maker": _("the maker"),
        "provider": _("the payment provider"),
        "bank": _("the bank"),
        "court": _("the court"),
        "system": _("the system"),
    }[by]


def _promises(read: list[tuple[Act, tuple[str, ...]]]) -> tuple[Promise, ...]:
    found = []
    for act, _hidden in read:
        if act.type not in ("reservation.placed", "promise.told"):
            continue
        start, end = act.get("from"), act.get("until")
        if isinstance(start, str) and isinstance(end, str):
            found.append(Promise(act.at.date(), Window(day(start), day(end))))
    return tuple(found)


def _money(read: list[tuple[Act, tuple[str, ...]]]) -> tuple[tuple[Money, ...], str, bool]:
    """Balances after each act that moved money; of the currency that came first."""
    steps: list[Money] = []
    currency, balances = "", {"deposit": 0, "refund": 0, "refund-in-transit": 0}
    back = 0
    for act, hidden in read:
        if "entries" in hidden:
            return (), "", True
        written = act.get("entries")
        for entry in entries.from_text(written) if isinstance(written, str) and written else ():
            currency = currency or entry.currency
            if entry.currency != currency:
                continue
            for account, change in ((entry.credit, entry.amount_minor), (entry.debit, -entry.amount_minor)):
                name = account.rsplit("/", 1)[-1]
                if name in balances:
                    balances[name] += change
            # What had been booked by mistake leaves our own books there, and nobody was paid.
            if entry.credit in ("card-clearing", "bank") and entry.debit != entries.UNMATCHED:
                back += entry.amount_minor
            elif entry.debit in ("card-clearing", "bank") and entry.credit.endswith("/refund"):
                back -= entry.amount_minor
            owed = balances["refund"] + balances["refund-in-transit"]
            steps.append(Money(act.at, balances["deposit"], owed, back))
    return tuple(steps), currency, False


def _ended(acts: list[Act]) -> datetime | None:
    """When the waiting was over: delivered, or the last money had gone back after the end."""
    for act in reversed(acts):
        if act.type in ("reservation.delivered", "refund.sent", "refund.arrived"):
            return act.at
    return None
