"""The statement of reserves: equal to the ledger at its checkpoint to the cent, and everybody in it can prove it."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from earnest.book import check, clock, door, holdings, keys, ledger, log, models, reserves, sealing, sumfile
from earnest.core.acts import ERASED
from earnest.core.commands.provider_movement import BookMovement, Movement
from earnest.core.commands.refund import RequestRefund
from earnest.core.entries import HELD, OWED
from earnest.core.refusals import Refused
from earnest.record import sumtree
from earnest.record.canonical import strict_json
from earnest.record.report_reserves import ReservesReport
from earnest.record.verify_reserves import verify_reserves
from tests import scene
from tests.scene import MAKER, account, cancel, offer, pay, place, work

book = scene.book

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Path) -> Path:
    """A data folder of its own."""
    settings.EARNEST = replace(settings.EARNEST, data=tmp_path)
    return tmp_path / "reserves"


def seal(manual: clock.ManualClock) -> log.Point:
    return sealing.seal(sealing.acquire("here", manual.now()), manual.now())


def movement(kind: str, minor: int, **more: Any) -> None:
    """A line of the provider's account."""
    said = Movement(kind, f"txn-{kind}-{minor}", minor, "EUR", clock.now(), **more)
    door.do_one(BookMovement(by="provider", via="stripe", provider="stripe", movement=said))


def business(manual: clock.ManualClock) -> list[str]:
    """Deposits, refunds in every stage, a fee, a payout, another currency; the numbers."""
    offer("ship", currency="USD")
    numbers = [place(name=f"Person{n} Ode") for n in range(4)]
    for number in numbers:
        pay(number)
    pay(numbers[1], 4_500_000, "transfer")
    pay(numbers[2], 7, "transfer", "too much")
    account(numbers[2])
    cancel(numbers[2])
    cancel(numbers[3])
    movement("fee", 123)
    movement("payout", 400_000, what="po-1")
    manual.advance(timedelta(hours=2))
    work()
    return numbers


def checked(number: str, **given: Any) -> ReservesReport:
    """What the verifier says of the newest statement's proof."""
    made = reserves.proof(number, reserves.stated()[0])
    assert made is not None
    return verify_reserves(made, clock.now(), **given)


def test_what_is_stated_is_the_trial_balance_at_the_checkpoint_to_the_cent(book: clock.ManualClock) -> None:
    business(book)
    seal(book)
    made = reserves.state(MAKER).statement
    balances = ledger.balances()
    assert {
        (account, currency): minor
        for currency, groups in made.sums.items()
        for accounts in groups.values()
        for account, minor in accounts.items()
    } == balances
    for currency in made.currencies:
        assert made.unexplained(currency) == 0
        assert made.total(currency, "owed") == sum(balances.get((each, currency), 0) for each in OWED)
        assert made.total(currency, "held") == sum(balances.get((each, currency), 0) for each in HELD)
    # What it is made of is not all on one account.
    assert sum(1 for (_, _), minor in balances.items() if minor) >= 5


def test_each_part_adds_up_to_what_is_owed_and_proves_itself(book: clock.ManualClock) -> None:
    numbers = business(book)
    seal(book)
    made = reserves.state(MAKER).statement
    total = dict.fromkeys(made.currencies, 0)
    for number in numbers:
        report = checked(number)
        assert report.ok, report.errors
        state = scene.state(number)
        holds = state.deposits().get("EUR", 0) + state.owed_back().get("EUR", 0)
        in_transit = report.yours["EUR"] - holds
        assert in_transit >= 0
        for currency, minor in report.yours.items():
            total[currency] += minor
    assert total == {currency: made.total(currency, "owed") for currency in made.currencies}


def test_a_refund_on_its_way_is_still_owed(book: clock.ManualClock) -> None:
    """Until it is known to have left, the holder is counted."""
    number = place()
    pay(number, 500_000, "transfer")
    account(number)
    cancel(number)
    book.advance(timedelta(days=3))
    work()
    door.do_one(RequestRefund(**MAKER, number=number, refund=scene.state(number).refunds[0].n))
    assert ledger.balances()["refund-in-transit", "EUR"] == 500_000
    seal(book)
    made = reserves.state(MAKER).statement
    assert made.sums["EUR"]["owed"] == {"deposit": 0, "refund": 0, "refund-in-transit": 500_000}
    assert checked(number).yours == {"EUR": 500_000}


def test_only_what_the_log_holds_is_counted(book: clock.ManualClock) -> None:
    number = place()
    pay(number)
    seal(book)
    at_seal = holdings.up_to(0).balances
    pay(number, 4_500_000, "transfer")
    assert reserves.state(MAKER).statement.total("EUR", "owed") == 500_000
    assert holdings.up_to(0).balances == at_seal
    seal(book)
    assert reserves.state(MAKER).statement.total("EUR", "owed") == 5_000_000
    old = reserves.proof(number, reserves.stated(2)[1])
    assert old is not None and verify_reserves(old, clock.now()).yours == {"EUR": 500_000}


def test_there_is_one_statement_for_each_checkpoint(book: clock.ManualClock) -> None:
    pay(place())
    seal(book)
    first = reserves.state(MAKER)
    assert reserves.state(MAKER).note == first.note
    assert len(reserves.stated(9)) == 1
    seal(book)
    assert reserves.state(MAKER).statement.seal == 1
    assert [each.statement.seal for each in reserves.stated(9)] == [1, 0]


