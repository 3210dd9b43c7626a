"""Giving up many at once: what it comes to, who may say so, and each refunded once whatever dies in between."""

import re
from datetime import timedelta
from typing import Any

import pytest

from earnest.book import clock, crash, door, duties, export, giving_up, models, outbox, reads, rebuild
from earnest.core.commands.base import Policy
from earnest.core.commands.convert import Convert
from earnest.core.commands.give_up import ConfirmGiveUp, GiveUpPlace, ProposeGiveUp, WithdrawGiveUp
from earnest.core.commands.receive_deposit import Paid, ReceiveDeposit
from earnest.core.giveup import Scope
from earnest.core.offer import Instalment
from earnest.core.reservation import BankDetails
from earnest.rails import giving_up as rails
from earnest.record.canonical import unb64
from earnest.record.chain import read_leaf
from earnest.record.verify import verify_story
from tests import scene
from tests.scene import MAKER, OTHER, account, cancel, pay, place, refused, state, types, work
from tests.scene import book as book

WHY = "The yard has burnt down."


@pytest.fixture
def people(book: clock.ManualClock) -> list[str]:
    """Four reservations: by card; by card and transfer, with an account; nothing paid; cancelled already."""
    found = [place(name=name) for name in ("Ada Moreau", "Ben Roux", "Cleo Faure", "Dan Petit")]
    pay(found[0])
    pay(found[1])
    pay(found[1], 4_500_000, "transfer")
    account(found[1], "Ben Roux")
    pay(found[3])
    cancel(found[3])
    return found


def propose(who: dict[str, Any] = MAKER, **given: Any) -> int:
    """The proposal's number."""
    door.do_one(ProposeGiveUp(**who, slug="boat", why=WHY, **given))
    return reads.offer("boat").offer.giveups[-1].seq


def status(seq: int) -> str:
    found = reads.offer("boat").offer.giveup(seq)
    assert found is not None
    return found.status


def limit(monkeypatch: pytest.MonkeyPatch, major: int) -> None:
    monkeypatch.setattr("earnest.book.policy.current", lambda: Policy(second_operator_major=major))


def test_the_preview_says_what_goes_back_and_how(people: list[str], book: clock.ManualClock) -> None:
    found = giving_up.preview("boat")
    assert (found.reservations, found.places, found.holders, found.unpaid) == (3, 3, 3, 1)
    assert found.totals == {"EUR": 5_500_000}
    assert [(way.route, way.why, each.payments, each.amount_minor) for way, each in found.lines()] == [
        ("card", "", 2, 1_000_000),
        ("account", "", 1, 4_500_000),
    ]
    assert found.needs_account == 0
    assert giving_up.held("boat", Scope((), 99)).sums == found.totals


