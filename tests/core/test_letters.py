"""Letters: when the law gives each, what they say, that figures are the engine's, and what sending one does."""

import re
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from earnest.book.law_files import packaged
from earnest.core.commands.answer_slip import AnswerSlip
from earnest.core.commands.letters import GiveNotice, Resolve, SendLetter
from earnest.core.commands.owe_by_law import OweByLaw
from earnest.core.commands.slip_promise import SlipPromise, TellSlip
from earnest.core.letters import kinds, of_holder, of_maker
from earnest.core.letters.content import Amount, Content
from earnest.core.letters.kinds import KINDS
from earnest.core.letters.words import PARAGRAPHS, TITLES
from earnest.core.letters.writing import case_of, known, write
from earnest.core.offer import Window
from earnest.core.refusals import Forbidden, Refusal
from earnest.core.rights.answer import answer
from earnest.core.rights.facts import Ended, FormalNotice, Today
from earnest.core.rights.gather import facts_of
from earnest.core.rights.words import SENTENCES
from tests.core.driver import HOLDER, MAKER, WORKER, Case, at
from tests.core.test_owe_by_law import founding, heads, paid_back

LAW = packaged()
LATER = Window(date(2021, 1, 1), date(2021, 12, 31))


def letter(code: str, case: Case, on: date | None = None, ends: date | None = None) -> Content:
    """As it would be written on a day."""
    day = on or case.now.date()
    today = Today(day, day)
    facts = known(case.held, case.offer, today)
    return write(code, case_of(LAW, case.held, case.offer, facts, today, extra_time_ends_on=ends))


def why_not(code: str, case: Case, on: date | None = None) -> tuple[str, str]:
    """The code and the sentence of the refusal."""
    with pytest.raises(Refusal) as caught:
        letter(code, case, on)
    return caught.value.code, str(caught.value)


def codes(content: Content) -> list[str]:
    return [each.code for each in content.paragraphs]


def said(content: Content, code: str) -> dict[str, Any]:
    return dict(next(each.params for each in content.paragraphs if each.code == code))


def slip(case: Case, window: Window | None) -> int:
    case.do(SlipPromise(**MAKER, slug="car", window=window, why="The mould cracked."))
    seq = case.offer.slips[-1].seq
    case.do(TellSlip(**WORKER, number="N", slip=seq))
    return seq


def noticed(on: datetime, ends: date) -> Case:
    case = founding()
    case.now = on
    case.do(GiveNotice(**HOLDER, number="N", extra_time_ends_on=ends))
    return case


# --- the table


def test_every_kind_has_its_title_and_its_writer_and_an_unknown_one_is_missing() -> None:
    assert set(TITLES) == set(KINDS)
    with pytest.raises(Refusal) as caught:
        letter("billet-doux", Case().place())
    assert caught.value.code == "no-letter" and "formal-notice" in str(caught.value)


# --- formal notice and resolution (L216-6)


def test_no_formal_notice_before_the_promised_day_is_over_and_the_sentence_says_from_when() -> None:
    code, sentence = why_not(kinds.FORMAL_NOTICE, founding(), date(2020, 12, 31))
    assert code == "letter-not-late"
    assert "art. L216-6" in sentence and "2021-01-01" in sentence
    assert letter(kinds.FORMAL_NOTICE, founding(), date(2021, 1, 1)).promised_on == date(2020, 12, 31)


def test_a_formal_notice_names_contract_day_time_and_what_follows_as_its_rule_lists_them() -> None:
    case = founding()
    found = letter(kinds.FORMAL_NOTICE, case, date(2021, 4, 1), date(2021, 4, 20))
    assert codes(found) == ["i-reserved", "day-missed", "i-set-time", "then-resolution", "i-keep-back"]
    assert len(LAW.rules["fr-l216-6"].says) == 4
    assert said(found, "i-set-time")["until"] == date(2021, 4, 20)
    assert said(found, "i-reserved")["paid"] == (Amount(5_000_000, "USD"),)
    facts = replace(facts_of(case.held, case.offer), notice=FormalNotice(date(2021, 4, 1), date(2021, 4, 20)))
    right = next(each for each in answer(LAW, facts, date(2021, 4, 21)).rights if each.kind == "resolve")
    assert right.open and not answer(LAW, facts, date(2021, 4, 20)).rights[1].open
    assert said(found, "then-resolution")["from"] == date(2021, 4, 21)
    assert [(each.citation, each.mark) for each in found.grounds] == [
        ("Code de la consommation, art. L216-6", "V")
    ]


