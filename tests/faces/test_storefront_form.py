"""Reserving: what is refused, how it is said, and that nothing typed is lost by it."""

import re
from collections.abc import Callable

import pytest

from earnest.book import door, models, reads
from earnest.core.commands.open_offer import Terms
from earnest.core.commands.pause_offer import SetOfferStatus
from earnest.core.commands.revise_offer import ReviseOffer
from earnest.web.forms import countries
from tests import scene
from tests.faces.visitor import FORM, browser, text, written
from tests.scene import book as book
from tests.scene import offer, place

pytestmark = pytest.mark.usefixtures("book")


def revise() -> None:
    door.do_one(ReviseOffer(**scene.MAKER, slug="boat", terms=Terms(**{**scene.TERMS, "capacity": 9})))


def fill() -> None:
    place(5)


def pause() -> None:
    door.do_one(SetOfferStatus(**scene.MAKER, slug="boat", status="paused"))


def close() -> None:
    door.do_one(SetOfferStatus(**scene.MAKER, slug="boat", status="closed"))


def crowd() -> None:
    place(3)


@pytest.mark.parametrize(
    ("before", "change", "status", "english", "french"),
    [
        (fill, {}, 409, "Every place of “boat” is taken.", "Toutes les places de « boat » sont prises."),
        (crowd, {"quantity": "3"}, 409, "Only 2 places are left.", "Il ne reste que 2 places."),
        (pause, {}, 409, "takes no reservations at the moment", "ne prend pas de réservation en ce moment"),
        (close, {}, 409, "is closed for good", "est close pour de bon"),
        (
            revise,
            {},
            409,
            "The offer has changed since you saw it",
            "L'offre a changé depuis que vous l'avez vue",
        ),
        (None, {"once": "short"}, 422, "This form is incomplete", "Ce formulaire est incomplet"),
        (None, {"version": "x"}, 422, "This form is incomplete", "Ce formulaire est incomplet"),
    ],
)
def test_a_refusal_is_one_sentence_and_the_form_stays_filled(
    before: Callable[[], None] | None, change: dict[str, str], status: int, english: str, french: str
) -> None:
    if before:
        before()
    acts = written()
    for language, said in (("en", english), ("fr", french)):
        answer = browser(language).post("/o/boat/reserve/", FORM | change)
        page = answer.content.decode()
        assert answer.status_code == status and said in text(answer.content)
        assert page.count('role="alert"') == 1
        assert 'value="Ada Moreau"' in page and '<option value="FR" selected>' in page
    assert written() == acts


def test_an_offer_that_changed_can_be_reserved_by_sending_the_same_form_again() -> None:
    revise()
    client = browser()
    page = client.post("/o/boat/reserve/", FORM).content.decode()
    hidden = dict(re.findall(r'<input type="hidden" name="(version|once)" value="([^"]+)"', page))
    assert hidden["version"] == "2"
    assert client.post("/o/boat/reserve/", FORM | hidden).status_code == 302
    assert models.Reservation.objects.count() == 1


def test_a_variant_that_is_sold_out_is_shown_and_cannot_be_chosen() -> None:
    place(2, variant="two")
    page = browser().get("/o/boat/reserve/").content.decode()
    inputs = {
        code: tag
        for tag, code in re.findall(r'(<input type="radio" name="variant" value="(\w+)"[^>]*>)', page)
    }
    assert "disabled" in inputs["two"] and "disabled" not in inputs["one"] and "checked" in inputs["one"]
    answer = browser().post("/o/boat/reserve/", FORM | {"variant": "two"})
    assert answer.status_code == 409 and "is taken" in text(answer.content)


def test_errors_are_tied_to_their_fields() -> None:
    page = browser("fr").post("/o/boat/reserve/", FORM | {"email": "no", "name": ""}).content.decode()
    for name in ("email", "name"):
        field = re.search(rf'<input[^>]*name="{name}"[^>]*>', page)
        assert field and 'aria-invalid="true"' in field[0] and f"{name}-error" in field[0]
        assert f'id="{name}-error"' in page and f'href="#id_{name}"' in page
    assert page.count('role="alert"') == 1


def test_a_company_gives_its_number_and_is_no_consumer() -> None:
    given = FORM | {"kind": "company", "vat_number": "FR40303265045"}
    number = browser().post("/o/boat/reserve/", given).headers["Location"].split("/")[2]
    state = scene.state(number)
    assert not state.consumer and getattr(state.identity, "vat_number", "") == "FR40303265045"


@pytest.mark.parametrize("language", ["en", "fr"])
def test_countries_are_in_the_order_in_which_people_look(language: str) -> None:
    names = [name for code, name in countries(language) if code]
    assert names.index({"en": "Åland Islands", "fr": "Égypte"}[language]) < names.index("Zimbabwe") - 100
    codes = {code for code, _ in countries(language)}
    assert {"FR", "US", "CH"} <= codes and not {"EU", "XA", "ZZ", "IC", "QO"} & codes


@pytest.mark.parametrize(
    ("before", "said"),
    [(pause, "No reservations are taken"), (close, "This offer is closed"), (fill, "Every place is taken")],
)
def test_why_nothing_can_be_reserved_is_said_on_both_pages(before: Callable[[], None], said: str) -> None:
    before()
    for page in ("/o/boat/", "/o/boat/reserve/"):
        answer = browser().get(page)
        assert (
            answer.status_code == 200
            and said in text(answer.content)
            and 'type="submit"' not in answer.content.decode()
        )


def test_an_offer_without_a_deposit_says_so() -> None:
    offer("gift", plan=())
    page = text(browser().get("/o/gift/").content)
    assert "Nothing until delivery." in page and "First deposit" not in page
    answer = browser().post("/o/gift/reserve/", FORM)
    assert scene.state(answer.headers["Location"].split("/")[2]).status == "confirmed"


def test_what_is_left_of_a_variant_is_said() -> None:
    place(1, variant="two")
    assert "The other one left" in text(browser().get("/o/boat/").content)
    assert reads.offer("boat").left_of("two") == 1