def test_what_is_too_old_for_its_card_needs_an_account(
    people: list[str], book: clock.ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("earnest.book.policy.current", lambda: Policy(card_refund_days=180))
    book.advance(timedelta(days=181))
    found = giving_up.preview("boat")
    assert [(way.route, way.why, each.amount_minor) for way, each in found.lines()] == [
        ("account", "", 4_500_000),
        ("account", "rail-too-old", 1_000_000),
    ]
    assert found.needs_account == 1


def test_what_an_earlier_holder_paid_goes_to_the_present_ones_account(
    people: list[str], book: clock.ManualClock
) -> None:
    """Ada's card paid, and it is Cleo's now: her account gets it, and the dry run says so beforehand."""
    number = people[0]
    scene.pass_on(number)
    by_way = {(way.route, way.why): each.amount_minor for way, each in giving_up.preview("boat").lines()}
    assert by_way["account", "passed-on"] == 500_000 and giving_up.preview("boat").needs_account == 1
    account(number, "Cleo Bram")
    book.advance(timedelta(days=4))
    door.do_one(ConfirmGiveUp(**OTHER, slug="boat", giveup=propose(numbers=tuple(people[:2]))))
    work()
    refund = state(number).refunds[0]
    paid_to = next(each.details for each in state(number).accounts if each.n == refund.account)
    assert (refund.route, refund.status) == ("hand", "owed")
    assert isinstance(paid_to, BankDetails) and paid_to.holder == "Cleo Bram"
    assert list(rebuild.differences()) == []


def test_nobodys_story_names_the_others_who_were_given_up_with_it(people: list[str]) -> None:
    door.do_one(ConfirmGiveUp(**OTHER, slug="boat", giveup=propose(numbers=tuple(people[:2]))))
    work()
    theirs, ours = export.story(people[0], holder=0), export.story(people[0])
    assert verify_story(theirs, clock.now()).ok
    assert people[1].encode() not in theirs and people[1].encode() in b"".join(values(ours))
    assert people[1].encode() not in b"".join(values(theirs))
    assert reads.offer("boat").offer.giveups[-1].numbers == tuple(people[:2])


def values(story: bytes) -> list[bytes]:
    """Every value that is open in a story."""
    found = re.findall(rb'"(WyJ[0-9A-Za-z_-]+)"', story)
    assert found
    return [unb64(each.decode()) for each in found]


def test_several_reservations_of_one_address_are_one_holder(people: list[str]) -> None:
    pay(place(name="Ada Moreau"))
    assert giving_up.preview("boat").holders == 3
    assert giving_up.preview("boat").reservations == 4


def test_above_the_limit_another_operator_confirms(people: list[str]) -> None:
    seq = propose()
    assert status(seq) == "proposed"
    work()
    assert state(people[0]).status == "confirmed" and reads.offer("boat").offer.status == "open"
    assert refused(ConfirmGiveUp(**MAKER, slug="boat", giveup=seq)).code == "second-person"
    assert refused(ConfirmGiveUp(by="maker", via="console", slug="boat", giveup=seq)).code == "second-person"
    assert refused(GiveUpPlace(**MAKER, number=people[0], giveup=seq)).code == "giveup-not-confirmed"
    assert refused(ProposeGiveUp(**OTHER, slug="boat", why=WHY)).code == "giveup-waits"
    door.do_one(ConfirmGiveUp(**OTHER, slug="boat", giveup=seq))
    assert isinstance(door.do_one(ConfirmGiveUp(**MAKER, slug="boat", giveup=seq)), door.Nothing)
    assert refused(WithdrawGiveUp(**MAKER, slug="boat", giveup=seq)).code == "giveup-confirmed"
    work()
    assert [state(number).status for number in people] == ["cancelled"] * 4
    assert reads.offer("boat").offer.status == "closed"
    # Who had cancelled already is refunded by that, and not twice.
    assert [types(number).count("maker.gave_up") for number in people] == [1, 1, 1, 0]
    assert [sum(each.amount_minor for each in state(number).refunds) for number in people] == [
        500_000,
        5_000_000,
        0,
        500_000,
    ]
    assert list(rebuild.differences()) == []


def test_given_up_once_it_is_over_whoever_asks_again(people: list[str]) -> None:
    door.do_one(ConfirmGiveUp(**OTHER, slug="boat", giveup=propose()))
    seq = reads.offer("boat").offer.giveups[-1].seq
    work()
    for number in people:
        before = types(number)
        assert isinstance(door.do_one(GiveUpPlace(**MAKER, number=number, giveup=seq)), door.Nothing)
        assert types(number) == before


def test_under_the_limit_one_operator_is_enough(people: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    limit(monkeypatch, 5_000)
    seq = propose(numbers=(people[0],))
    assert status(seq) == "confirmed"
    work()
    assert state(people[0]).status == "cancelled"
    # Only those named; the offer goes on.
    assert state(people[1]).status == "paid up" and reads.offer("boat").offer.status == "open"
    limit(monkeypatch, 4_999)
    pay(people[2])
    assert status(propose(numbers=(people[2],))) == "proposed"


def test_each_act_cites_who_confirmed_it_and_letters_give_the_reason(people: list[str]) -> None:
    seq = propose()
    door.do_one(ConfirmGiveUp(**OTHER, slug="boat", giveup=seq))
    work()
    read = next(each for each in reads.acts("reservation", people[0]) if each.act.type == "maker.gave_up")
    confirmed = next(each for each in reads.acts("offer", "boat") if each.act.type == "giveup.confirmed")
    assert read_leaf(read.leaf).cites == (confirmed.leaf_hash,)
    assert (read.act.get("giveup"), read.act.get("why"), confirmed.act.get("giveup")) == (seq, WHY, seq)
    keys = models.Mail.objects.filter(template="cancelled").values_list("key", flat=True)
    letters = [outbox.kept(key) or b"" for key in keys]
    assert len(letters) == 4 and sum(WHY.encode() in each for each in letters) == 3


def test_what_was_proposed_is_the_most_that_is_confirmed(people: list[str]) -> None:
    seq = propose()
    pay(people[2])
    assert refused(ConfirmGiveUp(**OTHER, slug="boat", giveup=seq)).code == "giveup-grew"
    door.do_one(WithdrawGiveUp(**OTHER, slug="boat", giveup=seq))
    assert isinstance(door.do_one(WithdrawGiveUp(**OTHER, slug="boat", giveup=seq)), door.Nothing)
    assert refused(ConfirmGiveUp(**OTHER, slug="boat", giveup=seq)).code == "giveup-withdrawn"
    again = propose()
    cancel(people[0])
    door.do_one(ConfirmGiveUp(**OTHER, slug="boat", giveup=again))
    assert status(again) == "confirmed"


def test_money_of_the_same_batch_counts(people: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """A deposit that is committed together with the proposal is not written yet, and is added up all the same."""
    limit(monkeypatch, 60_000)
    paid = Paid("card", 500_000, "EUR", "pi_late", clock.now())
    door.do(
        [
            door.Request(ReceiveDeposit(by="provider", via="stripe", number=people[2], paid=paid)),
            door.Request(ProposeGiveUp(**MAKER, slug="boat", why=WHY)),
        ]
    )
    assert reads.offer("boat").offer.giveups[-1].totals == {"EUR": 6_000_000}


def test_what_became_a_sale_is_given_up_too(people: list[str]) -> None:
    door.do_one(Convert(**MAKER, number=people[1], sale="ORDER-7"))
    assert (
        giving_up.held("boat", Scope((), 99)).sums == giving_up.preview("boat").totals == {"EUR": 5_500_000}
    )
    door.do_one(ConfirmGiveUp(**OTHER, slug="boat", giveup=propose()))
    work()
    assert [each.source for each in state(people[1]).refunds] == ["sales", "sales"]


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"why": " "}, "why"),
        ({"numbers": ("7HQD-0000-0",)}, "not-of-offer"),
        ({"numbers": tuple(f"N{n}" for n in range(1001))}, "numbers"),
    ],
)
def test_a_proposal_that_is_none(people: list[str], given: dict[str, Any], code: str) -> None:
    assert refused(ProposeGiveUp(**{**MAKER, "slug": "boat", "why": WHY, **given})).code == code
    assert reads.offer("boat").offer.giveups == ()