def test_the_extra_time_lies_ahead_and_within_a_year() -> None:
    case = founding()
    for ends in (date(2021, 4, 1), date(2021, 3, 1), date(2023, 1, 1)):
        with pytest.raises(Refusal) as caught:
            letter(kinds.FORMAL_NOTICE, case, date(2021, 4, 1), ends)
        assert caught.value.code == "extra-time"
    assert letter(kinds.FORMAL_NOTICE, case, date(2021, 4, 1)).extra_time_ends_on == date(2021, 4, 15)


def test_a_notice_is_an_act_and_the_engine_gives_resolution_after_its_time() -> None:
    case = founding()
    case.now = at(2021, 4, 1, 9)
    assert why_not(kinds.RESOLUTION, case)[0] == "letter-notice-first"
    case.do(GiveNotice(**HOLDER, number="N", extra_time_ends_on=date(2021, 4, 20)))
    assert case.acts[-1].type == "notice.received" and case.acts[-1].text("law_rule") == "fr-l216-6"
    assert {f"mail/N/letter_to_maker/{case.acts[-1].seq}"} <= set(case.duties)
    assert facts_of(case.held, case.offer).notice == FormalNotice(date(2021, 4, 1), date(2021, 4, 20))
    assert why_not(kinds.FORMAL_NOTICE, case)[0] == "letter-noticed"
    code, sentence = why_not(kinds.RESOLUTION, case, date(2021, 4, 20))
    assert code == "letter-resolution-later" and "2021-04-21" in sentence and "L216-6" in sentence
    case.now = at(2021, 4, 20, 12)
    with pytest.raises(Refusal, match="2021-04-21"):
        case.do(Resolve(**HOLDER, number="N"))
    case.now = at(2021, 4, 21, 12)
    types = case.do(Resolve(**HOLDER, number="N"))
    assert types == ["cancellation.requested", "refund.owed", "refund.owed"]
    ending = case.held.endings[-1]
    assert (ending.ground, case.held.owed_back()) == ("resolution", {"USD": 5_000_000})
    facts = facts_of(case.held, case.offer, case.acts)
    assert facts.ended and (facts.ended.by, facts.ended.known_on) == ("resolution", date(2021, 4, 21))
    owed = next(each for each in case.acts if each.type == "refund.owed")
    assert owed.get("law_rule") == "fr-l216-7"


def test_a_resolution_asks_for_what_the_engine_reckons_to_the_day() -> None:
    case = noticed(at(2021, 4, 1, 9), date(2021, 4, 20))
    on = date(2021, 5, 3)
    found = letter(kinds.RESOLUTION, case, on)
    ended = replace(facts_of(case.held, case.offer), ended=Ended("resolution", on))
    rights = answer(LAW, ended, on)
    assert found.sums == tuple(each for each in rights.sums if each.amount_minor)
    assert [each.kind for each in found.sums] == ["principal", "interest"] and found.sums[1].amount_minor > 0
    assert said(found, "pay-back-by") == {
        "total": (Amount(rights.total_minor("USD"), "USD"),),
        "day": date(2021, 5, 17),
    }
    assert {each.citation for each in found.grounds} >= {
        "Code de la consommation, art. L216-6",
        "Code de la consommation, art. L216-7",
        "Code de la consommation, art. L214-2",
    }


