"""A holder has died: what stops, who is asked, and to whom it is owed in the end."""

from datetime import timedelta
from typing import Any

import pytest

from earnest.core.commands.convert import Convert
from earnest.core.commands.dispute import Case as Dispute
from earnest.core.commands.dispute import CloseDispute, OpenDispute
from earnest.core.commands.give_account import ConfirmAccount, GiveAccount
from earnest.core.commands.heirs import ConfirmSuccessor, CorrectDeath, NameSuccessor, RecordDeath
from earnest.core.commands.mark_unclaimed import MarkUnclaimed
from earnest.core.commands.miss_deadline import MissDeadline
from earnest.core.commands.pass_on import ChangeHolder, OfferHolder
from earnest.core.commands.refund import EndHold, RequestRefund
from earnest.core.commands.release import Release
from earnest.core.commands.report_refund import ReportRefund
from earnest.core.commands.restrict import Restrict
from earnest.core.commands.take_back import TakeBack
from earnest.core.refund import Refund
from earnest.core.refusals import Invalid, Missing, Refusal, Refused
from earnest.core.reservation import Contact, Identity
from tests.core.driver import HOLDER, MAKER, OTHER, STRIPE, WORKER, Case

BANK: dict[str, Any] = {"by": "bank", "via": "statement", "person": "operator:ana"}
HEIR: dict[str, Any] = {"by": "customer", "via": "portal", "person": "holder:1"}
HEIR_IBAN = "FR1420041010050500013M02606"


def paid(minor: int = 500_000, rail: str = "card") -> Case:
    """Ada has reserved and paid."""
    case = Case().place()
    case.pay(minor, rail)
    return case


def die(case: Case, told_by: str = "relative") -> list[str]:
    return case.do(RecordDeath(**MAKER, number="N", told_by=told_by, why="Her son rang us."))


def name(case: Case, **changed: Any) -> list[str]:
    given: dict[str, Any] = {
        "right": "inheritance",
        "proof": "european-certificate",
        "seen": "Certificate 12/2020 of the notary at Lyon, in the original.",
        "name": "Bela Moreau",
        "email": "bela@example.org",
        "residence": "FR",
        "language": "fr",
    }
    return case.do(NameSuccessor(**MAKER, number="N", **{**given, **changed}))


def confirm(case: Case, **who: Any) -> list[str]:
    assert case.held.successor
    return case.do(ConfirmSuccessor(**{**OTHER, **who}, number="N", named=case.held.successor.seq))


def refund(case: Case, n: int = 1) -> Refund:
    found = case.held.refund(n)
    assert found
    return found


def stands(case: Case, n: int = 1) -> tuple[str, str, str]:
    return refund(case, n).status, refund(case, n).why, refund(case, n).route


def heir_account(case: Case, holder: str = "Bela Moreau") -> None:
    case.do(GiveAccount(**HEIR, number="N", holder=holder, iban=HEIR_IBAN))
    case.do(ConfirmAccount(**HEIR, number="N", account=len(case.held.accounts)))


def sent_to_account(holder: str = "Ada Moreau") -> Case:
    """50,000 cents went to Ada's account by transfer."""
    case = paid(50_000, "transfer")
    case.account(holder)
    case.later(days=4).cancel()
    case.do(RequestRefund(**MAKER, number="N", refund=1))
    report(case, "sent", reference="E2E-1")
    return case


def report(
    case: Case, outcome: str, why: str = "", reference: str = "", who: dict[str, Any] = BANK
) -> list[str]:
    return case.do(
        ReportRefund(
            **who,
            number="N",
            refund=1,
            attempt=refund(case).attempt,
            outcome=outcome,
            happened_at=case.now,
            why=why,
            reference=reference,
        )
    )


def no(case: Case, command: Any) -> Refusal:
    with pytest.raises(Refusal) as caught:
        case.do(command)
    return caught.value


# --- what stops