def test_nobody_waits_and_no_such_proposal(book: clock.ManualClock) -> None:
    assert refused(ProposeGiveUp(**MAKER, slug="boat", why=WHY)).code == "nobody-waits"
    assert refused(ConfirmGiveUp(**MAKER, slug="boat", giveup=7)).code == "no-giveup"
    assert refused(ConfirmGiveUp(**MAKER, slug="ghost", giveup=7)).code == "no-offer"


def test_whoever_reserves_after_the_proposal_is_not_among_them(people: list[str]) -> None:
    seq = propose(numbers=tuple(people[:3]))
    late = place(name="Eve Blanc")
    door.do_one(ConfirmGiveUp(**OTHER, slug="boat", giveup=seq))
    work()
    assert state(late).status == "placed"


def test_killed_between_two_pages_and_run_again_each_is_refunded_once(
    book: clock.ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene.offer("many", capacity=50, plan=(Instalment(1, 1_000, "card", 0),))
    numbers = [place(slug="many", name=f"P{n} Nom") for n in range(12)]
    for number in numbers:
        pay(number, 1_000)
    monkeypatch.setattr(rails, "PAGE", 5)
    door.do_one(ProposeGiveUp(**MAKER, slug="many", why=WHY))
    seq = reads.offer("many").offer.giveups[-1].seq
    duty = next(each for each in duties.claim(clock.now(), "dead", 99) if each.kind == "give_up")
    commits: list[str] = []

    def dies(spot: str) -> None:
        commits.append(spot)
        # The second page is committed, and the worker dies before it could write down how far it was.
        if commits.count("after-commit") == 2:
            raise crash.Crash(spot)

    crash.use(dies)
    with pytest.raises(crash.Crash):
        rails.give_up(duty)
    crash.use(None)
    found = giving_up.progress("many", seq, Scope((), 99))
    assert found is not None and (found.state, found.ended, found.reservations) == ("waiting", 10, 12)
    book.advance(timedelta(minutes=3))
    work()
    found = giving_up.progress("many", seq, Scope((), 99))
    assert found is not None and (found.state, found.ended) == ("done", 12)
    assert found.totals == {"EUR": (0, 12_000)}
    assert [types(number).count("maker.gave_up") for number in numbers] == [1] * 12
    assert [len(state(number).refunds) for number in numbers] == [1] * 12
    assert models.Duty.objects.filter(kind="refund").count() == 12
    assert list(rebuild.differences()) == []