def test_nothing_is_stated_of_an_empty_book_or_without_a_log(book: clock.ManualClock) -> None:
    with pytest.raises(Refused, match="no log"):
        reserves.state(MAKER)
    seal(book)
    with pytest.raises(Refused, match="No money"):
        reserves.state(MAKER)
    assert reserves.stated() == []


def test_who_is_owed_nothing_has_no_proof(book: clock.ManualClock) -> None:
    pay(place())
    other = place(name="Ben Ode")
    seal(book)
    assert reserves.proof(other, reserves.state(MAKER)) is None


def test_once_the_statement_is_in_the_log_the_logs_key_is_enough(book: clock.ManualClock) -> None:
    number = place()
    pay(number)
    seal(book)
    reserves.state(MAKER)
    vkey = keys.current().log_signer.vkey
    assert [each.code for each in checked(number, key=vkey).errors] == ["other-key"]
    assert checked(number, key=keys.current().receipt_signer.vkey).key_pinned
    seal(book)
    report = checked(number, key=vkey)
    assert report.ok and report.key_pinned and report.logged and report.act == 1, report.errors


def test_the_tree_is_made_again_where_its_file_is_gone_or_another(
    book: clock.ManualClock, folder: Path
) -> None:
    number = business(book)[0]
    seal(book)
    before = reserves.proof(number, reserves.state(MAKER))
    (file,) = folder.glob("*.tree")
    file.unlink()
    assert reserves.proof(number, reserves.stated()[0]) == before
    file.write_bytes(file.read_bytes()[:-8] + bytes(8))
    assert reserves.proof(number, reserves.stated()[0]) == before
    file.write_bytes(b"cut off")
    assert reserves.proof(number, reserves.stated()[0]) == before


def test_neither_the_seed_nor_a_salt_stands_in_an_act_or_in_the_file(
    book: clock.ManualClock, folder: Path
) -> None:
    number = business(book)[0]
    seal(book)
    stated = reserves.state(MAKER)
    proof = strict_json(reserves.proof(number, stated) or b"")
    said = repr(stated.act.fields) + stated.note
    assert proof["salt"] not in said and number not in said
    (file,) = folder.glob("*.tree")
    for row in models.Subject.objects.all():
        assert bytes(row.key) not in file.read_bytes()


def test_no_leaf_is_the_same_in_the_next_statement(book: clock.ManualClock) -> None:
    number = place()
    pay(number)
    seal(book)
    one = strict_json(reserves.proof(number, reserves.state(MAKER)) or b"")
    seal(book)
    two = strict_json(reserves.proof(number, reserves.state(MAKER)) or b"")
    assert one["sums"] == two["sums"] and one["salt"] != two["salt"]


def test_a_statement_that_is_not_what_the_acts_say_is_found(
    book: clock.ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = place()
    pay(number)
    pay(place(name="Ben Ode"))
    seal(book)
    true = holdings.up_to(0)
    key = next(iter(true.owed))
    false = holdings.Holdings(true.balances, {each: of for each, of in true.owed.items() if each != key})
    with monkeypatch.context() as patch:
        patch.setattr(holdings, "up_to", lambda seal: false)
        reserves.state(MAKER)
    (found,) = [each for _, found in check.run() for each in found]
    assert found.why == "the statement of reserves at seal 0 is not what the acts up to it come to"
    seal(book)
    reserves.state(MAKER)
    assert [found for _, found in check.run(["reserves"])] == [[]]


def test_nothing_is_stated_while_acts_are_without_their_values(
    book: clock.ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    pay(place())
    seal(book)
    monkeypatch.setattr("earnest.book.recovery.incomplete", lambda: ["K7QF-2M9X-4"])
    with pytest.raises(Refused, match="without their values"):
        reserves.state(MAKER)


def test_nothing_is_stated_while_a_providers_entries_are_unknown(book: clock.ManualClock) -> None:
    """As after a recovery from a mirror, which has no values."""
    pay(place())
    movement("fee", 123)
    seal(book)
    models.ActOpen.objects.filter(act__type="fee.charged").delete()
    with pytest.raises(Refused, match="without their values"):
        reserves.state(MAKER)


def test_a_statement_that_came_back_without_its_values_is_passed_over(book: clock.ManualClock) -> None:
    pay(place())
    seal(book)
    stated = reserves.state(MAKER)
    assert ERASED not in stated.act.fields.values()
    models.ActOpen.objects.filter(act__type="reserves.stated").delete()
    assert reserves.stated() == []


def test_a_hundred_parts_are_found_by_halving(book: clock.ManualClock, tmp_path: Path) -> None:
    owed = {bytes([n]) * 32: (n, 1) for n in range(100)}
    levels = sumtree.levels(sumtree.padded(bytes(32), owed, 2))
    sumfile.write(tmp_path / "a.tree", levels)
    with (tmp_path / "a.tree").open("rb") as file:
        reader = sumfile.Reader(file, 7, 2)
        assert reader.size == (tmp_path / "a.tree").stat().st_size
        assert reader.root == levels[-1][0]
        for place, leaf in enumerate(levels[0]):
            assert reader.place(leaf.hash) == place
            assert sumtree.fold(leaf, place, reader.path(place)) == reader.root
        for gone in (bytes(32), bytes([255]) * 32):
            with pytest.raises(KeyError):
                reader.place(gone)