def test_a_return_that_says_the_holder_died_asks_nobody_and_waits_for_heirs() -> None:
    case = sent_to_account().later(days=2)
    assert report(case, "returned", why="MD07") == [
        "refund.returned",
        "refund.corrected",
        "reservation.holder_died",
        "refund.held",
    ]
    died = case.held.died
    assert died and (died.told_by, died.refund) == ("bank", 1)
    assert stands(case) == ("waiting", "heirs", "hand")
    asked = [key for key in case.duties if "account_needed" in key]
    assert asked == [] and any(key.startswith("await_heirs/N/") for key in case.duties)


@pytest.mark.parametrize("who", [BANK, OTHER])
def test_a_refusal_of_the_bank_can_say_it_too_in_its_file_or_by_hand(who: dict[str, Any]) -> None:
    case = paid(50_000, "transfer")
    case.account()
    case.later(days=4).cancel()
    case.do(RequestRefund(**MAKER, number="N", refund=1))
    assert "reservation.holder_died" in report(case, "refused", why="MD07", who=who)
    assert stands(case) == ("waiting", "heirs", "hand")


def test_the_death_of_another_whose_account_it_was_is_not_the_holders() -> None:
    case = sent_to_account("Charles Byron")
    report(case, "returned", why="MD07")
    assert case.held.died is None and stands(case) == ("waiting", "account", "hand")
    both = sent_to_account("Charles Byron et Ada Moreau")
    report(both, "returned", why="MD07")
    assert both.held.died is not None


def test_what_is_owed_or_held_stops_and_nothing_can_be_sent() -> None:
    case = paid()
    case.pay(4_500_000, "transfer")
    case.account("Another Name")
    case.cancel()
    assert [stands(case, n)[:2] for n in (1, 2)] == [("owed", ""), ("waiting", "hold")]
    assert die(case) == ["reservation.holder_died", "refund.held", "refund.held"]
    assert [stands(case, n)[:2] for n in (1, 2)] == [("waiting", "heirs")] * 2
    case.later(days=3)
    assert case.do(EndHold(**WORKER, number="N", refund=2)) == []
    for n in (1, 2):
        assert no(case, RequestRefund(**MAKER, number="N", refund=n)).code == "heirs-unknown"
    assert die(case) == []


def test_what_comes_to_be_owed_afterwards_waits_too() -> None:
    case = paid()
    die(case)
    case.cancel(**MAKER)
    assert stands(case) == ("waiting", "heirs", "card")
    case.pay(4_500_000, "transfer")
    assert stands(case, 2) == ("waiting", "heirs", "hand")
    assert [key for key in case.duties if key.startswith(("refund/", "mail/N/account_needed"))] == []


def test_what_was_on_its_way_comes_back_to_the_heirs() -> None:
    case = sent_to_account()
    die(case)
    for why in ("AM04", "AC04"):
        other = sent_to_account()
        die(other)
        report(other, "returned", why=why)
        assert stands(other) == ("waiting", "heirs", "hand")
    assert stands(case) == ("sent", "", "hand")


def test_nobody_speaks_for_the_dead_but_a_cancellation_is_heard() -> None:
    case = paid()
    case.do(OfferHolder(**HOLDER, number="N", email="cleo@example.org", language="en"))
    offered = case.held.passing
    assert offered
    die(case)
    for command in (
        GiveAccount(**HOLDER, number="N", holder="Ada Moreau", iban=HEIR_IBAN),
        OfferHolder(**HOLDER, number="N", email="cleo@example.org", language="en"),
    ):
        assert no(case, command).code == "holder-died"
    taken = ChangeHolder(
        **HEIR, number="N", offered=offered.seq, name="Cleo Bram", residence="FR", language="en"
    )
    assert isinstance(no(case, taken), Missing)
    case.cancel()
    assert no(case, TakeBack(**HOLDER, number="N")).code == "holder-died"
    # Should the report be wrong, the day of the cancellation counts; should it be right, the heir can take it back.
    ended = case.held.endings[0]
    case.later(days=2)
    assert case.do(Release(**WORKER, number="N", cause=ended.seq)) == [] and case.held.held == 1
    name(case)
    confirm(case)
    assert f"release/N/{ended.seq}/{len(case.acts) - 3}" in case.duties
    case.do(TakeBack(**HEIR, number="N"))
    assert (case.held.status, case.held.deposits()) == ("confirmed", {"USD": 500_000})


