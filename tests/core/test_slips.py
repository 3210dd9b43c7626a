"""Slips, what may be answered, what silence means; withdrawals; and what an offer must not do."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from earnest.core.commands.amend import AcceptVersion
from earnest.core.commands.answer_slip import AnswerSlip, HearSilence
from earnest.core.commands.ask_deposit import AskDeposit
from earnest.core.commands.base import World
from earnest.core.commands.revise_offer import ReviseOffer
from earnest.core.commands.slip_promise import SlipPromise, TellSlip, terms_of
from earnest.core.commands.take_back import TakeBack
from earnest.core.commands.withdraw import AnswerWithdrawal, StateWithdrawal, Withdraw
from earnest.core.doubts import doubts
from earnest.core.labels import LABELS, labels
from earnest.core.off_premises import may_be_paid_from, too_early
from earnest.core.offer import Sale, Text, Window
from earnest.core.refusals import Refusal
from tests.core.driver import HOLDER, MAKER, TERMS, WORKER, Case, at, opened

LATER = Window(date(2021, 1, 1), date(2021, 12, 31))
LATEST = Window(date(2022, 1, 1), date(2022, 12, 31))


def code(case: Case, command: Any) -> str:
    with pytest.raises(Refusal) as caught:
        case.do(command)
    return caught.value.code


def slipped(case: Case, window: Window | None, why: str = "The mould cracked.", **said: Any) -> int:
    case.do(SlipPromise(**MAKER, slug="car", window=window, why=why, **said))
    return case.offer.slips[-1].seq


def told(case: Case, window: Window | None) -> int:
    seq = slipped(case, window)
    case.do(TellSlip(**WORKER, number="N", slip=seq))
    return seq


def answer(case: Case, slip: int, said: str, **more: Any) -> list[str]:
    return case.do(AnswerSlip(**HOLDER, number="N", slip=slip, answer=said, **more))


# --- slips without a date


def test_a_slip_may_give_no_new_date_and_a_later_one_dates_it_again() -> None:
    case = Case().place()
    case.pay()
    first = told(case, None)
    assert case.offer.undated and case.held.undated and case.held.expected is None
    assert case.held.promised == TERMS.window and len(case.offer.versions) == 1
    assert code(case, SlipPromise(**MAKER, slug="car", window=None, why="Again.")) == "undated-already"
    told(case, LATER)
    assert case.held.expected == LATER and not case.offer.undated
    assert [each.days for each in case.offer.slips] == [None, 365]
    assert [each.slip for each in case.held.told] == [first, case.offer.slips[-1].seq]


def test_the_date_that_was_may_be_promised_again_after_there_was_none() -> None:
    case = Case().place()
    told(case, None)
    told(case, TERMS.window)
    assert case.held.expected == TERMS.window and case.offer.slips[-1].days == 0


def test_nobody_can_reserve_what_has_no_date() -> None:
    case = Case()
    slipped(case, None)
    with pytest.raises(Refusal) as caught:
        case.place()
    assert caught.value.code == "offer-undated"
    terms = replace(terms_of(case.offer), window=Window(date(2020, 1, 1), date(2020, 6, 30)))
    assert code(case, ReviseOffer(**MAKER, slug="car", terms=terms)) == "offer-undated-slip"


def test_a_holder_of_the_version_just_before_a_slip_without_a_date_is_told_of_it() -> None:
    case = Case()
    case.do(ReviseOffer(**MAKER, slug="car", terms=replace(terms_of(case.offer), capacity=9)))
    case.place()
    slip = slipped(case, None)
    assert case.do(TellSlip(**WORKER, number="N", slip=slip)) == ["promise.told"]


def test_evidence_is_one_of_the_kinds() -> None:
    case = Case()
    command = SlipPromise(**MAKER, slug="car", window=LATER, why="x", evidence="a dream")
    assert code(case, command) == "evidence"
    slipped(case, LATER, evidence="supplier")
    assert case.offer.slips[0].evidence == "supplier"


# --- answers


@pytest.mark.parametrize(
    ("window", "choices"), [(LATER, ("accept", "wait", "cancel")), (None, ("wait", "cancel"))]
)
def test_the_choices_fit_what_was_told(window: Window | None, choices: tuple[str, ...]) -> None:
    case = Case().place()
    slip = told(case, window)
    assert case.held.told[0].choices == choices
    assert answer(case, slip, choices[0]) == ["promise.answered"]
    assert answer(case, slip, choices[0]) == []


def test_nobody_agrees_to_a_date_that_was_not_given() -> None:
    case = Case().place()
    slip = told(case, None)
    assert code(case, AnswerSlip(**HOLDER, number="N", slip=slip, answer="accept")) == "answer-date"


def test_cancelling_by_an_answer_ends_it_by_the_slip_and_all_goes_back() -> None:
    case = Case().place()
    case.pay()
    slip = told(case, LATER)
    assert answer(case, slip, "cancel") == ["promise.answered", "cancellation.requested", "refund.owed"]
    assert case.held.status == "cancelled" and case.held.owed_back() == {"USD": 500_000}
    assert case.held.endings[-1].ground == "slip" and answer(case, slip, "cancel") == []
    assert code(case, AnswerSlip(**HOLDER, number="N", slip=slip, answer="nonsense")) == "answer"


def test_a_cancellation_that_was_taken_back_can_be_answered_again() -> None:
    case = Case().place()
    case.pay()
    slip = told(case, LATER)
    answer(case, slip, "cancel")
    case.do(TakeBack(**HOLDER, number="N"))
    assert "cancellation.requested" in answer(case, slip, "cancel")


def test_an_older_slip_is_not_answered_by_its_link_once_another_was_told() -> None:
    case = Case().place()
    first = told(case, LATER)
    told(case, LATEST)
    assert (
        code(case, AnswerSlip(**HOLDER, number="N", slip=first, answer="accept", newest=True))
        == "slip-overtaken"
    )
    assert answer(case, first, "accept") == ["promise.answered"]


def test_whoever_held_it_before_answers_nothing() -> None:
    case = Case().place()
    slip = told(case, LATER)
    person = {**HOLDER, "person": "holder:1"}
    assert code(case, AnswerSlip(**person, number="N", slip=slip, answer="accept")) == "not-its-holder"


# --- silence


def silence(case: Case, slip: int, meaning: str, **wait: int) -> None:
    """What was told, as the law of another country would have had it."""
    by = case.now + timedelta(days=20)
    state = case.held
    newest = replace(state.told[-1], silence=meaning, answer_by=by)
    case.state = replace(state, told=(*state.told[:-1], newest))
    last = case.acts[-1]
    fields = {**last.fields, "silence": meaning, "answer_by": by.strftime("%Y-%m-%dT%H:%M:%SZ")}
    case.acts[-1] = replace(last, fields=fields)


def hear(case: Case, slip: int) -> list[str]:
    return case.do(HearSilence(**WORKER, number="N", slip=slip))


def test_silence_that_means_nothing_means_nothing() -> None:
    case = Case().place()
    case.pay()
    slip = told(case, LATER)
    assert hear(case.later(days=400), slip) == []


def test_silence_that_consents_does_so_on_its_day_and_not_before() -> None:
    case = Case().place()
    case.pay()
    slip = told(case, LATER)
    silence(case, slip, "consent")
    assert code(case.later(days=19), HearSilence(**WORKER, number="N", slip=slip)) == "answer-runs"
    assert hear(case.later(days=1), slip) == ["promise.answered"]
    assert (case.held.told[-1].answer, case.held.told[-1].silent) == ("accept", True)
    assert hear(case, slip) == []


def test_silence_that_cancels_pays_back_unasked() -> None:
    case = Case().place()
    case.pay()
    slip = told(case, LATER)
    silence(case, slip, "cancelled")
    assert hear(case.later(days=20), slip) == ["promise.answered", "cancellation.requested", "refund.owed"]
    assert case.held.owed_back() == {"USD": 500_000}
    assert case.acts[-2].by == "system" and hear(case, slip) == []


@pytest.mark.parametrize("before", ["accept", "cancel"])
def test_who_answered_was_not_silent(before: str) -> None:
    case = Case().place()
    case.pay()
    slip = told(case, LATER)
    silence(case, slip, "cancelled")
    answer(case, slip, before)
    assert hear(case.later(days=20), slip) == []


def test_silence_about_a_slip_that_was_overtaken_means_nothing() -> None:
    case = Case().place()
    case.pay()
    slip = told(case, LATER)
    silence(case, slip, "cancelled")
    told(case, LATEST)
    assert hear(case.later(days=20), slip) == []
    assert case.held.status == "confirmed"


# --- what the law says of silence


NEAR = Window(date(2020, 1, 1), date(2021, 1, 25))


@pytest.mark.parametrize(
    ("residence", "window", "silence", "until"),
    [
        ("FR", LATER, "nothing", None),
        ("FR", None, "nothing", None),
        ("US", NEAR, "consent", at(2021, 1, 1, 12)),
        ("US", LATER, "cancelled", at(2021, 1, 31, 12)),
        ("US", None, "cancelled", at(2021, 1, 31, 12)),
    ],
)
def test_silence_means_what_the_law_of_the_holder_says(
    residence: str, window: Window | None, silence: str, until: Any
) -> None:
    case = Case().place(residence=residence)
    case.pay()
    case.now = at(2020, 11, 2)
    told(case, window)
    newest = case.held.told[-1]
    assert (newest.silence, newest.answer_by) == (silence, until)
    assert [each for each in case.duties if each.startswith("slip_silence")] == (
        [f"slip_silence/N/{newest.slip}"] if until else []
    )
    act = next(act for act in case.acts if act.type == "promise.told")
    assert act.get("law") and act.get("law_rule")


def test_in_the_united_states_silence_consents_once_and_never_again() -> None:
    case = Case().place(residence="US")
    case.pay()
    case.now = at(2020, 11, 2)
    first = told(case, NEAR)
    case.now = at(2021, 1, 1, 12)
    assert hear(case, first) == ["promise.answered"]
    second = told(case, Window(date(2020, 1, 1), date(2021, 2, 10)))
    assert case.held.told[-1].silence == "cancelled"
    case.now = case.held.told[-1].answer_by or case.now
    assert "refund.owed" in hear(case, second) and case.held.status == "cancelled"


def test_who_waits_without_a_date_is_not_cancelled_by_silence() -> None:
    case = Case().place(residence="US")
    case.pay()
    case.now = at(2020, 11, 2)
    slip = told(case, None)
    answer(case, slip, "wait")
    case.now = at(2021, 3, 1)
    assert hear(case, slip) == [] and case.held.status == "confirmed"


def test_whoever_is_told_after_the_laws_day_has_a_week_to_answer() -> None:
    case = Case().place(residence="US")
    case.pay()
    case.now = at(2021, 6, 1)
    slip = told(case, LATEST)
    assert case.held.told[-1].answer_by == at(2021, 6, 8)
    assert code(case, HearSilence(**WORKER, number="N", slip=slip)) == "answer-runs"


# --- withdrawal


def withdraw(case: Case, statement: str = "AAAA-BBBB-C") -> list[str]:
    said = {"by": "customer", "via": "web", "number": "N", "statement": statement}
    return case.do(Withdraw(**said, stated_at=case.now))


def test_a_withdrawal_is_an_act_of_its_own_and_a_cancellation_that_says_so() -> None:
    case = Case().place()
    case.pay()
    assert withdraw(case) == ["withdrawal.received", "cancellation.requested", "refund.owed"]
    assert case.held.endings[-1].ground == "withdrawal" and case.held.owed_back() == {"USD": 500_000}
    assert withdraw(case) == []
    assert [each for each in case.duties if "withdrawn" in each] and not [
        each for each in case.duties if "cancelled/" in each
    ]


def test_another_statement_about_what_has_ended_is_received_and_ends_nothing() -> None:
    case = Case().place()
    case.cancel()
    assert withdraw(case) == ["withdrawal.received"]
    assert case.held.withdrawals[0].statement == "AAAA-BBBB-C"


def stated(**changed: Any) -> StateWithdrawal:
    given = {
        "statement": "S",
        "name": "Ada",
        "contract": "7K3M-Q9TX-4",
        "email": "ada@example.org",
        "language": "en",
    }
    return StateWithdrawal(**{"by": "customer", "via": "web", **given, **changed})


@pytest.mark.parametrize(
    ("changed", "refusal"),
    [
        ({"name": " "}, "name"),
        ({"name": "Buy at www.pills.example"}, "name"),
        ({"name": "http://pills.example"}, "name"),
        ({"name": "a" * 121}, "name"),
        ({"contract": ""}, "contract"),
        ({"contract": "see http://x"}, "contract"),
        ({"email": "nobody"}, "email"),
        ({"language": "de"}, "language"),
    ],
)
def test_a_statement_needs_who_which_and_where_and_carries_no_advertisement(
    changed: dict[str, Any], refusal: str
) -> None:
    with pytest.raises(Refusal) as caught:
        stated(**changed).decide(World(at(2026, 11, 30), "KEY"))
    assert caught.value.code == refusal


def test_a_statement_is_filed_whatever_it_names_and_answered_once() -> None:
    made = stated(contract="the red car").decide(World(at(2026, 11, 30), "KEY"))
    assert [draft.act.type for draft in made.acts] == ["withdrawal.stated"]
    assert [duty.kind for duty in made.duties] == ["withdrawal"]
    world = World(at(2026, 11, 30), "KEY", register=made.register, acts=(made.acts[0].act,))
    said = AnswerWithdrawal(by="system", via="worker", statement="S", outcome="unmatched")
    answered = said.decide(world)
    assert [draft.act.seq for draft in answered.acts] == [1]
    again = replace(world, acts=(*world.acts, answered.acts[0].act))
    assert said.decide(again).acts == ()


# --- channels and dates


FAIR = replace(TERMS, sale=Sale("off-premises", "acompte", False, 2000))


def test_off_premises_in_france_no_money_is_asked_for_within_seven_days() -> None:
    case = Case(offer=opened(FAIR)).place()  # on 15 June 2018, at midnight UTC, two in the morning in Paris
    ask = AskDeposit(**HOLDER, number="N")
    assert may_be_paid_from("FR", "off-premises", case.now) == at(2018, 6, 22, 22)
    case.now = at(2018, 6, 22, 21, 59)
    assert code(case, ask) == "too-early-to-pay"
    case.now = at(2018, 6, 22, 22)
    assert case.do(ask) == ["deposit.asked"]


def test_the_place_is_held_until_well_after_it_may_be_paid() -> None:
    case = Case(offer=opened(FAIR)).place()
    assert case.held.hold_until == at(2018, 6, 22, 22) + case.policy.transfer_hold


@pytest.mark.parametrize(
    ("residence", "consumer", "channel"),
    [
        ("US", True, "off-premises"),
        ("FR", False, "off-premises"),
        ("FR", True, "distance"),
        ("FR", True, "shop"),
    ],
)
def test_elsewhere_it_may_be_asked_at_once(residence: str, consumer: bool, channel: str) -> None:
    terms = replace(TERMS, sale=Sale(channel, "acompte", False, 2000))
    case = Case(offer=opened(terms)).place(residence=residence, consumer=consumer)
    assert case.do(AskDeposit(**HOLDER, number="N")) == ["deposit.asked"]


def test_a_transfer_that_comes_too_early_is_booked_and_said() -> None:
    case = Case(offer=opened(FAIR)).place().later(days=2)
    case.pay(rail="transfer")
    assert case.held.status == "confirmed" and len(too_early(case.held, case.offer)) == 1
    assert any("money_too_early" in each for each in case.duties)
    case.now = at(2018, 6, 22, 22)
    case.pay(rail="transfer")
    assert len(too_early(case.held, case.offer)) == 1


def test_clocks_of_summer_and_winter_are_those_of_the_customer() -> None:
    assert may_be_paid_from("FR", "off-premises", at(2026, 10, 20, 12)) == at(2026, 10, 27, 23)


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("Date indicative.", {("indicative", "indicative")}),
        (
            "Delivery is ESTIMATED, and non-binding.",
            {("indicative", "estimated"), ("indicative", "non-binding")},
        ),
        (
            "Livraison prévisionnelle, environ au printemps.",
            {("indicative", "environ"), ("indicative", "prévisionnelle")},
        ),
        ("An estimate of costs, the environment.", set()),
    ],
)
def test_words_that_take_a_date_back_are_found(words: str, found: set[tuple[str, str]]) -> None:
    near = Window(date(2020, 1, 1), date(2020, 3, 31))
    terms = replace(TERMS, window=near, texts={"en": Text("The car", "", words)})
    assert {(each.code, each.about) for each in doubts(terms)} == found


def test_each_doubt_names_its_article() -> None:
    terms = replace(FAIR, texts={"fr": Text("Auto", "", "Date indicative.")})
    assert [(each.code, each.article) for each in doubts(terms)] == [
        ("indicative", "R212-2 7°"),
        ("vague", "L216-1"),
        ("money-early", "L221-10"),
    ]


def test_the_labels_that_the_law_writes() -> None:
    assert labels("fr-FR").order == "Commande avec obligation de paiement"
    assert (labels("fr").withdraw, labels("fr").confirm_withdrawal) == (
        "Renoncer au contrat ici",
        "Confirmer la rétractation",
    )
    assert labels("de") == LABELS["en"]


def test_a_newer_version_does_not_bring_a_date_back() -> None:
    case = Case().place()
    cheaper = replace(terms_of(case.offer), capacity=9)
    told(case, None)
    case.do(ReviseOffer(**MAKER, slug="car", terms=cheaper))
    case.do(AcceptVersion(**HOLDER, number="N", version=2))
    assert case.held.expected is None
