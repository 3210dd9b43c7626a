"""What stands on a clearing account longer than its term: an alarm, and whose it is.

Where the acts say which item a row is of (a reservation's refund or dispute, a payout, a credit on our account at a
bank), each item is looked at by itself, so that one that is stuck is seen behind a steady flow. Money that goes from
one item to a reservation is named by what the reservation has taken (`TAKEN`, `REBOOKED`). Card money has no items,
because a payout takes out of the whole: there what came in first goes out first, and no more than the sums of days is
needed to know what has stood longer than the term.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple

from django.db import connection

from earnest.book import chapters, keys, ledger, mode, models, reads, rows, sql
from earnest.book.ledger import Span
from earnest.core.acts import Act
from earnest.core.commands.base import Ref
from earnest.core.commands.correct_deposit import REBOOKED
from earnest.core.commands.settle_credit import SHARE, TAKEN
from earnest.core.entries import CHART, DEBIT, DISPUTES, IN_TRANSIT, PAYOUTS, UNMATCHED
from earnest.core.operator import LONG

#: Accounts whose rows are of items.
ITEMISED: Final = (PAYOUTS, UNMATCHED, IN_TRANSIT, DISPUTES)
#: Of these, all that leaves says what it takes from, so none is ever below zero.
EXACT: Final = (UNMATCHED, IN_TRANSIT, DISPUTES)
_LAST: Final = datetime.max.replace(tzinfo=UTC)


class Overdue(NamedTuple):
    """`amount_minor` of `currency` has stood on a clearing account for more than `days`; `owner` sees to it.

    `item` says of what it is: a reservation's number, a payout's name, a credit's place on our account; "" for no item.
    """

    account: str
    currency: str
    amount_minor: int
    days: int
    owner: str
    item: str = ""


@dataclass
class _Item:
    """One item in one currency, on the side on which its account grows: all of it, and what came within the term."""

    name: str
    currency: str
    since: datetime
    minor: int = 0
    new_minor: int = 0

    @property
    def late_minor(self) -> int:
        """What has stood longer."""
        return max(0, self.minor - self.new_minor)


def overdue(now: datetime) -> list[Overdue]:
    """Every clearing account with something on it that should have left: by currency, then as the chart has them."""
    found = []
    for name, account in CHART.items():
        if not account.clears_in_days:
            continue
        since = now - timedelta(days=account.clears_in_days)
        late = _items(name, since) if name in ITEMISED else _whole(name, since)
        found += [
            Overdue(name, each.currency, each.late_minor, account.clears_in_days, account.owner, each.name)
            for each in late
            if each.late_minor
        ]
    order = list(CHART)
    return sorted(found, key=lambda each: (each.currency, order.index(each.account), each.item))


def _whole(name: str, since: datetime) -> Iterator[_Item]:
    """The account as one item: first in, first out, by days."""
    side = CHART[name].side
    for line in ledger.trial(Span(since=since.date())):
        if line.account == name:
            came_in = line.debit_minor if side == DEBIT else line.credit_minor
            yield _Item("", line.currency, since, line.balance_minor, came_in)


def below_zero(name: str) -> list[tuple[str, str, int]]:
    """(item, currency, minor units) of those that more has left than came. There is none, where acts name what they
    take from."""
    return [(each.name, each.currency, each.minor) for each in _named(name) if each.minor < 0]


def _items(name: str, since: datetime) -> list[_Item]:
    """What stands on an account, item by item.

    What left and named none is taken from an item of that very sum, else from what has stood longest.
    """
    found = _named(name, since)
    for exactly in (True, False):
        for gone in [each for each in found if each.minor < 0]:
            others = [each for each in found if each.currency == gone.currency and each.minor > 0]
            taken = [each for each in others if each.minor == -gone.minor] if exactly else others
            if taken:
                _spread(-gone.minor, taken)
                gone.minor = 0
    return [each for each in found if each.minor > 0]


def _named(name: str, since: datetime = _LAST) -> list[_Item]:
    """Every item that acts name, also those of which more left than came."""
    found: dict[tuple[str, str], _Item] = {}
    for item in (*_of_reservations(name, since), *_of_others(name, since)):
        _add(found, item)
    if name == UNMATCHED:
        for item in [*_shares(dict(found.keys())), *_rebooked()]:
            _add(found, item)
    return [each for each in found.values() if each.minor]


def _add(found: dict[tuple[str, str], _Item], item: _Item) -> None:
    there = found.setdefault((item.name, item.currency), item)
    if there is not item:
        there.since = min(there.since, item.since)
        there.minor += item.minor
        there.new_minor += item.new_minor


def _shares(currencies: Mapping[str, str]) -> Iterator[_Item]:
    """Parts of credits that have reached their reservations; a credit's name -> its currency."""
    said = models.Claim.objects.filter(rail__in=(SHARE, TAKEN)).values_list("rail", "reference")
    taken = {reference for rail, reference in said if rail == TAKEN}
    for rail, reference in said:
        if rail != SHARE:
            continue
        account, credit, n, number, minor = reference.rsplit("/", 4)
        item = f"{account}/{credit}"
        if f"{item}/{n}" in taken:
            yield from _from_to(item, number, int(minor), currencies[item])


