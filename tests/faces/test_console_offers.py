"""Offers in the console: made, edited, paused, closed, and slipped."""

from datetime import date
from email import message_from_bytes
from email.policy import SMTP
from typing import Any
from urllib.parse import urlencode

import pytest

from earnest.book import clock, duties, links, lists, models, outbox, reads
from earnest.core.offer import Window
from earnest.web.console import previews
from tests.faces.console_desk import cancel, desk, fresh_key, logged_in, open_offer, pay, place, press

__all__ = ["desk"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("desk")]

FILLED: dict[str, Any] = {
    "slug": "kayak",
    "currency": "eur",
    "capacity": "12",
    "timezone": "Europe/Paris",
    "window_from": "2027-03-01",
    "until": "2027-06-30",
    "channel": "distance",
    "deposit_kind": "arrhes",
    "tax_rate": "5,5",
    "made_to_specification": "on",
    "title_en": "Kayak",
    "summary_en": "",
    "terms_en": "Line one.\r\nLine two.",
    "title_fr": "Kayak",
    "summary_fr": "Court.",
    "terms_fr": "Conditions.",
    "variant-TOTAL_FORMS": "2",
    "variant-INITIAL_FORMS": "0",
    "variant-0-code": "short",
    "variant-0-name": "Short",
    "variant-0-price": "1 200,50",
    "variant-0-capacity": "4",
    "plan-TOTAL_FORMS": "2",
    "plan-INITIAL_FORMS": "0",
    "plan-0-amount": "100.00",
    "plan-0-rail": "card",
    "plan-0-due_days": "0",
    "plan-1-amount": "",
    "plan-1-rail": "card",
    "plan-1-due_days": "",
}


def edit_data(**changed: Any) -> dict[str, Any]:
    """The edit form of the boat as it stands, with changes."""
    as_it_stands = {
        "capacity": "20",
        "timezone": "UTC",
        "window_from": "2027-01-01",
        "until": "2027-12-31",
        "tax_rate": "20",
        "deposit_kind": "acompte",
        "title_en": "The boat",
        "summary_en": "A small boat.",
        "terms_en": "Terms in English.",
        "variant-0-code": "one",
        "variant-0-name": "The one",
        "variant-0-price": "1000.00",
        "variant-0-capacity": "",
        "why": "",
    }
    return {name: value for name, value in FILLED.items() if name != "slug"} | as_it_stands | changed


def test_a_new_offer_has_everything_that_was_filled_in() -> None:
    client = logged_in()
    answer = press(client, "/console/offers/new/", **FILLED)
    assert answer["Location"] == "/console/offers/kayak/"
    offer = reads.offer("kayak").offer
    now = offer.current
    assert (now.currency, now.capacity, offer.timezone) == ("EUR", 12, "Europe/Paris")
    assert [(each.code, each.price_minor, each.capacity) for each in now.variants] == [("short", 120_050, 4)]
    assert [(each.n, each.amount_minor, each.rail, each.due_days) for each in now.plan] == [
        (1, 10_000, "card", 0)
    ]
    assert (now.sale.deposit_kind, now.sale.tax_rate_bp, now.sale.made_to_specification) == (
        "arrhes",
        550,
        True,
    )
    assert now.text("en").terms == "Line one.\nLine two."
    assert now.text("fr").summary == "Court."
    act = reads.acts("offer", "kayak")[0].act
    assert (act.by, act.get("via"), act.get("person")) == ("maker", "console", "operator:ana")
    assert "The offer is open." in client.get("/console/offers/kayak/").content.decode()


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("slug", "No Capitals", "is not a name for an offer"),
        ("currency", "EURO", "at most 3 characters"),
        ("currency", "E1", "is not a currency code"),
        ("capacity", "0", "greater than or equal to 1"),
        ("timezone", "Mars/Olympus", "Give a time zone such as"),
        ("until", "2027-02-01", "ends before it begins"),
        ("until", "31/12/2027", "Enter a valid date"),
        ("tax_rate", "120", "less than or equal to 100"),
        ("terms_fr", "", "A language needs a title and terms."),
        ("variant-0-code", "Two Words", "is not a variant code"),
        ("variant-0-price", "12 euros", "is not an amount"),
        ("variant-0-price", "", "This field is required."),
        ("variant-0-capacity", "13", "cannot have more places than its offer"),
        ("plan-0-amount", "5000", "add up to more than the price"),
        ("plan-0-due_days", "-1", "greater than or equal to 0"),
        ("channel", "by-pigeon", "Select a valid choice"),
    ],
)
def test_what_is_wrong_with_an_offer_is_said_where_it_is_and_nothing_is_written(
    field: str, value: str, says: str
) -> None:
    answer = press(logged_in(), "/console/offers/new/", **{**FILLED, field: value})
    assert answer.status_code == 422
    body = answer.content.decode()
    assert says in body
    assert "Nothing was written" in body
    assert not models.Offer.objects.exists()


