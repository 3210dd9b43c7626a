"""A holder has died, as operators and whoever reads the mailbox see it on the pages."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from earnest.book import clock, links, models, reads
from tests.faces.console_desk import desk, give_account, logged_in, open_offer, pay, place, press
from tests.faces.visitor import browser, inside, once, text
from tests.scene import IBAN, cancel, slip, state, types, work

__all__ = ["desk"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("desk")]

HEIR = {
    "right": "inheritance",
    "proof": "notary-deed",
    "seen": "Deed 12 of 3 March.",
    "name": "Bela Moreau",
    "email": "bela@example.org",
    "residence": "FR",
    "language": "fr",
}


@pytest.fixture
def number() -> str:
    """Ada's, confirmed and told of a slip."""
    open_offer()
    made = place()
    pay(made, 10_000)
    slip()
    work()
    return made


def page_of(number: str, step: str = "") -> str:
    return f"/console/reservations/{number}/{step + '/' if step else ''}"


def do(client: Client, number: str, step: str, **data: Any) -> Any:
    return press(client, page_of(number, step), **data)


def die(number: str, client: Client | None = None) -> None:
    said = {"told_by": "relative", "why": "His son rang us."}
    assert do(client or logged_in(), number, "died", **said).status_code == 302


def shown(client: Client, page: str) -> str:
    answer = client.get(page)
    assert answer.status_code == 200, page
    return text(answer.content)


def test_it_is_recorded_named_and_confirmed_by_another(number: str) -> None:
    ana, ben = logged_in(), logged_in("ben")
    assert "The holder has died" in shown(ana, page_of(number))
    assert do(ana, number, "died", told_by="relative", why="").status_code == 422
    die(number, ana)
    told = shown(ana, page_of(number))
    assert "Waits for heirs" in told and "His son rang us." in told and "a relative" in told
    assert "waiting for heirs" in shown(ana, "/console/")
    assert "find out who they are" in shown(ana, "/console/heirs/")
    assert do(ana, number, "name-heir", **{**HEIR, "email": "no address"}).status_code == 422
    assert do(ana, number, "name-heir", **HEIR)["Location"] == page_of(number)
    assert "by another operator" in shown(ben, "/console/heirs/")
    page = shown(ben, page_of(number, "confirm-heir"))
    assert "bela@example.org" in page and "Deed 12 of 3 March." in page and "ana" in page
    named = state(number).successor
    assert named
    refused = do(ana, number, "confirm-heir", named=named.seq)
    assert refused.status_code == 409 and "Another operator must confirm" in text(refused.content)
    assert do(ben, number, "confirm-heir", named=named.seq)["Location"] == page_of(number)
    now = reads.reservation(number)
    assert (now.holder, now.died, now.successor) == (1, None, None)
    told = shown(ana, page_of(number))
    assert "Bela Moreau" in told and "Waits for heirs" not in told
    assert "None." in shown(ana, "/console/heirs/")


def test_what_is_confirmed_is_what_was_on_the_page(number: str) -> None:
    ana, ben = logged_in(), logged_in("ben")
    die(number, ana)
    do(ana, number, "name-heir", **HEIR)
    seen = state(number).successor
    do(ana, number, "name-heir", **{**HEIR, "name": "Dora Moreau"})
    assert seen
    assert do(ben, number, "confirm-heir", named=seen.seq).status_code == 404
    assert state(number).holder == 0


def test_a_wrong_report_is_corrected_on_its_page(number: str) -> None:
    client = logged_in()
    die(number, client)
    assert "His son rang us." in shown(client, page_of(number, "lives"))
    assert do(client, number, "lives", why="").status_code == 422
    assert do(client, number, "lives", why="She came by.").status_code == 302
    assert state(number).died is None and "The holder lives" not in shown(client, page_of(number, "died"))


def test_a_refund_that_waits_for_heirs_says_so_and_has_no_clock(number: str, desk: clock.ManualClock) -> None:
    cancel(number)
    die(number)
    desk.advance(timedelta(days=60))
    work()
    client = logged_in()
    for page in ("/console/", "/console/refunds/"):
        told = shown(client, page)
        assert "the heirs are known" in told and "waiting for heirs" in told
        assert "past the law's limit" not in told and "later than promised" not in told
    told = shown(client, f"{page_of(number)}refunds/1/")
    assert (
        "Waiting for heirs." in told
        and "Find out who the heirs are" in told
        and "Limit of the law" not in told
    )


def test_a_payment_that_was_prepared_before_is_not_to_be_made(number: str, desk: clock.ManualClock) -> None:
    give_account(number)
    pay(number, 20_000, "transfer")
    desk.advance(timedelta(days=4))
    cancel(number)
    ana = logged_in()
    by_hand = next(each.n for each in state(number).refunds if each.route == "hand")
    page = f"{page_of(number)}refunds/{by_hand}/"
    assert press(ana, page, f"{page}prepare/").status_code == 302
    assert "Do not pay it" not in shown(ana, page)
    other = place()
    die(number, ana)
    assert "Do not pay it" in shown(ana, page)
    assert f"Also of this address {other}" in shown(ana, page_of(number))


def test_whoever_reads_the_mailbox_sees_where_it_stands_and_is_asked_nothing(number: str) -> None:
    holder = inside(number)
    before = shown(holder, f"/my/{number}/")
    assert "Give a bank account" in before and "I agree to the new window" in before
    die(number)
    told = shown(holder, f"/my/{number}/")
    assert "This reservation waits for heirs" in told and "European Certificate of Succession" in told
    for asks in (
        "Give a bank account",
        "Bank account",
        "I agree to the new window",
        "Pay",
        "Pass the reservation on",
        "24 hours",
    ):
        assert asks not in told
    page = f"/my/{number}/account/"
    given = {"holder_name": "Ada Moreau", "iban": IBAN} | once(holder, page)
    answer = holder.post(page, given)
    assert answer.status_code == 409 and "waits for their heirs" in text(answer.content)
    assert "account.given" not in types(number)
    # The report may be wrong: a cancellation is taken, and says what it means.
    cancelling = f"/my/{number}/cancel/"
    asked = shown(holder, cancelling)
    assert "€100.00" in asked and "leaves us by" not in asked and "waits for their heirs" in asked
    assert holder.post(cancelling, {"quantity": "1"} | once(holder, cancelling)).status_code == 302
    receipt = shown(holder, f"/my/{number}/cancelled/")
    assert "It waits for the heirs of the holder" in receipt and "Take the cancellation back" not in receipt
    acts = shown(holder, f"/my/{number}/acts/")
    assert "A relative says that the holder has died." in acts and "waits for the heirs" in acts


def test_the_heir_reads_it_in_their_language_and_gives_an_account(number: str) -> None:
    cancel(number)
    die(number)
    do(logged_in(), number, "name-heir", **HEIR)
    named = state(number).successor
    assert named
    do(logged_in("ben"), number, "confirm-heir", named=named.seq)
    work()
    assert models.Mail.objects.filter(template="succeeded_to_you", language="fr", status="sent").exists()
    heir = browser("fr")
    heir.get(f"/link/{links.make('portal', number, holder=1)}/")
    told = shown(heir, f"/my/{number}/")
    assert "Donner un compte bancaire" in told and "attend des héritiers" not in told
    acts = shown(heir, f"/my/{number}/acts/")
    assert "Un proche dit que le titulaire est décédé." in acts
    assert "Passée au titulaire 2, par succession" in acts
    assert "Ada" not in acts and "His son" not in acts
