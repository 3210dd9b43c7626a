"""A refund of what the law adds is called what it is, with its article, wherever refunds are listed."""

from datetime import timedelta

import pytest
from django.test import Client

from earnest.book import clock, door, links, rebuild
from earnest.core.commands.cancel import Cancel
from earnest.core.commands.refund import RequestRefund
from earnest.core.commands.report_refund import ReportRefund
from earnest.core.offer import Sale
from tests import scene
from tests.faces.console_desk import MAKER, desk, logged_in, open_offer, pay, place
from tests.scene import OTHER, account, state, work

__all__ = ["desk"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def number(desk: clock.ManualClock) -> str:
    """Arrhes of an offer that its maker gave up after 100 days; the principal has left, the rest is owed."""
    open_offer(sale=Sale("distance", "arrhes", False, 2000))
    found = place()
    pay(found, 20_000, "transfer")
    account(found)
    desk.advance(timedelta(days=100))
    scene.slip()
    door.do_one(Cancel(**MAKER, number=found, gives_up=True, why="The mould cracked."))
    door.do_one(RequestRefund(**MAKER, number=found, refund=1))
    sent = {"number": found, "refund": 1, "attempt": 1, "outcome": "sent", "happened_at": clock.now()}
    door.do_one(ReportRefund(**OTHER, **sent, reference="OUT"))
    work()
    return found


def heads(number: str) -> dict[str, str]:
    return {each.head: each.law_rule for each in state(number).refunds}


def test_the_rule_is_kept_and_survives_a_rebuild(number: str) -> None:
    assert heads(number) == {"": "", "interest": "fr-l214-2", "double": "fr-l214-1"}
    assert list(rebuild.differences()) == []


@pytest.mark.parametrize(
    ("language", "interest", "double"),
    [
        ("en", "nterest by law, counted up to 10 June 2026", "s much again, because it is arrhes"),
        ("fr", "ntérêts légaux, comptés jusqu’au 10 juin 2026", "arrhes"),
    ],
)
def test_portal_and_console_say_what_it_is(number: str, language: str, interest: str, double: str) -> None:
    holder = Client(headers={"accept-language": language})
    holder.get(f"/link/{links.make('portal', number)}/")
    operator = logged_in(language=language)
    pages = [
        holder.get(f"/my/{number}/"),
        operator.get("/console/refunds/"),
        operator.get(f"/console/reservations/{number}/"),
    ]
    for page in pages:
        text = page.content.decode()
        assert page.status_code == 200 and interest in text and double in text, text[-3000:]
        assert "art. L214-2" in text and "art. L214-1" in text
    for each in state(number).refunds[1:]:
        sent = {
            "number": number,
            "refund": each.n,
            "attempt": 1,
            "outcome": "sent",
            "happened_at": clock.now(),
        }
        door.do_one(RequestRefund(**MAKER, number=number, refund=each.n))
        door.do_one(ReportRefund(**OTHER, **sent, reference=f"OUT-{each.n}"))
    left = operator.get("/console/refunds/").content.decode()
    assert interest in left and "art. L214-1" in left
    owed = next(each.n for each in state(number).refunds if each.head == "interest")
    alone = operator.get(f"/console/reservations/{number}/refunds/{owed}/").content.decode()
    assert interest in alone and "art. L214-2" in alone
    principal = operator.get(f"/console/reservations/{number}/refunds/1/").content.decode()
    assert interest not in principal.split("<table")[0]
