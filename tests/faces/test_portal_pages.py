"""The portal, state by state: what is said, what is shown apart, and what acts."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from earnest.book import clock, door, links, policy
from earnest.core.commands.base import Policy
from earnest.core.commands.erase import Erase
from earnest.core.commands.give_account import GiveAccount
from earnest.core.commands.refund import RequestRefund
from earnest.core.commands.report_refund import ReportRefund
from tests import scene
from tests.faces.visitor import browser, inside, once, text, written
from tests.scene import account, cancel, pay, place, slip, state, work
from tests.scene import book as book


def read(number: str, page: str = "", language: str = "en") -> str:
    answer = inside(number, language).get(f"/my/{number}/{page}")
    assert answer.status_code == 200
    return text(answer.content)


def by_hand(number: str, outcome: str, **said: str) -> None:
    """Two operators pay, or hear that it came back; the first refund, its first attempt."""
    given = {"reference": "BANK-1"} | said
    command = ReportRefund(
        **scene.OTHER, number=number, refund=1, attempt=1, outcome=outcome, happened_at=clock.now(), **given
    )
    door.do_one(command)


@pytest.mark.parametrize("spelling", [str.lower, lambda number: number.replace("-", "")])
def test_a_number_opens_its_pages_however_it_is_written(
    book: clock.ManualClock, spelling: Callable[[str], str]
) -> None:
    number = place()
    pay(number)
    cancel(number)
    client = inside(number)
    for page in ("", "acts/", "cancelled/", "account/", "story/"):
        assert client.get(f"/my/{spelling(number)}/{page}").status_code == 200, page


def test_the_plan_says_what_is_paid_and_by_when_the_rest_is_due(book: clock.ManualClock) -> None:
    number = place()
    pay(number)
    page = read(number)
    assert "€5,000.00 by card when you reserve paid" in page
    assert "€45,000.00 by bank transfer by 10 June 2026" in page
    assert "It is due on 10 June 2026." in page
    book.advance(timedelta(days=200))
    assert "It was due on 10 June 2026. Your place is safe" in read(number)
    assert "Il était dû le 10 juin 2026." in read(number, language="fr")


def test_a_slip_is_shown_with_its_reason_then_and_now(book: clock.ManualClock) -> None:
    number = place()
    pay(number)
    assert "Promised for 1 January 2027 – 31 December 2027" in read(number)
    slip()
    work()
    page = read(number)
    assert "Then 1 January 2027 – 31 December 2027 Now 1 January 2028 – 30 December 2028" in page
    assert "The mould cracked." in page and "I agree to the new window" in page


def test_what_was_paid_back_is_told_and_what_arrived_is_told_apart(book: clock.ManualClock) -> None:
    number = place()
    account(number)
    book.advance(timedelta(days=10))
    pay(number, rail="transfer")
    cancel(number)
    assert "Owed back to you €5,000.00" in read(number)
    door.do_one(RequestRefund(**scene.MAKER, number=number, refund=1))
    assert "Refund of €5,000.00 is being sent" in read(number) and "23 h" not in read(number, "cancelled/")
    by_hand(number, "sent")
    page = read(number)
    assert "Paid back to you €5,000.00" in page and "has left" in page and "Sent on 12 March 2026" in page
    assert "Paid and held for you" not in page and "Owed back to you" not in page
    book.advance(timedelta(days=2))
    by_hand(number, "arrived")
    assert "arrived on 14 March 2026" in read(number)
    by_hand(number, "returned", why="account-closed")
    page = read(number)
    assert "Owed back to you €5,000.00" in page and "Paid back to you" not in page
    assert "Refund 1 came back (the account is closed); it is owed again." in page
    assert "(le compte est clos)" in read(number, language="fr")


def test_a_refund_that_is_held_says_until_when_and_shows_no_other_clock(book: clock.ManualClock) -> None:
    number = place()
    pay(number, rail="transfer", minor=500_000)
    cancel(number)
    assert "It cannot go back the way it came." in read(number, "cancelled/")
    account(number, "Somebody Else")
    page = read(number, "cancelled/")
    assert "Held until 4 March 2026, 09:00 UTC, because the account is new" in page
    assert "Refund leaves by" not in page
    assert "Retenu jusqu'au 4 mars 2026" in read(number, "cancelled/", "fr")


@pytest.mark.parametrize("wanted", ["x", "0", "-1", "3", "1000", "²", "9" * 5000])
def test_a_number_of_places_that_is_none_cancels_nothing(book: clock.ManualClock, wanted: str) -> None:
    number = place(2)
    pay(number, 1_000_000)
    client = inside(number)
    page = f"/my/{number}/cancel/"
    given = once(client, page) | {"quantity": wanted}
    before = written()
    answer = client.post(page, given)
    assert answer.status_code == 422 and "The number of places is from 1 to 2." in text(answer.content)
    assert written() == before and state(number).quantity == 2
    assert client.get(page, {"quantity": wanted}).status_code == 200


def test_saying_no_number_cancels_all(book: clock.ManualClock) -> None:
    number = place(2)
    client = inside(number)
    client.post(f"/my/{number}/cancel/", once(client, f"/my/{number}/cancel/"))
    assert state(number).status == "cancelled"


@pytest.mark.parametrize("wanted", ["", "x", "2", "9" * 5000])
def test_a_version_that_is_not_there_is_a_sentence(book: clock.ManualClock, wanted: str) -> None:
    number = place()
    client = inside(number)
    answer = client.post(f"/my/{number}/version/", {"once": "k" * 24, "version": wanted})
    assert answer.status_code == 404 and "There is no newer version" in text(answer.content)


def test_a_refused_page_leads_on_in_another_language(book: clock.ManualClock) -> None:
    """The address of an act cannot be got, so choosing a language there leads to the reservation."""
    number = place()
    client = inside(number)
    page = client.post(f"/my/{number}/pay/").content.decode()
    assert f'name="next" value="/my/{number}/"' in page


def test_choosing_a_language_wins_over_the_one_in_the_address(book: clock.ManualClock) -> None:
    page = browser().get("/find/?lang=fr&a=1").content.decode()
    assert 'name="next" value="/find/?a=1"' in page


def test_a_stale_confirmation_leads_to_a_new_link(book: clock.ManualClock) -> None:
    for address in ("/account/confirm/x/", "/link/x/"):
        answer = browser().get(address)
        page = answer.content.decode()
        assert answer.status_code == 410 and 'name="number"' in page and 'name="email"' in page


def test_an_account_is_confirmed_once_and_no_mail_link_confirms_another(book: clock.ManualClock) -> None:
    number = place()
    account(number, confirmed=False)
    first = f"/account/confirm/{links.make('account', number, '1')}/"
    door.do_one(
        GiveAccount(**scene.HOLDER, number=number, holder="Ada Moreau", iban="DE89370400440532013000")
    )
    client = browser()
    answer = client.post(first, once(client, first))
    assert answer.status_code == 409 and "A newer account was given" in text(answer.content)
    assert [each.confirmed_at for each in state(number).accounts] == [None, None]


def test_the_account_form_ties_its_help_and_hides_the_number_afterwards(book: clock.ManualClock) -> None:
    number = place()
    page = inside(number).get(f"/my/{number}/account/").content.decode()
    field = re.search(r'<input[^>]*name="routing"[^>]*>', page)
    assert field and "routing-help" in field[0]
    account(number)
    shown = read(number)
    assert "ending in 2606" in shown and scene.IBAN not in shown


def test_private_pages_are_kept_nowhere(book: clock.ManualClock) -> None:
    number = place()
    account(number, confirmed=False)
    client = inside(number)
    confirm = f"/account/confirm/{links.make('account', number, '1')}/"
    for page in (
        *(f"/my/{number}/{each}" for each in ("", "acts/", "cancel/", "account/", "story/")),
        confirm,
    ):
        assert "no-store" in client.get(page).headers["Cache-Control"], page


@pytest.mark.parametrize("language", ["en", "fr"])
def test_what_was_erased_is_said_to_be_so_and_every_page_stands(
    book: clock.ManualClock, language: str
) -> None:
    number = place()
    account(number)
    slip()
    work()
    cancel(number)
    work()
    for cls in ("identity", "contact", "bank", "text"):
        door.do_one(Erase(**scene.MAKER, number=number, cls=cls))
    for page in ("", "acts/", "cancelled/", "account/"):
        shown = read(number, page, language)
        assert "2606" not in shown and "Ada" not in shown
    said = {"en": "Reason: (erased)", "fr": "Motif : (effacé)"}
    assert said[language] in read(number, "acts/", language)


def test_a_payment_that_is_too_old_for_its_card_says_so(
    book: clock.ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = place()
    pay(number)
    monkeypatch.setattr(policy, "current", lambda: replace(Policy(), card_refund_days=100))
    assert "Can go back to this card until 10 June 2026" in read(number)
    book.advance(timedelta(days=100))
    assert "Too old to go back to its card" in read(number)
    assert "to a bank account that you tell us" in read(number, "cancel/")


def test_a_card_that_died_is_not_told_as_a_bank_that_could_not_pay(book: clock.ManualClock) -> None:
    number = place()
    pay(number)
    cancel(number)
    door.do_one(RequestRefund(**scene.MAKER, number=number, refund=1))
    by_hand(number, "refused", why="expired_or_canceled_card")
    refund = state(number).refunds[0]
    assert (refund.status, refund.why, refund.route, refund.failed_account) == (
        "waiting",
        "account",
        "card",
        None,
    )
    page = read(number)
    assert "It cannot go back the way it came" in page and "Our bank could not pay it" not in page
