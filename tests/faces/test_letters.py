"""Letters as people meet them: on the command line, in the portal and the console, on paper and by mail."""

import importlib
import io
import json
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from pypdf import PdfReader

from earnest.book import clock, door, facts, models, outbox, reads
from earnest.core.commands.slip_promise import SlipPromise
from earnest.core.offer import Sale, Window
from earnest.core.refusals import Refusal
from earnest.post import legal_letters, paper_letter
from tests import scene
from tests.faces.console_desk import MAKER, desk, give_account, logged_in, open_offer, pay, place, press
from tests.faces.test_rights_pages import inside
from tests.scene import work

__all__ = ["desk"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("desk")]
SOON = Window(date(2026, 4, 1), date(2026, 4, 30))


def run(*arguments: str) -> int:
    """The exit code of `./earnest letter …`."""
    command = importlib.import_module("earnest.management.commands.letter").Command()
    try:
        command.run_from_argv(["./earnest", "letter", *arguments])
    except SystemExit as stop:
        return int(stop.code or 0)
    return 0


def late(desk: clock.ManualClock) -> str:
    """A French holder who has paid, and whose day is missed since ten days."""
    open_offer(window=SOON, sale=Sale("distance", "acompte", False, 2000))
    number = place()
    pay(number)
    give_account(number)
    desk.advance(date(2026, 5, 10) - desk.now().date())
    return number


def words(pdf: bytes) -> str:
    return " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages).split())


def sent(template: str) -> str:
    work()
    key = models.Mail.objects.get(template=template).key
    raw = outbox.kept(key)
    assert raw
    import email
    from email.policy import default

    body = email.message_from_bytes(raw, policy=default).get_body(("plain",))
    assert body
    return str(body.get_content())


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (
            "en",
            (
                "Formal notice to deliver",
                "You promised it for 30 April 2026 at the latest.",
                "ends on 24 May 2026",
                "I can end the contract from 25 May 2026, and you have to pay back what I paid: €100.00.",
                "Code de la consommation, art. L216-6 (read word for word in the text)",
                "It is not legal advice.",
            ),
        ),
        (
            "fr",
            (
                "Mise en demeure de livrer",
                "Vous l’aviez promis pour le 30 avril 2026 au plus tard.",
                "qui expire le 24 mai 2026",
                "vous devrez rembourser ce que j’ai versé : 100,00 €.",
                "Code de la consommation, art. L216-6 (lu mot à mot dans le texte)",
                "Ce n’est pas un conseil juridique.",
            ),
        ),
    ],
)
def test_a_formal_notice_on_paper(desk: clock.ManualClock, language: str, said: tuple[str, ...]) -> None:
    number = late(desk)
    made = paper_letter.pdf(legal_letters.letter(number, "formal-notice", language))
    found = words(made).replace("\u00a0", " ").replace("\u202f", " ")
    for each in (*said, "Ada Moreau", "Corvane Works", number):
        assert each in found, (each, found)
    assert made == paper_letter.pdf(legal_letters.letter(number, "formal-notice", language))


def test_the_command_writes_a_file_prints_and_lists(
    desk: clock.ManualClock, tmp_path: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    number = late(desk)
    file = tmp_path / "notice.pdf"
    assert run("formal-notice", number, "--out", str(file)) == 0 and file.read_bytes().startswith(b"%PDF")
    capsys.readouterr()
    assert run("formal-notice", number, "--text", "--language", "fr", "--extra-time-until", "2026-06-30") == 0
    assert "qui expire le 30 juin 2026" in capsys.readouterr().out
    assert run("list", number, "--json") == 0
    listed = json.loads(capsys.readouterr().out)
    why = {each["letter"]: each["why_not"] for each in listed["holder"]}
    assert why["formal-notice"] is None and "L216-6" in why["resolution"]
    assert run("refund-demand", number) == 3
    assert "has not ended" in capsys.readouterr().err
    assert run("formal-notice", number, "--on", "yesterday") == 2
    assert run("formal-notice", number, "--out", str(tmp_path / "nowhere" / "x.pdf")) == 2
    assert run("formal-notice", number, "--on", "2026-04-15", "--text") == 3
    assert "2026-05-01" in capsys.readouterr().err


def test_a_holder_sends_notice_waits_and_ends_the_contract(desk: clock.ManualClock) -> None:
    number = late(desk)
    client, page = inside(number), f"/my/{number}/letters/"
    shown = client.get(page).content.decode()
    assert "Formal notice to deliver" in shown and "can be sent from" in shown
    assert press(client, page, letter="formal-notice").status_code == 302
    state = scene.state(number)
    assert state.notice and state.notice.extra_time_ends_on == date(2026, 5, 24)
    assert "I give you formal notice to deliver" in sent("letter_to_maker")
    assert "24 mai 2026" in sent("notice_received")

    refused = client.post(page, {"once": "k" * 24, "letter": "resolution"})
    assert refused.status_code == 409 and "2026-05-25" in refused.content.decode()
    assert scene.state(number).status == "confirmed"
    desk.advance(timedelta(days=15))
    _, found = facts.rights(number, desk.now())
    assert any(right.kind == "resolve" and right.open for right in found.rights)
    assert press(client, page, letter="resolution").status_code == 302
    state = scene.state(number)
    assert state.status == "cancelled" and state.refunds[0].amount_minor == 10_000
    acts = [each.act for each in reads.acts("reservation", number)]
    ended = next(act for act in acts if act.type == "cancellation.requested")
    assert ended.get("by_right") == "resolution"
    work()
    assert models.Duty.objects.filter(kind="mail", state="parked").count() == 0
    assert models.Mail.objects.filter(template="letter_to_maker").count() == 2


@pytest.mark.parametrize(("language", "title"), [("en", "Notice of a delay"), ("fr", "Annonce d’un retard")])
def test_the_maker_sends_a_notice_of_delay(desk: clock.ManualClock, language: str, title: str) -> None:
    open_offer(window=SOON)
    number = place(language=language)
    pay(number)
    later = Window(date(2026, 9, 1), date(2026, 9, 30))
    door.do_one(SlipPromise(**MAKER, slug="boat", window=later, why="The mould cracked."))
    work()
    client, page = logged_in(), f"/console/reservations/{number}/letters/"
    shown = client.get(page).content.decode()
    assert "Notice of a delay" in shown and "has not ended" in shown
    paper = client.get(f"{page}delay-notice/")
    assert paper.status_code == 200 and paper.content.startswith(b"%PDF")
    assert press(client, page, letter="delay-notice").status_code == 302
    mail = sent("letter_to_holder")
    assert title in mail or "The mould cracked." in mail
    assert "The mould cracked." in mail and "L216" in mail
    assert [each.act.type for each in reads.acts("reservation", number)].count("letter.sent") == 1


def test_a_letter_of_the_other_side_or_of_nobody_is_not_there(desk: clock.ManualClock) -> None:
    number = late(desk)
    client = inside(number)
    for code in ("delay-notice", "billet-doux", "refund-demand"):
        assert client.get(f"/my/{number}/letters/{code}/").status_code == 404
    answer = press(client, f"/my/{number}/letters/", letter="delay-notice")
    assert answer.status_code == 404 and "not sent from here" in answer.content.decode()
    assert Client().get(f"/my/{number}/letters/").status_code == 404
    with pytest.raises(Refusal):
        legal_letters.letter(number, "delay-notice", "en")
