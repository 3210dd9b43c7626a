"""`./earnest rights explain` and `rate`: what the law gives for one reservation, and entering a rate."""

import json
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command

from earnest.book import clock
from earnest.core.refusals import Missing, Refused
from earnest.management.base import BadUsage
from tests import scene
from tests.scene import cancel, pay, place

book = scene.book

pytestmark = pytest.mark.django_db
RATE = [
    "--from",
    "2026-07-01",
    "--until",
    "2026-12-31",
    "--percent",
    "consumer=7.30",
    "--percent",
    "other=2.50",
]


def ran(*arguments: str) -> str:
    out = StringIO()
    call_command("rights", *arguments, stdout=out)
    return out.getvalue()


def explained(number: str, *more: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(ran("explain", number, *more, "--json"))
    return found


def test_a_reservation_is_explained_with_every_text(book: clock.ManualClock) -> None:
    number = place()
    pay(number)
    book.advance(timedelta(days=100))
    found = explained(number)
    assert found["may_cancel"] and found["jurisdiction"] == "FR" and found["on"] == "2026-06-10"
    sums = {each["sum"]: each for each in found["sums"]}
    assert sums["principal"]["amount_minor"] == 500_000
    # Eight days of 6.67 % on 5,000.
    assert sums["interest"]["amount_minor"] == 731 and sums["interest"]["citation"].endswith("L214-2")
    assert sums["interest"]["mark"] == "V" and sums["interest"]["readings"]["day_count"] == "act/365f"
    assert found["refund"]["by"] == "2026-06-24" and found["refund"]["means"] == "same"
    told = ran("explain", number)
    assert "Not legal advice" in told and "L221-18" in told and "7.31 EUR" in told


def test_an_earlier_day_knows_nothing_of_what_came_later(book: clock.ManualClock) -> None:
    number = place()
    pay(number)
    book.advance(timedelta(days=100))
    cancel(number)
    assert explained(number, "--on", "2026-03-01")["sums"] == []
    assert explained(number, "--on", "2026-06-09")["may_cancel"]
    assert not explained(number)["may_cancel"] and explained(number)["refund"]["by"] == "2026-06-24"


def test_a_missing_rate_is_named_until_it_is_entered(book: clock.ManualClock) -> None:
    number = place()
    pay(number)
    missing = {"what": "rate", "name": "fr-legal-interest", "first_missing_day": "2026-07-01"}
    assert explained(number, "--on", "2026-07-31")["sums"][1]["missing"] == missing
    said = ran("rate", "add", *RATE, "--source", "arrêté of 20 June 2026", "--json")
    assert json.loads(said)["acts"] == ["law.rate_entered"]
    assert explained(number, "--on", "2026-07-31")["sums"][1]["missing"] is None
    assert "2026-07-01 to 2026-12-31  consumer 7.30 %, other 2.50 %  arrêté of 20 June 2026" in ran(
        "rate", "list"
    )
    assert "nothing to do" in ran("rate", "add", *RATE, "--source", "arrêté of 20 June 2026")


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (("explain", "NOPE"), Missing),
        (("explain", "NOPE", "--on", "yesterday"), BadUsage),
        (("rate", "add", *RATE[:2], "--until", "soon", *RATE[4:], "--source", "x"), BadUsage),
        (("rate", "add", *RATE[:4], "--percent", "7.30", "--source", "x"), BadUsage),
        (("rate", "add", "--from", "2026-01-01", *RATE[2:], "--source", "x"), Refused),
    ],
)
def test_what_cannot_be_done_is_one_sentence(
    book: clock.ManualClock, arguments: tuple[str, ...], error: type[Exception]
) -> None:
    with pytest.raises(error):
        ran(*arguments)