def test_an_offer_without_any_text_or_variant_is_refused_with_both_reasons() -> None:
    empty = {name: "" for name in FILLED if name.startswith(("title", "summary", "terms"))}
    answer = press(logged_in(), "/console/offers/new/", **{**FILLED, **empty})
    assert "needs a title and terms in at least one language" in answer.content.decode()
    none = {name: "" for name in FILLED if name.startswith("variant-0")}
    answer = press(logged_in(), "/console/offers/new/", **{**FILLED, **none})
    assert "An offer needs at least one variant" in answer.content.decode()


def test_a_name_that_is_taken_is_said_at_the_name() -> None:
    open_offer("kayak")
    answer = press(logged_in(), "/console/offers/new/", **FILLED)
    assert answer.status_code == 409
    assert "There is already an offer named “kayak”." in answer.content.decode()


def test_adding_a_row_keeps_what_was_typed_and_writes_nothing() -> None:
    answer = press(logged_in(), "/console/offers/new/", **FILLED, add="variant")
    body = answer.content.decode()
    assert answer.status_code == 200
    assert 'name="variant-2-code"' in body and 'name="plan-2-amount"' not in body
    assert 'value="1 200,50"' in body
    assert not models.Offer.objects.exists()


def test_sent_twice_it_is_one_offer() -> None:
    client = logged_in()
    key = fresh_key(client, "/console/offers/new/")
    for _ in range(2):
        assert client.post("/console/offers/new/", {**FILLED, "once": key}).status_code == 302
    assert models.Offer.objects.count() == 1


def test_a_form_without_its_key_is_refused() -> None:
    answer = logged_in().post("/console/offers/new/", FILLED)
    assert answer.status_code == 422
    assert not models.Offer.objects.exists()


def test_the_edit_form_shows_what_stands_and_saving_it_unchanged_is_a_version() -> None:
    open_offer()
    body = logged_in().get("/console/offers/boat/edit/").content.decode()
    assert 'value="1000.00"' in body and "Terms in English." in body and 'value="2027-12-31"' in body
    answer = press(logged_in(), "/console/offers/boat/edit/", **edit_data())
    assert answer["Location"] == "/console/offers/boat/"
    assert reads.offer("boat").offer.current.version == 2


def test_an_edit_binds_only_those_who_come_after() -> None:
    open_offer()
    number = place()
    press(
        logged_in(), "/console/offers/boat/edit/", **edit_data(**{"variant-0-price": "1100", "why": "Steel."})
    )
    offer = reads.offer("boat").offer
    assert offer.current.variants[0].price_minor == 110_000
    state = reads.reservation(number)
    assert (state.version, state.price_minor) == (1, 100_000)
    body = logged_in().get("/console/offers/boat/").content.decode()
    assert "Version 2" in body and "variants" in body


@pytest.mark.parametrize(
    ("changed", "status", "says"),
    [
        ({"until": "2028-06-30"}, 409, "A later window is a slip"),
        ({"capacity": "1"}, 409, "2 places are taken already."),
        ({"variant-0-code": "two"}, 409, "is reserved already and cannot be dropped"),
    ],
)
def test_an_edit_that_a_rule_refuses_says_so_at_its_field(
    changed: dict[str, str], status: int, says: str
) -> None:
    open_offer()
    place(quantity=2)
    answer = press(logged_in(), "/console/offers/boat/edit/", **edit_data(**changed))
    assert answer.status_code == status
    assert says in answer.content.decode()
    assert reads.offer("boat").offer.current.version == 1


def test_the_currency_of_an_offer_does_not_follow_what_is_sent() -> None:
    open_offer()
    press(logged_in(), "/console/offers/boat/edit/", **edit_data(currency="USD"))
    assert reads.offer("boat").offer.current.currency == "EUR"


def test_pause_resume_and_close() -> None:
    open_offer()
    client = logged_in()
    status = "/console/offers/boat/status/"
    press(client, "/console/offers/boat/", status, status="paused")
    assert reads.offer("boat").offer.status == "paused"
    press(client, "/console/offers/boat/", status, status="open")
    assert reads.offer("boat").offer.status == "open"
    press(client, "/console/offers/boat/close/", status, status="closed", why="Sold out for ever.")
    assert reads.offer("boat").offer.status == "closed"
    assert "Close for good" not in client.get("/console/offers/boat/").content.decode()


def test_what_is_closed_stays_closed_and_the_page_says_why() -> None:
    open_offer()
    client = logged_in()
    key = fresh_key(client, "/console/offers/boat/")
    press(client, "/console/offers/boat/close/", "/console/offers/boat/status/", status="closed")
    answer = client.post("/console/offers/boat/status/", {"once": key, "status": "open"})
    assert answer.status_code == 409
    assert "“boat” is closed for good." in answer.content.decode()


def test_a_status_that_does_not_exist_is_refused() -> None:
    open_offer()
    answer = press(logged_in(), "/console/offers/boat/", "/console/offers/boat/status/", status="burnt")
    assert answer.status_code == 422