def test_who_agrees_to_a_later_day_has_let_go_of_the_notice() -> None:
    case = noticed(at(2021, 4, 1, 9), date(2021, 4, 20))
    seq = slip(case, LATER)
    assert facts_of(case.held, case.offer).notice
    case.do(AnswerSlip(**HOLDER, number="N", slip=seq, answer="accept"))
    assert facts_of(case.held, case.offer).notice is None
    assert "2022-01-01" in why_not(kinds.FORMAL_NOTICE, case, date(2021, 5, 1))[1]


def test_a_notice_of_a_later_day_was_not_known_before() -> None:
    case = noticed(at(2021, 4, 1, 9), date(2021, 4, 20))
    assert known(case.held, case.offer, Today(date(2021, 3, 31), date(2021, 3, 31))).notice is None


def test_a_paper_is_written_down_by_the_maker_as_of_the_day_it_came() -> None:
    case = founding()
    case.now = at(2021, 4, 9, 9)
    with pytest.raises(Refusal, match="Only the maker"):
        case.do(GiveNotice(**HOLDER, number="N", received_on=date(2021, 4, 1)))
    with pytest.raises(Refusal, match="still ahead"):
        case.do(GiveNotice(**MAKER, number="N", received_on=date(2021, 4, 10)))
    case.do(
        GiveNotice(**MAKER, number="N", received_on=date(2021, 4, 1), extra_time_ends_on=date(2021, 4, 8))
    )
    assert case.held.notice and case.held.notice.received_on == date(2021, 4, 1)
    assert not [each for each in case.duties if "letter_to_maker" in each]
    assert letter(kinds.RESOLUTION, case).on == date(2021, 4, 9)


@pytest.mark.parametrize(
    ("residence", "citation"),
    [
        ("DE", "BGB §§ 323"),
        ("GB", "Consumer Rights Act 2015, s. 28"),
        ("BE", "Directive 2011/83/EU, art. 18"),
        ("CH", "OR art. 102"),
    ],
)
def test_the_formal_notice_of_other_laws_names_their_article_and_mark(residence: str, citation: str) -> None:
    found = letter(kinds.FORMAL_NOTICE, founding(residence), date(2021, 4, 1))
    assert found.grounds[0].citation.startswith(citation)
    assert found.grounds[0].mark == LAW.rules[found.grounds[0].rule].mark
    assert codes(found)[:4] == ["i-reserved", "day-missed", "i-set-time", "then-resolution"]


def test_where_the_law_knows_no_formal_notice_the_sentence_says_so() -> None:
    code, sentence = why_not(kinds.FORMAL_NOTICE, founding("US"), date(2021, 4, 1))
    assert code == "letter-no-rule" and "US" in sentence
    assert why_not(kinds.WITHDRAWAL, founding("US"))[0] == "letter-no-withdrawal"


def test_quebec_needs_no_notice() -> None:
    case = founding("CA")
    today = Today(date(2021, 4, 1), date(2021, 4, 1))
    facts = replace(known(case.held, case.offer, today), residence="CA-QC")
    about = case_of(LAW, case.held, case.offer, facts, today)
    with pytest.raises(Refusal) as caught:
        write(kinds.FORMAL_NOTICE, about)
    assert caught.value.code == "letter-not-needed" and "54.9" in str(caught.value)
    assert "i-resolve" in codes(write(kinds.RESOLUTION, about))


# --- the demand for the money


def resolved() -> Case:
    case = noticed(at(2021, 4, 1, 9), date(2021, 4, 20))
    case.now = at(2021, 4, 21, 12)
    case.do(Resolve(**HOLDER, number="N"))
    return case


def test_a_refund_is_demanded_the_day_after_its_term_with_the_surcharge_of_a_resolution() -> None:
    case = resolved()
    code, sentence = why_not(kinds.REFUND_DEMAND, case, date(2021, 5, 5))
    assert code == "letter-refund-runs" and "L216-7" in sentence and "2021-05-06" in sentence
    found = letter(kinds.REFUND_DEMAND, case, date(2021, 6, 1))
    rights = answer(LAW, facts_of(case.held, case.offer, case.acts), date(2021, 6, 1))
    assert said(found, "refund-late") == {"day": date(2021, 5, 5), "days": 27}
    by_head = {each.kind: each.amount_minor for each in found.sums}
    # Contract of 2018: 27 days late is twenty per cent, in the wording of 2016 as in that of today.
    assert by_head["surcharge"] == 1_000_000 and by_head["principal"] == 5_000_000
    assert said(found, "i-demand")["total"] == (Amount(rights.total_minor("USD"), "USD"),)
    assert found.total_minor("USD") == rights.total_minor("USD") == sum(by_head.values())
    assert "ended-resolution" in codes(found)