def test_it_is_sold_to_nobody_before_it_is_known_whose_it_is() -> None:
    case = paid()
    die(case)
    sale = Convert(**MAKER, number="N", sale="S-1")
    assert no(case, sale).code == "heirs-unknown"
    name(case)
    confirm(case)
    assert "reservation.converted" in case.do(sale)


# --- the clock


def test_waiting_for_whom_to_pay_is_no_delay_and_the_laws_limit_waits_with_it() -> None:
    case = paid()
    case.cancel()
    case.later(hours=12)
    die(case)
    limit = refund(case).legal_due_at
    case.later(days=100)
    for which in ("promise", "law"):
        assert case.do(MissDeadline(**WORKER, number="N", refund=1, limit=which)) == []
    name(case)
    confirm(case)
    now = refund(case)
    assert now.legal_due_at == limit + timedelta(days=100)
    assert now.due_at == case.now + timedelta(hours=24)


def test_a_limit_that_had_passed_before_is_as_it_was() -> None:
    case = paid()
    case.cancel()
    limit = refund(case).legal_due_at
    case.now = limit + timedelta(days=1)
    die(case)
    case.later(days=10)
    name(case)
    confirm(case)
    assert refund(case).legal_due_at == limit


def test_after_a_year_without_heirs_it_is_unclaimed_and_never_gone() -> None:
    case = paid()
    case.cancel()
    case.later(days=300)
    die(case)
    case.later(days=364)
    assert no(case, MarkUnclaimed(**MAKER, number="N", refund=1)).code == "not-unclaimed"
    case.later(days=1)
    case.do(MarkUnclaimed(**MAKER, number="N", refund=1))
    name(case)
    assert confirm(case) == ["reservation.holder_changed", "refund.owed", "refund.held"]
    assert stands(case) == ("waiting", "account", "hand")


# --- who follows


def test_an_heir_holds_it_and_what_is_owed_goes_to_their_account_alone() -> None:
    case = sent_to_account().later(days=2)
    report(case, "returned", why="MD07")
    case.later(days=30)
    name(case)
    assert case.held.holder == 0 and stands(case)[1] == "heirs"
    assert confirm(case) == ["reservation.holder_changed", "refund.owed", "refund.held"]
    held = case.held
    assert (held.holder, held.identity, held.died) == (1, Identity("Bela Moreau"), None)
    assert held.contact == Contact("bela@example.org", "fr")
    assert stands(case) == ("waiting", "account", "hand") and refund(case).account is None
    assert any(key.startswith("mail/N/account_needed/") for key in case.duties)
    heir_account(case)
    assert (stands(case), refund(case).account) == (("owed", "", "hand"), 2)
    case.do(RequestRefund(**MAKER, number="N", refund=1))
    # An heir can die as well.
    assert "reservation.holder_died" in report(case, "refused", why="MD07")


def test_the_earlier_holders_card_is_never_tried_for_an_heir() -> None:
    case = paid()
    die(case)
    name(case)
    confirm(case)
    case.cancel(**HEIR)
    assert stands(case) == ("waiting", "account", "hand")


def test_it_takes_two_and_the_newest_naming() -> None:
    case = paid()
    die(case)
    name(case)
    first = case.held.successor
    assert first
    assert no(case, ConfirmSuccessor(**MAKER, number="N", named=first.seq)).code == "second-person"
    name(case, name="Dora Moreau", email="dora@example.org")
    assert isinstance(no(case, ConfirmSuccessor(**OTHER, number="N", named=first.seq)), Missing)
    confirm(case)
    assert case.held.identity == Identity("Dora Moreau")


