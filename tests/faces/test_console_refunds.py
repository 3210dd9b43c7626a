"""A refund by hand takes two operators; one to a card can be sent early; what the bank says is recorded."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from earnest.book import clock, door, models, reads
from earnest.core.commands.give_account import ConfirmAccount, GiveAccount
from earnest.core.commands.receive_deposit import Paid, ReceiveDeposit
from earnest.core.refund import Refund
from earnest.stripe_double.double import StripeDouble
from earnest.stripe_double.server import serve
from tests.faces.console_desk import (
    HOLDER,
    IBAN,
    cancel,
    desk,
    fresh_key,
    give_account,
    logged_in,
    open_offer,
    pay,
    place,
    press,
)

__all__ = ["desk"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("desk")]


@pytest.fixture
def number(desk: clock.ManualClock) -> str:
    """A cancelled reservation whose transfer goes back to an account that was confirmed long ago."""
    open_offer()
    made = place("Ada Moreau")
    give_account(made)
    desk.advance(timedelta(days=5))
    pay(made, rail="transfer")
    cancel(made)
    return made


def page_of(number: str, step: str = "", n: int = 1) -> str:
    return f"/console/reservations/{number}/refunds/{n}/{step + '/' if step else ''}"


def refund(number: str, n: int = 1) -> Refund:
    found = reads.reservation(number).refund(n)
    assert found is not None
    return found


def prepare(number: str, client: Client | None = None) -> Any:
    return press(client or logged_in("ana"), page_of(number), page_of(number, "prepare"))


def report(client: Client, number: str, step: str, **data: str) -> Any:
    return press(client, page_of(number), page_of(number, step), attempt=str(refund(number).attempt), **data)


def test_the_account_is_shown_in_full_only_once_the_payment_is_prepared(number: str) -> None:
    client = logged_in("ana")
    before = client.get(page_of(number)).content.decode().split('<ol class="timeline"')[0]
    assert IBAN not in before and "…2606" in before
    prepare(number, client)
    after = client.get(page_of(number)).content.decode()
    assert IBAN in after and "100.00 EUR" in after and f"{number}/1" in after


def test_the_first_operator_prepares_and_is_told_that_another_must_confirm(number: str) -> None:
    client = logged_in("ana")
    assert prepare(number, client)["Location"] == page_of(number)
    assert (refund(number).status, refund(number).requested_by) == ("requested", "operator:ana")
    assert "another operator must confirm" in client.get(page_of(number)).content.decode()
    assert "another operator must confirm" not in logged_in("ben").get(page_of(number)).content.decode()


def test_the_one_who_prepared_cannot_confirm(number: str) -> None:
    client = logged_in("ana")
    prepare(number, client)
    before = models.Act.objects.count()
    answer = report(client, number, "sent", reference="OUT-1")
    assert answer.status_code == 409
    assert "Another operator must confirm a payment by hand." in answer.content.decode()
    assert 'value="OUT-1"' in answer.content.decode()
    assert models.Act.objects.count() == before


def test_another_operator_confirms_with_the_banks_reference(number: str) -> None:
    prepare(number)
    answer = report(logged_in("ben"), number, "sent", reference="OUT-1")
    assert answer["Location"] == page_of(number)
    assert (refund(number).status, refund(number).reference) == ("sent", "OUT-1")
    sent = next(each.act for each in reads.acts("reservation", number) if each.act.type == "refund.sent")
    assert sent.get("person") == "operator:ben"
    assert sent.get("happened_at") == "2026-03-07T09:00:00Z"


def test_a_refund_cannot_be_confirmed_before_it_was_prepared(number: str) -> None:
    report(logged_in("ben"), number, "sent", reference="OUT-1")
    assert refund(number).status == "owed"


def test_sent_without_a_reference_is_refused_at_the_field(number: str) -> None:
    prepare(number)
    answer = report(logged_in("ben"), number, "sent", reference="")
    assert answer.status_code == 422
    assert "This field is required." in answer.content.decode()
    assert refund(number).status == "requested"


def test_preparing_twice_is_refused(number: str) -> None:
    client = logged_in("ana")
    prepare(number, client)
    answer = prepare(number, logged_in("ben"))
    assert answer.status_code == 409
    assert "so it cannot be sent now" in answer.content.decode()


def test_the_same_press_twice_prepares_once(number: str) -> None:
    client = logged_in("ana")
    key = fresh_key(client, page_of(number))
    for _ in range(2):
        assert client.post(page_of(number, "prepare"), {"once": key}).status_code == 302
    assert refund(number).attempt == 1


def test_what_the_bank_refuses_is_owed_again_and_waits_for_another_account(number: str) -> None:
    prepare(number)
    report(logged_in("ana"), number, "failed", why="account-closed")
    assert (refund(number).status, refund(number).why) == ("waiting", "account")
    refused = next(
        each.act for each in reads.acts("reservation", number) if each.act.type == "refund.refused"
    )
    assert refused.get("why") == "account-closed"
    body = logged_in().get(page_of(number)).content.decode()
    assert "No confirmed bank account yet" in body and "No account yet." in body


def test_what_came_back_is_a_return_and_a_correction(number: str) -> None:
    prepare(number)
    report(logged_in("ben"), number, "sent", reference="OUT-1")
    report(logged_in("ana"), number, "failed", why="name-differs")
    types = [each.act.type for each in reads.acts("reservation", number)]
    assert "refund.returned" in types and "refund.corrected" in types
    assert refund(number).status == "waiting"


def test_a_reason_that_is_none_of_the_list_is_refused(number: str) -> None:
    prepare(number)
    answer = report(logged_in("ana"), number, "failed", why="<b>because</b>")
    assert answer.status_code == 422
    assert refund(number).status == "requested"


def test_arrival_is_recorded_apart_from_leaving(number: str, desk: clock.ManualClock) -> None:
    prepare(number)
    report(logged_in("ben"), number, "sent", reference="OUT-1")
    desk.advance(timedelta(days=3))
    assert "OUT-1" in logged_in().get("/console/refunds/").content.decode()
    report(logged_in("ana"), number, "arrived", reference="", on="2026-03-09")
    assert refund(number).status == "arrived"
    assert str(refund(number).arrived_at) == "2026-03-09 12:00:00+00:00"
    assert "OUT-1" not in logged_in().get("/console/refunds/").content.decode()


def test_news_of_an_earlier_attempt_changes_nothing(number: str) -> None:
    prepare(number)
    client = logged_in("ben")
    key = fresh_key(client, page_of(number))
    client.post(page_of(number, "sent"), {"once": key, "attempt": "0", "reference": "OLD"})
    assert refund(number).status == "requested"
    assert (
        client.post(page_of(number, "sent"), {"once": key, "attempt": "x", "reference": "OLD"}).status_code
        == 422
    )


@pytest.mark.parametrize("step", ["now", "prepare", "sent", "failed", "arrived"])
def test_looking_never_acts(number: str, step: str) -> None:
    before = models.Act.objects.count()
    assert logged_in().get(page_of(number, step)).status_code == 405
    assert models.Act.objects.count() == before


@pytest.mark.parametrize("step", ["prepare", "sent", "failed", "arrived", "now"])
def test_a_refund_that_does_not_exist_is_404(number: str, step: str) -> None:
    data = {"once": "k" * 24, "attempt": "1", "reference": "X", "why": "other"}
    assert logged_in().post(page_of(number, step, n=9), data).status_code == 404


def test_a_new_account_is_held_and_both_the_list_and_the_page_say_until_when(desk: clock.ManualClock) -> None:
    open_offer()
    made = place("Ada Moreau")
    pay(made, rail="transfer")
    cancel(made)
    give_account(made, "Somebody Else")
    assert (refund(made).status, refund(made).why) == ("waiting", "hold")
    client = logged_in()
    for page in ("/console/refunds/", page_of(made)):
        body = client.get(page).content.decode()
        assert "the bank account is new" in body.lower()
        assert "4 March 2026, 09:00" in body
    assert "another name" in client.get(page_of(made)).content.decode()
    answer = press(client, "/console/offers/boat/close/", page_of(made, "prepare"))
    assert answer.status_code == 409


def test_an_american_account_is_shown_with_its_routing_number(desk: clock.ManualClock) -> None:
    open_offer()
    made = place("Ada Moreau")
    given = {
        "holder": "Ada Moreau",
        "country": "US",
        "account_number": "000123456789",
        "routing": "021000021",
    }
    door.do_one(GiveAccount(number=made, **given, **HOLDER))
    door.do_one(ConfirmAccount(number=made, account=1, **HOLDER))
    desk.advance(timedelta(days=5))
    pay(made, rail="transfer")
    cancel(made)
    prepare(made)
    body = logged_in().get(page_of(made)).content.decode()
    assert "000123456789" in body and "021000021" in body and "ABA" in body


@pytest.fixture
def double(desk: clock.ManualClock) -> Iterator[StripeDouble]:
    """Stripe's double over real HTTP, and the settings that point at it."""
    made = StripeDouble(
        ":memory:",
        secret_key="sk_test_desk",
        webhook_secret="whsec_desk",
        seed="desk",
        now=lambda: int(desk.now().timestamp()),
    )
    running = serve(made, webhook_url="http://127.0.0.1:9/")
    made.on_event = lambda event: None
    before = settings.EARNEST
    settings.EARNEST = replace(before, stripe_secret_key="sk_test_desk", stripe_api_base=running.url)
    yield made
    settings.EARNEST = before
    running.stop()


