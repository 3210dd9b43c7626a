"""What an operator does on one reservation: money in, endings, a sale, a delivery, erasing."""

import json
from datetime import timedelta

import pytest

from earnest.book import clock, models, reads
from earnest.core.offer import Instalment
from earnest.record.verify import verify_story
from tests.faces.console_desk import cancel, desk, fresh_key, logged_in, open_offer, pay, place, press
from tests.scene import work

__all__ = ["desk"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("desk")]

PAID = {"amount": "200.00", "currency": "EUR", "reference": "SEPA-1", "on": "2026-03-01"}


def page_of(number: str, step: str = "") -> str:
    return f"/console/reservations/{number}/{step + '/' if step else ''}"


@pytest.fixture
def number() -> str:
    """A confirmed reservation of two places."""
    open_offer()
    made = place(quantity=2)
    pay(made, 20_000)
    return made


def test_a_transfer_that_the_bank_shows_is_recorded_with_who_said_so(number: str) -> None:
    client = logged_in()
    answer = press(client, page_of(number), page_of(number, "payments"), **PAID)
    assert answer["Location"] == page_of(number)
    payment = reads.reservation(number).payments[-1]
    assert (payment.amount_minor, payment.rail, payment.reference) == (20_000, "transfer", "SEPA-1")
    assert payment.happened_at.isoformat() == "2026-03-01T12:00:00+00:00"
    act = reads.acts("reservation", number)[-1].act
    assert (act.by, act.get("via"), act.get("person")) == ("maker", "console", "operator:ana")
    body = client.get(page_of(number)).content.decode()
    assert "The payment is recorded." in body and "€400.00" in body


def test_the_same_reference_again_is_the_same_money(number: str) -> None:
    client = logged_in()
    for _ in range(2):
        press(client, page_of(number), page_of(number, "payments"), **PAID)
    assert len(reads.reservation(number).payments) == 2
    assert "it was so already" in client.get(page_of(number)).content.decode()


def test_a_reference_of_another_reservation_is_refused(number: str) -> None:
    client = logged_in()
    other = place("Bo Ek")
    press(client, page_of(number), page_of(number, "payments"), **PAID)
    answer = press(client, page_of(other), page_of(other, "payments"), **PAID)
    assert answer.status_code == 409
    assert "This payment was received for another reservation." in answer.content.decode()
    assert reads.reservation(other).payments == ()


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"amount": "many"}, "“many” is not an amount"),
        ({"amount": ""}, "This field is required."),
        ({"currency": "EU"}, "is not a currency code"),
        ({"reference": ""}, "This field is required."),
        ({"on": "2026-03-09"}, "cannot have happened in the future"),
        ({"on": "yesterday"}, "Enter a valid date."),
    ],
)
def test_what_is_wrong_with_a_payment_is_said_and_what_was_typed_stays(
    number: str, changed: dict[str, str], says: str
) -> None:
    answer = press(logged_in(), page_of(number), page_of(number, "payments"), **{**PAID, **changed})
    assert answer.status_code == 422
    body = answer.content.decode()
    assert says in body
    assert 'value="SEPA-1"' in body or "reference" in changed
    assert len(reads.reservation(number).payments) == 1


def test_money_for_what_has_ended_goes_straight_back(number: str) -> None:
    cancel(number)
    press(logged_in(), page_of(number), page_of(number, "payments"), **PAID)
    state = reads.reservation(number)
    assert [(each.amount_minor, each.why) for each in state.refunds] == [(20_000, ""), (20_000, "account")]


def test_cancelling_shows_what_comes_back_and_then_owes_it(number: str) -> None:
    client = logged_in()
    asked = client.get(page_of(number, "cancel")).content.decode()
    assert "€200.00" in asked
    answer = press(client, page_of(number, "cancel"), quantity="2", why="Called on the phone.")
    assert answer["Location"] == page_of(number)
    state = reads.reservation(number)
    assert (state.status, state.owed_back(), state.ended_by) == ("cancelled", {"EUR": 20_000}, "maker")
    types = [each.act.type for each in reads.acts("reservation", number)]
    assert "cancellation.requested" in types