def work() -> None:
    """Do every duty that is due."""
    while duties.run_due(clock.now(), "test"):
        pass


SLIP = {"window_from": "2028-01-01", "until": "2028-12-31", "why": "The mould broke, & a new one is cast."}


def test_the_preview_says_to_how_many_it_writes_and_what_each_will_read() -> None:
    open_offer()
    pay(place())
    place("Bo Ek", language="en")
    gone = place("Cy Gone")
    cancel(gone)
    body = logged_in().get("/console/offers/boat/slip/", SLIP).content.decode()
    assert "This writes to 2 holders" in body
    assert "“The boat”" in body and "«\u00a0Le bateau\u00a0»" in body
    assert "The mould broke, &amp; a new one is cast." in body
    assert "1 January 2028" in body and "1er janvier 2028" in body
    assert reads.offer("boat").offer.slips == ()


def test_the_preview_is_the_mail_that_is_then_sent() -> None:
    open_offer()
    pay(place("Bo Ek", language="en"))
    client = logged_in()
    offer, window = reads.offer("boat").offer, Window(date(2028, 1, 1), date(2028, 12, 31))
    shown = next(each for each in previews.slip_mails(offer, window, SLIP["why"]) if each.language == "en")
    press(client, f"/console/offers/boat/slip/?{urlencode(SLIP)}", "/console/offers/boat/slip/", **SLIP)
    work()
    raw = outbox.kept(models.Mail.objects.get(template="slipped").key)
    message = message_from_bytes(raw or b"", policy=SMTP)
    sent = message.get_body(("plain",)).get_content()  # type: ignore[attr-defined]
    paragraphs = sent.replace("\r\n", "\n").split("\n\n")[:4]
    assert paragraphs == shown.text.split("\n\n")[:4]
    assert "That will not hold" in paragraphs[0]


def test_a_link_in_a_preview_opens_nothing() -> None:
    assert links.read("portal", links.make("portal", previews.NUMBER)) is None


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"until": "2027-06-30"}, "ends before it begins"),
        ({"window_from": "2027-01-01", "until": "2027-12-31"}, "is not later than the one before"),
        ({"why": ""}, "This field is required."),
        ({"until": "soon"}, "Enter a valid date."),
    ],
)
def test_a_slip_that_is_none_never_reaches_the_preview(changed: dict[str, str], says: str) -> None:
    open_offer()
    for send in (logged_in().get, None):
        data = {**SLIP, **changed}
        address = "/console/offers/boat/slip/"
        answer = (
            send(address, data)
            if send
            else press(logged_in(), "/console/offers/boat/close/", address, **data)
        )
        assert answer.status_code == 422
        assert says in answer.content.decode()
    assert reads.offer("boat").offer.slips == ()


def test_a_slip_is_one_act_and_the_page_after_it_follows_the_telling() -> None:
    open_offer()
    for name in ("Ada Moreau", "Bo Ek", "Cy Wyn"):
        pay(place(name))
    client = logged_in()
    page = "/console/offers/boat/slip/?window_from=2028-01-01&until=2028-12-31&why=Late"
    answer = press(client, page, "/console/offers/boat/slip/", **SLIP)
    offer = reads.offer("boat").offer
    assert len(offer.slips) == 1
    told_at = f"/console/offers/boat/slips/{offer.slips[0].seq}/"
    assert answer["Location"] == told_at
    assert "0 of 3 told so far" in client.get(told_at).content.decode()
    work()
    assert lists.telling("boat", offer.slips[0].seq).state == "done"  # type: ignore[union-attr]
    assert "Done: 3 holders were told." in client.get(told_at).content.decode()


def test_change_it_goes_back_with_what_was_typed() -> None:
    open_offer()
    body = logged_in().get("/console/offers/boat/slip/", {**SLIP, "change": "1"}).content.decode()
    assert "The mould broke" in body and "This writes to" not in body


def test_a_slip_pressed_twice_tells_once() -> None:
    open_offer()
    pay(place())
    client = logged_in()
    key = fresh_key(client, "/console/offers/boat/close/")
    for _ in range(2):
        client.post("/console/offers/boat/slip/", {**SLIP, "once": key})
    assert len(reads.offer("boat").offer.slips) == 1


def test_what_the_date_is_worth_and_what_the_terms_give_back_are_edited() -> None:
    client = logged_in()
    press(client, "/console/offers/new/", **{**FILLED, "date_worth": "vague", "back": "33,33"})
    now = reads.offer("kayak").offer.current.sale
    assert (now.date_worth, now.back_bp) == ("vague", 3_333)
    page = client.get("/console/offers/kayak/").content.decode()
    assert "the date names no day" in page and "33.33 %" in page
    form = client.get("/console/offers/kayak/edit/").content.decode()
    assert '<option value="vague" selected>' in form and 'value="33.33"' in form
    assert (
        "less than or equal to 100"
        in press(
            client, "/console/offers/new/", **{**FILLED, "slug": "canoe", "back": "101"}
        ).content.decode()
    )