def paid_by_card(double: StripeDouble, card: str = "4242424242424242") -> str:
    """A cancelled reservation whose deposit came from a card."""
    open_offer()
    made = place()
    intent = double.seed_paid_intent(
        amount=10_000,
        currency="eur",
        card=card,
        created=int(clock.now().timestamp()),
        metadata={"number": made},
    )
    paid = Paid("card", 10_000, "EUR", intent, clock.now())
    door.do_one(ReceiveDeposit(by="provider", via="stripe", number=made, paid=paid))
    cancel(made)
    return made


def test_a_refund_to_a_card_can_be_sent_before_its_time(double: StripeDouble) -> None:
    made = paid_by_card(double)
    client = logged_in("ana")
    assert "Goes to the card by itself from 2 March 2026, 10:00" in client.get(page_of(made)).content.decode()
    answer = press(client, page_of(made), page_of(made, "now"))
    assert answer["Location"] == page_of(made)
    assert refund(made).status == "sent"
    asked = next(each.act for each in reads.acts("reservation", made) if each.act.type == "refund.requested")
    assert asked.get("person") == "operator:ana"
    again = press(client, page_of(made), page_of(made, "now"))
    assert again.status_code == 409
    assert refund(made).attempt == 1


def test_a_dead_card_opens_the_bank_route_and_the_page_says_so(double: StripeDouble) -> None:
    made = paid_by_card(double, "4000000000000341")
    client = logged_in("ana")
    press(client, page_of(made), page_of(made, "now"))
    body = client.get(page_of(made)).content.decode()
    assert (refund(made).route, refund(made).why) in (("card", "account"), ("hand", "account"))
    assert "No confirmed bank account yet" in body


def test_the_page_says_it_in_french(number: str) -> None:
    body = logged_in(language="fr").get(page_of(number)).content.decode()
    assert "Préparer le paiement" in body and "Limite légale" in body
