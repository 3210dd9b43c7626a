"""Money that nobody claims: listed, marked, and paid when its holder turns up, however late."""

import json
from datetime import timedelta

import pytest

from earnest.book import clock, door, ledger, lists, models, outbox, rebuild
from earnest.core.commands.refund import RequestRefund
from earnest.core.commands.report_refund import ReportRefund
from tests import scene
from tests.faces.console_desk import desk, give_account, logged_in, open_offer, place, press
from tests.faces.test_cli_business import run
from tests.scene import state, work

__all__ = ["desk"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("desk")]


@pytest.fixture
def number(desk: clock.ManualClock) -> str:
    """Paid by transfer, cancelled, and never heard of again."""
    open_offer()
    number = place()
    scene.pay(number, 10_000, "transfer")
    scene.cancel(number)
    return number


def test_a_year_must_have_gone_by(
    number: str, desk: clock.ManualClock, capsys: pytest.CaptureFixture[str]
) -> None:
    desk.advance(timedelta(days=364))
    page = f"/console/reservations/{number}/refunds/1/"
    ana = logged_in()
    assert "Mark as unclaimed" not in ana.get(page).content.decode()
    assert run("refunds", "--unclaimed") == 0
    assert capsys.readouterr().out.strip() == "There is no money that nobody claims."
    assert run("refunds", "--mark", f"{number}/1") == 3
    desk.advance(timedelta(days=1))
    assert "Mark as unclaimed" in ana.get(page).content.decode()
    capsys.readouterr()
    assert run("refunds", "--unclaimed", "--json") == 0
    data = json.loads(capsys.readouterr().out)
    assert [(each["number"], each["amount_minor"]) for each in data["may_be_marked"]] == [(number, 10_000)]
    assert data["unclaimed"] == data["ledger"] == []


def test_marked_in_the_console_it_stays_owed_and_is_paid_when_its_holder_turns_up(
    number: str, desk: clock.ManualClock
) -> None:
    desk.advance(timedelta(days=366))
    ana = logged_in()
    page = f"/console/reservations/{number}/refunds/1/"
    assert "in vain" in ana.get("/console/refunds/").content.decode()
    assert press(ana, page, f"{page}unclaimed/").status_code == 302
    assert state(number).refunds[0].status == "unclaimed"
    held = ledger.balances()
    assert (held["unclaimed", "EUR"], held["refund", "EUR"]) == (10_000, 0)
    assert ("sales", "EUR") not in held
    listed = ana.get("/console/refunds/").content.decode()
    assert "€100.00 that nobody claims" in listed and "in vain" not in listed
    models.Duty.objects.exclude(kind="mail").update(state="done")
    work()
    key = models.Mail.objects.get(template="unclaimed").key
    assert b"Votre argent est toujours" in (outbox.kept(key) or b"")
    desk.advance(timedelta(days=365 * 6))
    give_account(number)
    refund = state(number).refunds[0]
    assert (refund.status, refund.why, refund.route) == ("owed", "", "hand")
    assert ledger.balances()["unclaimed", "EUR"] == 0
    who = {"via": "console", "by": "maker"}
    door.do_one(RequestRefund(**who, person="operator:ana", number=number, refund=1))
    sent = ReportRefund(
        **who,
        person="operator:ben",
        number=number,
        refund=1,
        attempt=1,
        outcome="sent",
        reference="WIRE-9",
        happened_at=clock.now(),
    )
    door.do_one(sent)
    assert state(number).refunds[0].status == "sent" and ledger.balances()["bank", "EUR"] == 0
    assert lists.unclaimed(clock.now()) == lists.Unclaimed((), (), {})
    assert list(rebuild.differences()) == []


def test_from_the_command_line(
    number: str, desk: clock.ManualClock, capsys: pytest.CaptureFixture[str]
) -> None:
    desk.advance(timedelta(days=366))
    assert run("refunds", "--mark", f"{number}/1") == 0
    assert "refund.unclaimed" in capsys.readouterr().out
    assert run("refunds", "--unclaimed") == 0
    said = capsys.readouterr().out
    assert f"{number}/1" in said and "100.00 EUR is unclaimed and stays owed" in said
    assert run("refunds", "--mark", number) == 2
    assert run("refunds", "--mark", f"{number}/9") == 2
    assert run("refunds", "--mark", "3BB0-J47G-Q/1") == 2