def test_nobody_inherits_from_the_living_and_papers_are_named() -> None:
    case = paid()
    with pytest.raises(Refused) as caught:
        name(case)
    assert caught.value.code == "holder-lives"
    die(case)
    for bad in (
        {"right": "finding"},
        {"proof": "hearsay"},
        {"seen": "  "},
        {"name": ""},
        {"email": "no address"},
        {"residence": "France"},
    ):
        with pytest.raises(Invalid):
            name(case, **bad)
    with pytest.raises(Invalid):
        case.do(RecordDeath(**MAKER, number="N", told_by="relative", why=""))
    case.do(Restrict(**MAKER, number="N", why="claim"))
    with pytest.raises(Refused):
        name(case)


def test_while_money_is_on_its_way_to_the_earlier_holder_nobody_follows() -> None:
    case = paid()
    case.cancel()
    case.do(RequestRefund(**MAKER, number="N", refund=1))
    die(case)
    with pytest.raises(Refused) as caught:
        name(case)
    assert caught.value.code == "money-on-its-way"


def test_a_late_word_about_the_dead_holders_account_is_no_death_of_the_heir() -> None:
    case = sent_to_account()
    die(case)
    name(case)
    confirm(case)
    report(case, "returned", why="MD07")
    assert case.held.died is None and stands(case) == ("waiting", "account", "hand")


def test_a_court_can_say_who_follows_the_living() -> None:
    case = paid()
    case.cancel()
    name(case, right="judgment", proof="court")
    assert any(key.startswith("mail/N/successor_named/") for key in case.duties)
    assert confirm(case) == ["reservation.holder_changed", "refund.held"]
    assert (case.held.holder, stands(case)) == (1, ("waiting", "account", "card"))
    heir_account(case)
    assert stands(case)[2] == "hand" and refund(case).account == 1


# --- the report was wrong


def test_a_wrong_report_is_corrected_and_all_goes_on_as_it_was() -> None:
    case = paid()
    case.cancel()
    limit = refund(case).legal_due_at
    die(case)
    case.later(hours=30)
    assert case.do(CorrectDeath(**MAKER, number="N", why="She rang herself.")) == [
        "reservation.death_corrected",
        "refund.owed",
    ]
    assert stands(case) == ("owed", "", "card") and refund(case).legal_due_at == limit
    assert case.do(CorrectDeath(**MAKER, number="N", why="Again.")) == []


def test_the_account_that_the_bank_sent_back_is_not_tried_again_and_another_is_asked_for() -> None:
    case = sent_to_account()
    report(case, "returned", why="MD07")
    case.do(CorrectDeath(**MAKER, number="N", why="The bank was wrong."))
    assert stands(case) == ("waiting", "account", "hand")
    assert any(key.startswith("mail/N/account_needed/") for key in case.duties)


def test_an_account_that_nobody_had_tried_is_paid_as_it_would_have_been() -> None:
    case = paid(50_000, "transfer")
    case.account()
    case.later(days=4).cancel()
    die(case)
    case.do(CorrectDeath(**MAKER, number="N", why="A namesake."))
    assert (stands(case), refund(case).account) == (("owed", "", "hand"), 1)


def test_what_a_network_holds_waits_for_the_end_of_the_dispute_and_then_for_heirs() -> None:
    for heir_first in (False, True):
        case = paid()
        case.cancel()
        paid_as = case.held.payments[0].reference
        dispute = Dispute("dp_1", paid_as, 500_000, "USD", "fraudulent", case.now, taken=True)
        case.do(OpenDispute(**STRIPE, number="N", case=dispute))
        die(case)
        assert stands(case)[:2] == ("waiting", "dispute")
        if heir_first:
            name(case)
            confirm(case)
            assert stands(case)[:2] == ("waiting", "dispute")
        won = CloseDispute(**STRIPE, number="N", reference="dp_1", outcome="won", happened_at=case.now)
        case.do(won)
        assert stands(case)[:2] == ("waiting", "account" if heir_first else "heirs")
