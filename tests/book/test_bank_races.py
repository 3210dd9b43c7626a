"""One credit, two at a time: two operators, and two imports. Shown with the guard off, then stopped."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import IntegrityError, connection

from earnest.book import credits, door, ledger, models, rebuild
from earnest.core import entries
from earnest.core.bank_entry import BankEntry
from earnest.core.commands.base import Claim
from earnest.core.commands.book_entry import BookStatement, KeepUnmatched, ReceiveEntry, Statement
from earnest.core.commands.settle_credit import AssignCredit, ReturnCredit
from earnest.rails import handlers as handlers
from tests import scene
from tests.book.test_group_commit import together
from tests.book.test_races import KEPT_AWAY_SECONDS, bare_door, lock_off, meet, own_door
from tests.scene import place

ACCOUNT = "370400440532013000"
BANK: dict[str, Any] = {"by": "bank", "via": "statement", "person": "operator:ana"}


@pytest.fixture
def credit(real_database: str) -> Iterator[int]:
    """A credit of 5,000.00 EUR that named nobody, in a database where commits are commits."""
    scene.begin()
    door.do_one(
        BookStatement(**BANK, account=ACCOUNT, statement=Statement("0" * 64, 1, "camt.053", "S", "A", 1, 0))
    )
    kept = door.do_one(KeepUnmatched(**BANK, account=ACCOUNT, entry=entry("first")))
    assert isinstance(kept, door.Done)
    yield kept.acts[-1].seq
    scene.finish()


def entry(*digests: str) -> BankEntry:
    return BankEntry(digests, digests, 500_000, "EUR", scene.START)


def held(account: str) -> int:
    return ledger.balances().get((account, "EUR"), 0)


def assign(credit: int, number: str, who: dict[str, Any]) -> AssignCredit:
    return AssignCredit(**who, account=ACCOUNT, credit=credit, shares=((number, 500_000),), why="Asked.")


def two() -> list[str]:
    """Two reservations."""
    return [place(), place(name="Ben Okafor")]


def assigned() -> int:
    """How often a credit was assigned."""
    return models.Act.objects.filter(type="credit.assigned").count()


def two_operators(credit: int, numbers: list[str], ask: Any) -> list[Any]:
    """Ana and Ben assign the same credit to different reservations at one moment; what each met."""
    who = (scene.MAKER, scene.OTHER)
    return together(lambda n: ask(assign(credit, numbers[n], who[n])), 2)


def test_without_its_claim_one_credit_is_assigned_twice(credit: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(AssignCredit, "ends", lambda self: Claim("credit", f"{self.person}/{self.credit}"))
    answers = two_operators(credit, two(), own_door)
    assert [type(answer) for answer in answers] == [door.Done, door.Done]
    # Two people were told that it is done, and the record says of one credit that it is two reservations'.
    assert assigned() == 2


def test_one_operator_assigns_it_and_the_other_is_told(credit: int) -> None:
    answers = two_operators(credit, two(), own_door)
    assert sorted(getattr(answer, "code", "done") for answer in answers) == ["credit-settled", "done"]
    assert assigned() == 1
    scene.work()
    assert held(entries.UNMATCHED) == 0
    assert credits.count() == 0 and list(rebuild.differences()) == []


def test_with_the_lock_off_the_other_still_writes_nothing(
    credit: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = two()
    lock_off(monkeypatch)
    meet(monkeypatch)
    answers = two_operators(credit, numbers, bare_door)
    assert sorted(isinstance(answer, IntegrityError) for answer in answers) == [False, True]
    monkeypatch.undo()
    scene.work()
    assert held(entries.UNMATCHED) == 0


def test_one_assigns_it_while_another_sends_it_back(credit: int) -> None:
    number = place()
    back = ReturnCredit(**scene.OTHER, account=ACCOUNT, credit=credit, why="A stranger's.")
    wishes = (assign(credit, number, scene.MAKER), back)
    answers = together(lambda n: own_door(wishes[n]), 2)
    assert sorted(getattr(answer, "code", "done") for answer in answers) == ["credit-settled", "done"]


# Two imports of one entry, in two formats: the one names a reservation, the other has lost it on its way.


def two_imports(number: str) -> list[Any]:
    """What each met; the second knows the entry by a digest that the first did not keep, and asks for the first's."""
    full = BankEntry(("a", "a-with-b"), ("a", "b"), 500_000, "EUR", scene.START)
    bare = BankEntry(("b",), ("b", "a-with-b"), 500_000, "EUR", scene.START)
    wishes = (
        ReceiveEntry(**BANK, number=number, account=ACCOUNT, entry=full),
        KeepUnmatched(**BANK, account=ACCOUNT, entry=bare),
    )
    return together(lambda n: bare_door(wishes[n]), 2)


def test_without_the_lock_on_the_account_one_entry_is_booked_twice(
    credit: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = place()
    lock_off(monkeypatch)
    meet(monkeypatch)
    two_imports(number)
    assert held(entries.BANK) == 1_500_000


def test_entries_of_an_account_come_one_after_another(credit: int, monkeypatch: pytest.MonkeyPatch) -> None:
    number = place()
    met = meet(monkeypatch, KEPT_AWAY_SECONDS)
    two_imports(number)
    # Broken: the one that had read waited in vain, for the other was not let in to read.
    assert met.broken
    assert held(entries.BANK) == 1_000_000


def test_the_lock_is_that_of_the_account(credit: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """On PostgreSQL the reservation's own lock is not enough; SQLite lets in one writer at a time."""
    number = place()
    monkeypatch.setattr(ReceiveEntry, "beside", lambda self: ())
    if connection.vendor == "sqlite":
        met = meet(monkeypatch, KEPT_AWAY_SECONDS)
        two_imports(number)
        assert met.broken and held(entries.BANK) == 1_000_000
    else:
        meet(monkeypatch)
        two_imports(number)
        assert held(entries.BANK) == 1_500_000