def _rebooked() -> Iterator[_Item]:
    """What was corrected of one reservation and has reached another."""
    done = models.Claim.objects.filter(rail=REBOOKED).values_list("reference", "subject__number")
    for reference, number in done:
        was, seq = reference.rsplit("/", 1)
        key = chapters.key_of(mode.origin(), Ref("reservation", was))
        act = reads.acts_at(key, rows.ring(key, keys.current().unwrap), [int(seq)])[int(seq)]
        yield from _from_to(was, number, act.int("right_minor"), act.text("currency"))


def _from_to(item: str, number: str, minor: int, currency: str) -> Iterator[_Item]:
    """A reservation's row on the account is of another item."""
    yield _Item(item, currency, _LAST, -minor)
    yield _Item(number, currency, _LAST, minor)


def _spread(gone: int, found: Iterable[_Item]) -> None:
    for item in sorted((each for each in found if each.minor > 0), key=lambda each: each.since):
        part = min(gone, item.minor)
        item.minor -= part
        gone -= part


def _of_reservations(name: str, since: datetime) -> Iterator[_Item]:
    """A reservation is an item."""
    in_, out = _sides(name)
    statement = (
        f"SELECT s.number, e.currency, SUM(CASE WHEN e.{in_} = %s THEN e.amount_minor ELSE -e.amount_minor END), "  # noqa: S608
        f"SUM(CASE WHEN e.{in_} = %s AND a.at >= %s THEN e.amount_minor ELSE 0 END), MIN(a.at) "
        "FROM entry e JOIN act a ON a.id = e.act_id JOIN subject s ON s.key = a.subject_id "
        f"WHERE (e.{in_} = %s OR e.{out} = %s) AND s.kind NOT IN %s GROUP BY s.number, e.currency "
        f"HAVING SUM(CASE WHEN e.{in_} = %s THEN e.amount_minor ELSE -e.amount_minor END) <> 0"
    )
    at = models.Act._meta.get_field("at").get_db_prep_value(since, connection)
    for number, currency, minor, new_minor, first in sql.rows(
        statement, name, name, at, name, name, list(LONG), name
    ):
        yield _Item(number, currency, sql.moment(first), int(minor), int(new_minor))


def _of_others(name: str, since: datetime) -> Iterator[_Item]:
    """Acts of the long subjects say of what they are; there are as many as there were payouts and credits."""
    in_, out = _sides(name)
    moves = (
        f"SELECT a.id, e.currency, CASE WHEN e.{in_} = %s THEN e.amount_minor ELSE -e.amount_minor END "  # noqa: S608
        "FROM entry e JOIN act a ON a.id = e.act_id JOIN subject s ON s.key = a.subject_id "
        f"WHERE (e.{in_} = %s OR e.{out} = %s) AND s.kind IN %s"
    )
    moved = sql.rows(moves, name, name, name, list(LONG))
    said = _opened([act for act, _, _ in moved])
    for act_id, currency, minor in moved:
        number, act = said[act_id]
        new = minor if minor > 0 and act.at >= since else 0
        yield _Item(_name(number, act, name), currency, act.at, minor, new)


def _name(number: str, act: Act, account: str) -> str:
    payout, credit = act.get("payout"), act.get("credit")
    if isinstance(payout, str):
        return payout
    if account == IN_TRANSIT and isinstance(act.get("again"), int):
        # Not sent back after all: one credit leaves the transit, and is there again as another.
        credit = act.get("again")
    return f"{number}/{credit if isinstance(credit, int) else act.seq}"


def _opened(ids: Sequence[int]) -> dict[int, tuple[str, Act]]:
    """Id -> (the subject's number, the act with what bookkeeping law keeps of it)."""
    found, secrets = {}, dict[bytes, Any]()
    statement = (
        "SELECT a.id, a.subject_id, s.number, a.seq, a.leaf, o.sealed FROM act a "
        "JOIN subject s ON s.key = a.subject_id JOIN act_open o ON o.act_id = a.id AND o.cls = 'money' "
        "WHERE a.id IN %s"
    )
    for start in range(0, len(ids), 1000):
        for id, raw, number, seq, leaf, sealed in sql.rows(statement, list(ids[start : start + 1000])):
            key = bytes(raw)
            if key not in secrets:
                secrets |= rows.load_keys([key], keys.current().unwrap)
            lines = chapters.open_lines(secrets[key], "money", key, seq, bytes(sealed))
            found[id] = (number, chapters.read_back(bytes(leaf), lines))
    return found


def _sides(name: str) -> tuple[str, str]:
    """(the column in which the account grows, the other)."""
    return ("debit", "credit") if CHART[name].side == DEBIT else ("credit", "debit")