def test_a_part_of_the_places_can_be_cancelled(number: str) -> None:
    press(logged_in(), page_of(number, "cancel"), quantity="1", why="")
    state = reads.reservation(number)
    assert (state.status, state.quantity, state.owed_back()) == ("confirmed", 1, {"EUR": 10_000})


@pytest.mark.parametrize("quantity", ["0", "3", "two", ""])
def test_more_places_than_there_are_cannot_be_cancelled(number: str, quantity: str) -> None:
    answer = press(logged_in(), page_of(number, "cancel"), quantity=quantity, why="")
    assert answer.status_code == 422
    assert reads.reservation(number).quantity == 2


def test_giving_up_needs_a_reason_and_is_the_makers_own_act(number: str) -> None:
    client = logged_in()
    assert press(client, page_of(number, "give-up"), quantity="2", why="").status_code == 422
    press(client, page_of(number, "give-up"), quantity="2", why="We do not build it.")
    act = next(each.act for each in reads.acts("reservation", number) if each.act.type == "maker.gave_up")
    assert act.get("why") == "We do not build it."


def test_a_confirmed_place_lapses_by_an_operator_only_after_asking(number: str) -> None:
    client = logged_in()
    client.get(page_of(number, "lapse"))
    assert reads.reservation(number).status == "confirmed"
    press(client, page_of(number, "lapse"))
    assert reads.reservation(number).status == "lapsed"


def test_what_is_paid_up_becomes_a_sale_and_is_delivered(number: str, desk: clock.ManualClock) -> None:
    client = logged_in()
    pay(number, 40_000, "transfer")
    body = client.get(page_of(number)).content.decode()
    assert page_of(number, "convert") in body
    assert press(client, page_of(number, "convert"), sale="").status_code == 422
    press(client, page_of(number, "convert"), sale="ORDER-7")
    assert reads.reservation(number).status == "converted"
    again = press(client, page_of(number, "convert"), sale="ORDER-8")
    assert again.status_code == 409
    assert "Only a reservation that is confirmed becomes a sale." in again.content.decode()
    assert press(client, page_of(number, "deliver"), on="2026-04-01").status_code == 422
    press(client, page_of(number, "deliver"), on="2026-03-02")
    assert reads.reservation(number).status == "delivered"


def test_a_confirmed_place_becomes_a_sale_before_every_deposit_is_paid(number: str) -> None:
    assert reads.reservation(number).status == "confirmed"
    client = logged_in()
    assert page_of(number, "convert") in client.get(page_of(number)).content.decode()
    press(client, page_of(number, "convert"), sale="ORDER-7")
    assert reads.reservation(number).status == "converted"


@pytest.mark.parametrize(
    ("step", "data", "says"),
    [
        ("deliver", {"on": "2026-03-02"}, "Only what has become a sale can be delivered."),
        ("erase", {"cls": "identity", "ground": "asked"}, "this is still needed"),
        ("erase", {"cls": "money", "ground": "asked"}, "Bookkeeping law keeps this until 2036-12-31"),
    ],
)
def test_what_a_rule_refuses_is_said_in_its_sentence_and_nothing_is_written(
    number: str, step: str, data: dict[str, str], says: str
) -> None:
    before = models.Act.objects.count()
    answer = press(logged_in(), page_of(number, step), **data)
    assert answer.status_code == 409
    assert says in answer.content.decode()
    assert models.Act.objects.count() == before


def test_the_sentence_of_a_refusal_is_in_the_operators_language(number: str) -> None:
    answer = press(logged_in(language="fr"), page_of(number, "give-up"), quantity="2", why="")
    assert "Ce champ est obligatoire." in answer.content.decode()


def test_erasing_destroys_one_class_and_the_story_still_verifies() -> None:
    open_offer()
    number = place("Ada Moreau")
    cancel(number)
    client = logged_in()
    press(client, page_of(number, "erase"), cls="identity", ground="asked")
    body = client.get(page_of(number)).content.decode()
    assert "Moreau" not in body and "who the person is" in body
    report = verify_story(client.get(page_of(number, "story")).content, clock.now())
    assert report.ok and report.erased


