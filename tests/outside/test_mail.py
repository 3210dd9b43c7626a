"""Mail from duties: made once, kept, handed over as it was kept, recorded once, and read by whom it is for."""

import hashlib
import re
import socket
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from typing import Any

import pytest
from babel.messages.pofile import read_po
from django.conf import settings
from django.core import mail

import earnest.post
from earnest.book import clock, door, duties, links, models, outbox, reads
from earnest.core.commands.base import Duty
from earnest.core.commands.erase import Erase
from earnest.core.commands.refund import RequestRefund
from earnest.core.commands.report_refund import ReportRefund
from earnest.core.reservation import Contact
from earnest.post import handlers
from earnest.post.letters import LETTERS, About
from earnest.post.message import build
from tests import scene
from tests.outside import smtp
from tests.scene import MAKER, OTHER, cancel, pay, place, slip, state, types, work


@pytest.fixture
def server(book: clock.ManualClock, settings: Any) -> Iterator[smtp.Taken]:
    """A real mail server, and Django's own way of talking to it."""
    with smtp.server() as taken:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", taken.port, 5
        settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
        yield taken


def read(raw: bytes) -> EmailMessage:
    message = message_from_bytes(raw, policy=SMTP)
    assert isinstance(message, EmailMessage)
    return message


def part(message: EmailMessage, kind: str = "plain") -> str:
    found = message.get_body((kind,))
    assert found is not None
    return str(found.get_content())


def kept(template: str) -> EmailMessage:
    """The newest mail of a template, as it was kept."""
    row = models.Mail.objects.filter(template=template).latest("id")
    raw = outbox.kept(row.key)
    assert raw is not None
    return read(raw)


def duty_of(template: str) -> models.Duty:
    return models.Duty.objects.get(kind="mail", payload__template=template)


def again(template: str) -> None:
    """The duty is done once more, as after a crash."""
    models.Duty.objects.filter(pk=duty_of(template).pk).update(state="waiting")
    work()


# --- on the way


def test_what_leaves_is_what_was_kept_and_hashed(server: smtp.Taken) -> None:
    number = place()
    work()
    [(sender, to, raw)] = server
    assert (sender, to) == ("reservations@tests.example", "ada@example.org")
    row = models.Mail.objects.get()
    assert raw == outbox.kept(row.key) and row.status == "sent"
    act = next(each.act for each in reads.acts("reservation", number) if each.act.type == "mail.sent")
    assert act.text("sha256") == hashlib.sha256(raw).hexdigest()
    assert act.text("message_id") == read(raw)["Message-ID"] == row.message_id


def test_a_mail_is_the_same_bytes_for_the_same_duty(book: clock.ManualClock) -> None:
    number = place()
    about = About(state(number), reads.offer("boat").offer, {"number": number, "seq": 0})
    made = [build("placed", "a key", about, "a@b.org", "fr", "note").as_bytes() for _ in range(2)]
    assert made[0] == made[1]
    other = build("placed", "another key", about, "a@b.org", "fr", "note")
    assert other["Message-ID"] != read(made[0])["Message-ID"]


def test_headers_say_that_nobody_typed_it_and_take_the_time_of_the_book(server: smtp.Taken) -> None:
    place()
    work()
    message = read(server[0][2])
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Date"].datetime == scene.START
    assert message["Message-ID"].endswith("@tests.example>")
    assert str(message["From"]) == "Boatyard <reservations@tests.example>"
    assert message["Content-Language"] == "en"