def test_what_is_owed_by_itself_after_a_resolution_is_the_surcharge_of_its_own_article() -> None:
    case = resolved()
    paid_back(case, at(2021, 6, 1, 12))
    for refund in (1, 2):
        case.do(OweByLaw(**WORKER, number="N", refund=refund))
    added = {head: sum(minor for each, minor, _ in heads(case) if each == head) for head, _, _ in heads(case)}
    assert added["surcharge"] == 1_000_000
    rules = {str(each.get("law_rule")) for each in case.acts if each.get("head") == "surcharge"}
    assert len(rules) == 1 and next(iter(rules)).startswith("fr-l241-4")
    assert why_not(kinds.REFUND_DEMAND, case, date(2021, 5, 1))[0] == "letter-refund-runs"


def test_nothing_is_demanded_of_what_goes_on() -> None:
    assert why_not(kinds.REFUND_DEMAND, founding())[0] == "letter-not-ended"
    assert why_not(kinds.CONFIRMATION, founding())[0] == "letter-goes-on"


def test_the_makers_confirmation_says_what_went_and_what_is_owed() -> None:
    case = resolved()
    found = letter(kinds.CONFIRMATION, case)
    assert codes(found) == ["you-reserved", "we-confirm-resolution", "we-owe-by"]
    paid_back(case, at(2021, 4, 22, 12))
    after = letter(kinds.CONFIRMATION, case)
    assert codes(after).count("went-back") == 2
    assert why_not(kinds.FORMAL_NOTICE, case)[0] == "letter-ended"


# --- withdrawal, and answers to a slip


def test_a_withdrawal_is_given_while_its_right_is_open_and_says_until_when_it_was() -> None:
    case = Case().place()
    case.pay()
    assert codes(letter(kinds.WITHDRAWAL, case))[:2] == ["i-reserved", "i-withdraw"]


def test_answers_are_for_a_slip_that_waits_for_one() -> None:
    case = founding("US")
    for kind in (kinds.CONSENT, kinds.WAITING, kinds.REFUSAL):
        assert why_not(kind, case)[0] == "letter-no-slip"
    case.now = at(2020, 12, 1)
    seq = slip(case, LATER)
    assert said(letter(kinds.CONSENT, case), "i-agree")["day"] == LATER.end
    assert "i-wait" in codes(letter(kinds.WAITING, case)) and "i-refuse" in codes(letter(kinds.REFUSAL, case))
    case.do(AnswerSlip(**HOLDER, number="N", slip=seq, answer="accept"))
    assert why_not(kinds.CONSENT, case)[0] == "letter-answered"
    assert why_not(kinds.CONSENT_REQUEST, case)[0] == "letter-has-answered"


def test_nobody_agrees_to_a_date_that_was_not_given() -> None:
    case = founding()
    slip(case, None)
    assert why_not(kinds.CONSENT, case)[0] == "letter-no-date"
    assert why_not(kinds.CONSENT_REQUEST, case)[0] == "letter-nothing-to-agree"
    assert "moves-to-none" in codes(letter(kinds.DELAY_NOTICE, case))


# --- the maker's notices


def test_a_first_delay_over_thirty_days_says_what_the_united_states_want_said() -> None:
    case = founding("US")
    assert why_not(kinds.DELAY_NOTICE, case)[0] == "letter-no-move"
    case.now = at(2020, 12, 1)
    slip(case, LATER)
    found = letter(kinds.DELAY_NOTICE, case)
    assert {"moves-to", "reason", "full-refund", "answer-free", "silence-ends"} <= set(codes(found))
    assert "silence-agrees" not in codes(found)
    assert found.grounds[0].citation == "16 CFR 435.2(b)(1)" and found.grounds[0].mark == "P"
    rights = answer(LAW, facts_of(case.held, case.offer), case.now.date())
    assert said(found, "silence-ends")["until"] == rights.choices[-1].decided_on