def test_the_story_is_a_file_with_all_its_values_or_none(number: str) -> None:
    client = logged_in()
    answer = client.get(page_of(number, "story"))
    assert answer["Content-Disposition"] == f'attachment; filename="{number}.earnest.json"'
    report = verify_story(answer.content, clock.now())
    assert report.ok and not report.withheld
    closed = client.get(page_of(number, "story") + "?open=none").content
    report = verify_story(closed, clock.now())
    assert report.ok and report.withheld
    assert len(json.loads(closed)["acts"]) == len(json.loads(answer.content)["acts"])


def test_an_operator_has_the_same_choices_and_forms_as_the_holder(number: str) -> None:
    client = logged_in()
    assert page_of(number, "share") in client.get(page_of(number)).content.decode()
    body = client.get(page_of(number, "share"), {"open": ["none", "money"]}).content.decode()
    assert "Withheld: e-mail address, language, name" in body and "Moreau" not in body
    for form, begins in (
        ("html", b"<!doctype"),
        ("pdf", b"%PDF-1.7"),
        ("png", b"\x89PNG"),
        ("json", b'{"acts"'),
    ):
        assert f'href="{page_of(number, "story")}?open=money&amp;as={form}"' in body
        answer = client.get(page_of(number, "story"), {"open": "money", "as": form})
        assert answer.content.startswith(begins) and b"Moreau" not in answer.content
        assert answer["Content-Disposition"] == f'attachment; filename="{number}.earnest.{form}"'


@pytest.mark.parametrize("page", ["share", "story"])
def test_an_operator_who_asks_for_a_field_that_is_not_there_is_told_so(number: str, page: str) -> None:
    answer = logged_in().get(page_of(number, page), {"open": "nome"})
    assert answer.status_code == 422 and "Content-Disposition" not in answer
    assert "No act has a field nome: say all, none, or names of fields" in answer.content.decode()


def test_each_act_has_its_receipt(number: str) -> None:
    answer = logged_in().get(f"/console/receipts/reservation/{number}/0/")
    assert answer["Content-Type"].startswith("text/plain")
    assert answer.content.decode() == reads.receipt("reservation", number, 0)


def test_one_key_does_one_thing(number: str) -> None:
    client = logged_in()
    key = fresh_key(client, page_of(number))
    assert client.post(page_of(number, "payments"), {**PAID, "once": key}).status_code == 302
    again = client.post(page_of(number, "payments"), {**PAID, "once": key, "amount": "300.00"})
    assert again.status_code == 409
    assert len(reads.reservation(number).payments) == 2


def test_a_place_that_is_late_is_marked(number: str, desk: clock.ManualClock) -> None:
    desk.advance(timedelta(days=31))
    assert "overdue" in logged_in().get(page_of(number)).content.decode()


def test_what_came_twice_is_marked_and_given_back_and_both_sides_are_told() -> None:
    open_offer("barge", plan=(Instalment(1, 10_000, "card", 0), Instalment(2, 50_000, "transfer", 30)))
    number, client = place(slug="barge", language="en"), logged_in()
    pay(number, 10_000)
    assert ">twice?<" not in client.get(page_of(number)).content.decode()
    press(client, page_of(number), page_of(number, "payments"), **{**PAID, "amount": "100.00"})
    work()
    assert ">twice?<" in client.get(page_of(number)).content.decode()
    templates = set(models.Mail.objects.values_list("template", flat=True))
    assert "paid_twice" in templates and "given_back" not in templates
    again = reads.reservation(number).payments[-1].seq
    assert press(client, page_of(number, "give-back"), payment=again, why="").status_code == 422
    assert press(client, page_of(number, "give-back"), payment=again - 1, why="x").status_code == 422
    assert press(client, page_of(number, "give-back"), payment=again, why="By mistake.").status_code == 302
    now = reads.reservation(number)
    assert (now.status, now.deposits(), now.owed_back()) == ("confirmed", {"EUR": 10_000}, {"EUR": 10_000})
    work()
    assert models.Mail.objects.filter(template="given_back", status="sent").exists()
    assert ">twice?<" not in client.get(page_of(number)).content.decode()