def test_a_crash_before_it_was_recorded_sends_no_other_mail_and_records_it_once(
    server: smtp.Taken, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = place()

    def dies(*args: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(handlers, "_record", dies)
        with pytest.raises(KeyboardInterrupt):
            work()
    scene.clock.current().advance(timedelta(minutes=3))  # type: ignore[attr-defined]
    work()
    again("placed")
    assert len({raw for _, _, raw in server}) == 1
    assert types(number).count("mail.sent") == 1
    assert models.Mail.objects.count() == 1


def test_a_crash_before_it_was_marked_sends_the_same_mail_again(
    server: smtp.Taken, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = place()

    def dies(*args: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(outbox, "sent", dies)
        with pytest.raises(KeyboardInterrupt):
            work()
    scene.clock.current().advance(timedelta(minutes=3))  # type: ignore[attr-defined]
    work()
    assert len(server) == 2 and server[0] == server[1]
    assert types(number).count("mail.sent") == 1


def test_a_receiver_who_is_refused_is_seen_and_tried_again(server: smtp.Taken) -> None:
    number = place()
    server.refuses = True
    work()
    assert "550" in str(models.Mail.objects.get().error)
    assert duty_of("placed").state == "waiting" and "mail.sent" not in types(number)
    server.refuses = False
    scene.clock.current().advance(timedelta(minutes=2))  # type: ignore[attr-defined]
    work()
    assert "mail.sent" in types(number) and len(server) == 1


def test_a_mail_that_could_not_leave_is_not_sent_to_who_came_after(server: smtp.Taken) -> None:
    number = place()
    pay(number)
    work()
    server.refuses = True
    payload = {"number": number, "template": "portal_link"}
    duties.insert([Duty("mail", f"mail/{number}/portal_link/1", clock.now(), payload)])
    work()
    scene.pass_on(number)
    server.clear()
    server.refuses = False
    scene.clock.current().advance(timedelta(minutes=5))  # type: ignore[attr-defined]
    work()
    to_cleo = [raw for _, to, raw in server if "cleo@example.org" in str(to)]
    assert to_cleo and not [raw for raw in to_cleo if b"ada@example.org" in raw]
    assert not [raw for _, _, raw in server if b"portal_link" in raw or b"a link to this reservation" in raw]


def test_a_server_that_is_not_there_loses_nothing(book: clock.ManualClock, settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    number = place()
    work()
    assert duty_of("placed").attempts == 1
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    book.advance(timedelta(minutes=2))
    work()
    assert len(mail.outbox) == 1 and "mail.sent" in types(number)


def test_a_server_that_never_answers_is_not_waited_for_for_ever(
    book: clock.ManualClock, settings: Any
) -> None:
    number = place()
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", deaf.getsockname()[1]
        settings.EMAIL_TIMEOUT = 0.2
        work()
    assert duty_of("placed").attempts == 1 and "mail.sent" not in types(number)


def test_a_folder_takes_the_same_bytes(book: clock.ManualClock, settings: Any, tmp_path: Path) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = tmp_path
    place()
    work()
    [file] = tmp_path.iterdir()
    assert file.read_bytes().startswith(outbox.kept(models.Mail.objects.get().key) or b"nothing")


def test_a_domain_of_other_letters_is_written_as_servers_read_it(server: smtp.Taken) -> None:
    place(email="ada@bücher.example")
    work()
    assert server[0][1] == "ada@xn--bcher-kva.example" == read(server[0][2])["To"].addresses[0].addr_spec


def test_an_address_that_no_server_takes_is_for_a_person_to_see(server: smtp.Taken) -> None:
    place(email="émile@example.org")
    work()
    assert duty_of("placed").state == "parked" and len(server) == 0


@pytest.mark.parametrize("to", ["a@b.org\r\nBcc: all@b.org", "a@b.org\nBcc: x@y.org", "a@b.org, c@d.org"])
def test_no_address_brings_a_header_of_its_own(book: clock.ManualClock, to: str) -> None:
    number = place()
    about = About(state(number), reads.offer("boat").offer, {"number": number, "seq": 0})
    with pytest.raises(ValueError):
        build("placed", "key", about, to, "en", "note").as_bytes()


def test_a_title_brings_no_header_of_its_own(book: clock.ManualClock) -> None:
    number = place()
    about = About(replace(state(number), number="X\r\nBcc: all@b.org"), reads.offer("boat").offer, {"seq": 0})
    with pytest.raises(ValueError):
        build("placed", "key", about, "a@b.org", "en", "note")


def test_names_and_reasons_are_text_in_html(book: clock.ManualClock) -> None:
    pay(place())
    door.do_one(
        scene.SlipPromise(
            **MAKER,
            slug="boat",
            window=replace(scene.TERMS["window"], end=scene.date(2028, 6, 30)),
            why="<b>&",
        )
    )
    work()
    assert "&lt;b&gt;&amp;" in part(kept("slipped"), "html") and "<b>&" in part(kept("slipped"))


def test_a_demonstration_keeps_its_mail(db: None) -> None:
    scene.begin("demo", "demo.tests.example")
    number = place()
    work()
    assert mail.outbox == [] and "mail.sent" in types(number)
    scene.finish()


def test_an_erased_address_is_written_to_no_more(book: clock.ManualClock) -> None:
    number = place()
    work()
    cancel(number)
    models.Duty.objects.filter(kind="mail", state="waiting").update(due_at=book.now() + timedelta(days=5))
    book.advance(timedelta(days=1))
    door.do_one(Erase(**scene.HOLDER, number=number, cls="contact"))
    assert not isinstance(state(number).contact, Contact)
    before = types(number)
    book.advance(timedelta(days=5))
    work()
    assert types(number) == before
    assert models.Duty.objects.get(payload__template="cancelled").state == "done"


# --- what they say


def test_a_subject_reads_as_it_was_written_however_it_is_folded() -> None:
    with (Path(earnest.post.__file__).parent / "locale/fr/LC_MESSAGES/django.po").open("rb") as file:
        both = [text for each in read_po(file) for text in (each.id, each.string)]
    subjects = [text % {"number": "K7QF-2M9X-4"} for text in both if str(text).endswith("%(number)s")]
    assert len(subjects) >= 2 * len(LETTERS) - 2
    for subject in subjects:
        message = EmailMessage(policy=SMTP)
        message["Subject"] = subject
        assert read(message.as_bytes())["Subject"] == subject


def test_french_has_its_colons_and_its_first_of_a_month(book: clock.ManualClock) -> None:
    number = place(language="fr")
    pay(number)
    work()
    text = part(kept("confirmed"))
    assert f"Réservation\u00a0: {number}" in text and "1er janvier 2027 – 31 décembre 2027" in text


def test_a_mail_speaks_its_readers_language_and_stands_without_pictures(book: clock.ManualClock) -> None:
    number = place(language="fr")
    work()
    message = kept("placed")
    assert message["Content-Language"] == "fr" and "réserv" in part(message)
    html = part(message, "html")
    assert '<html lang="fr">' in html
    # The one picture travels within the mail: whoever shows none reads the same receipt as text.
    without, pictures = re.subn(r'<img src="cid:[^"]+"', "", html)
    assert pictures == 1 and reads.receipt("reservation", number, 0).splitlines()[4] in html
    remote = re.findall(
        r"""(?:src|background|srcset)\s*=|url\(|<(?:img|script|link|iframe|object)""", without
    )
    assert remote == []
    ours = settings.EARNEST.base_url
    assert all(each.startswith(ours) for each in re.findall(r'href="([^"]+)"', html))
    assert number in part(message)


def test_every_mail_of_a_living_place_has_the_way_out_and_the_receipt(book: clock.ManualClock) -> None:
    number = place()
    pay(number)
    work()
    text = part(kept("confirmed"))
    seq = duty_of("confirmed").payload["seq"]
    assert reads.receipt("reservation", number, seq).strip() in text.replace("\r\n", "\n")
    tokens = re.findall(r"/link/([^/\s]+)/", text)
    assert {links.read("portal", token) for token in tokens} == {
        links.Link(number, 0, ""),
        links.Link(number, 0, "cancel"),
    }


def test_a_mail_after_the_end_offers_no_cancelling(book: clock.ManualClock) -> None:
    number = place()
    pay(number)
    cancel(number)
    work()
    text = part(kept("cancelled"))
    assert "two clicks" not in text and "receipt" in text
    assert "3 March 2026, 09:00 UTC" in text and "€5,000.00" in text


def test_a_mail_to_operators_opens_no_reservation_and_proves_nothing(book: clock.ManualClock) -> None:
    number = place(2)
    scene.account(number)
    book.advance(timedelta(days=4))
    pay(number, 1_000_000, "transfer")
    cancel(number, 1)
    work()
    assert state(number).status == "confirmed"
    message = kept("pay_by_hand")
    assert message["To"] == "reservations@tests.example"
    assert "image/png" not in {each.get_content_type() for each in message.walk()}
    for kind in ("plain", "html"):
        said = part(message, kind)
        assert "/link/" not in said and scene.IBAN not in said
        assert reads.receipt("reservation", number, 0).splitlines()[2] not in said


def test_a_correction_names_the_sum_and_the_act_it_corrects(book: clock.ManualClock) -> None:
    number = place()
    pay(number)
    cancel(number)
    door.do_one(RequestRefund(**MAKER, number=number, refund=1))
    by = {"by": "provider", "via": "stripe", "number": number, "refund": 1, "attempt": 1}
    door.do_one(ReportRefund(**by, outcome="sent", reference="re_1", happened_at=book.now()))
    sent = state(number).refunds[0].sent_seq
    door.do_one(ReportRefund(**by, outcome="returned", why="closed", happened_at=book.now()))
    work()
    text = part(kept("refund_returned"))
    assert "€5,000.00" in text and f"Act that is corrected: {sent}\n" in text.replace("\r\n", "\n")


def test_a_refund_sent_twice_is_told_as_it_stands(book: clock.ManualClock) -> None:
    number = place()
    scene.account(number)
    book.advance(timedelta(days=4))
    pay(number)
    cancel(number)
    door.do_one(RequestRefund(**MAKER, number=number, refund=1))
    by = {"by": "provider", "via": "stripe", "number": number, "refund": 1}
    door.do_one(ReportRefund(**by, attempt=1, outcome="sent", reference="re_1", happened_at=book.now()))
    door.do_one(ReportRefund(**by, attempt=1, outcome="returned", why="closed", happened_at=book.now()))
    door.do_one(RequestRefund(**MAKER, number=number, refund=1))
    hand = {**OTHER, "number": number, "refund": 1, "attempt": 2}
    door.do_one(ReportRefund(**hand, outcome="sent", reference="B-7", happened_at=book.now()))
    work()
    assert models.Duty.objects.exclude(state="done").filter(kind="mail").count() == 0
    assert models.Mail.objects.filter(template="refund_sent").count() == 1
    assert "B-7" in part(kept("refund_sent"))


def test_money_that_is_too_much_is_said_to_go_back(book: clock.ManualClock) -> None:
    number = place()
    pay(number)
    pay(number, 5_000_000, "transfer")
    work()
    text = part(kept("deposit_received"))
    assert "more than was asked" in text and "€500,000.00" not in text and "€5,000.00" in text


def test_an_account_is_named_as_the_one_that_was_given(book: clock.ManualClock) -> None:
    number = place()
    scene.account(number, confirmed=False)
    door.do_one(
        scene.GiveAccount(**scene.HOLDER, number=number, holder="Ada Moreau", iban="DE89370400440532013000")
    )
    work()
    texts = [
        part(read(outbox.kept(row.key) or b""))
        for row in models.Mail.objects.filter(template="account_given").order_by("id")
    ]
    assert ["2606" in texts[0], "3000" in texts[1], "3000" in texts[0]] == [True, True, False]


# --- duties of time


def test_a_reminder_goes_only_while_the_deposit_is_missing(book: clock.ManualClock) -> None:
    paid, late = place(), place(name="Bo Late")
    for number in (paid, late):
        pay(number)
    pay(paid, 4_500_000, "transfer")
    book.advance(timedelta(days=200))
    work()
    assert {row.subject.number for row in models.Mail.objects.filter(template="remind") if row.subject} == {
        late
    }
    assert models.Mail.objects.filter(template="remind").count() == 3
    assert state(late).status == "confirmed"


def test_a_place_lapses_when_its_hold_is_over_and_not_before(book: clock.ManualClock) -> None:
    number = place()
    book.advance(timedelta(minutes=29))
    models.Duty.objects.filter(kind="lapse").update(due_at=book.now())
    work()
    assert state(number).status == "placed"
    book.advance(timedelta(minutes=1))
    work()
    assert state(number).status == "lapsed"
    assert reads.offer("boat").left == 5


def test_a_cancelled_place_is_kept_for_a_day(book: clock.ManualClock) -> None:
    number = place()
    pay(number)
    cancel(number)
    models.Duty.objects.filter(kind="refund").update(state="done")
    work()
    assert reads.offer("boat").left == 4
    book.advance(timedelta(hours=24))
    work()
    assert reads.offer("boat").left == 5


def test_a_hold_that_is_asked_too_early_is_asked_again_when_it_ends(book: clock.ManualClock) -> None:
    number = place()
    pay(number, rail="transfer")
    cancel(number)
    scene.account(number)
    until = state(number).refunds[0].until
    assert until is not None
    models.Duty.objects.filter(kind="hold_over").update(due_at=book.now())
    work()
    duty = models.Duty.objects.get(kind="hold_over")
    assert (duty.due_at, duty.attempts) == (until, 0)
    book.set(until)
    work()
    assert state(number).refunds[0].status == "owed"


def test_a_slip_is_told_to_each_once_and_goes_on_where_a_worker_stopped(
    book: clock.ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handlers, "PAGE", 2)
    scene.offer("fleet", capacity=50)
    numbers = [place(slug="fleet", name=f"Holder{n} Of") for n in range(5)]
    gone = numbers.pop(2)
    cancel(gone)
    work()
    door.do_one(
        scene.SlipPromise(
            **MAKER,
            slug="fleet",
            window=replace(scene.TERMS["window"], end=scene.date(2028, 6, 30)),
            why="Mould.",
        )
    )
    real, pages = door.do, []

    def dies(requests: Any) -> Any:
        pages.append(len(requests))
        if len(pages) == 2:
            raise KeyboardInterrupt
        return real(requests)

    with monkeypatch.context() as patch:
        patch.setattr(door, "do", dies)
        with pytest.raises(KeyboardInterrupt):
            work()
    assert models.Duty.objects.get(kind="tell_slip").payload["told"] == 2
    book.advance(timedelta(minutes=3))
    work()
    again_told = models.Duty.objects.get(kind="tell_slip")
    assert (again_told.state, again_told.payload["told"]) == ("done", 4)
    models.Duty.objects.filter(kind="tell_slip").update(state="waiting")
    work()
    assert [types(number).count("promise.told") for number in [*numbers, gone]] == [1, 1, 1, 1, 0]
    assert models.Mail.objects.filter(template="slipped").count() == 4


def test_a_holder_who_slipped_twice_is_told_of_each(book: clock.ManualClock) -> None:
    number = place()
    pay(number)
    slip()
    work()
    slip()
    work()
    assert types(number).count("promise.told") == 2