def test_a_renewed_notice_is_for_a_further_delay_and_says_that_silence_ends_it() -> None:
    case = founding("US")
    case.now = at(2020, 12, 1)
    seq = slip(case, LATER)
    code, sentence = why_not(kinds.RENEWED_NOTICE, case)
    assert code == "letter-first-delay" and "435.2(b)(2)" in sentence
    case.do(AnswerSlip(**HOLDER, number="N", slip=seq, answer="accept"))
    case.now = at(2021, 12, 1)
    slip(case, Window(date(2022, 1, 1), date(2022, 6, 30)))
    found = letter(kinds.RENEWED_NOTICE, case)
    assert found.grounds[0].citation == "16 CFR 435.2(b)(2)" and found.grounds[0].mark == "Q"
    assert {"again", "moves-to", "reason", "full-refund", "answer-free", "silence-ends"} <= set(codes(found))
    assert said(found, "moves-to")["now"] == date(2022, 6, 30)


def test_elsewhere_a_renewed_notice_is_unknown_and_silence_changes_nothing() -> None:
    case = founding()
    case.now = at(2020, 12, 1)
    slip(case, LATER)
    assert why_not(kinds.RENEWED_NOTICE, case)[0] == "letter-no-renewal"
    found = letter(kinds.DELAY_NOTICE, case)
    assert codes(found)[-1] == "silence-nothing" and "reason" in codes(found)
    assert codes(letter(kinds.CONSENT_REQUEST, case))[-1] == "do-you-agree"


# --- sending


def test_a_letter_that_only_goes_is_written_down_for_the_side_that_may_write_it() -> None:
    case = founding()
    case.now = at(2020, 12, 1)
    slip(case, LATER)
    with pytest.raises(Forbidden):
        case.do(SendLetter(**HOLDER, number="N", letter=kinds.DELAY_NOTICE))
    with pytest.raises(Refusal, match="send it as what it is"):
        case.do(SendLetter(**HOLDER, number="N", letter=kinds.FORMAL_NOTICE))
    with pytest.raises(Refusal, match="in en or fr"):
        case.do(SendLetter(**MAKER, number="N", letter=kinds.DELAY_NOTICE, language="de"))
    assert case.do(SendLetter(**MAKER, number="N", letter=kinds.DELAY_NOTICE)) == ["letter.sent"]
    assert case.acts[-1].text("dated_on") == "2020-12-01"
    assert case.duties[-1].startswith("mail/N/letter_to_holder/")


def test_a_letter_that_the_law_does_not_give_is_not_sent() -> None:
    case = founding()
    before = len(case.acts)
    for command in (
        GiveNotice(**HOLDER, number="N", extra_time_ends_on=case.now.date() + timedelta(days=20)),
        Resolve(**HOLDER, number="N"),
        SendLetter(**HOLDER, number="N", letter=kinds.REFUND_DEMAND),
    ):
        if isinstance(command, GiveNotice):
            case.now = at(2020, 6, 1)
        with pytest.raises(Refusal):
            case.do(command)
    assert len(case.acts) == before


def test_every_paragraph_that_can_be_written_has_its_english() -> None:
    """Codes are literals in the writers; each stands in the table of words."""
    written = set()
    for module in (of_holder, of_maker):
        source = Path(str(module.__file__)).read_text()
        written |= set(re.findall(r'\bline\(\s*"([a-z-]+)"', source))
    written |= {
        f"{start}-{by}"
        for start in ("ended", "we-confirm")
        for by in ("withdrawal", "resolution", "maker", "unasked")
    }
    assert len(written) > 40 and written <= set(PARAGRAPHS), written - set(PARAGRAPHS)
    assert not set(PARAGRAPHS) & set(SENTENCES) - {"rate-missing"}
