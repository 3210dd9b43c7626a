"""A holder has died, in a whole book: what the bank's file does, who is written to, and what each may open."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from earnest.book import (
    check,
    clock,
    door,
    duties,
    export,
    heirs,
    links,
    models,
    outbox,
    policy,
    reads,
    rebuild,
)
from earnest.core.commands.base import Command
from earnest.core.commands.erase import Erase
from earnest.core.commands.heirs import ConfirmSuccessor, CorrectDeath, NameSuccessor, RecordDeath
from earnest.core.refusals import Refused
from earnest.core.reservation import Contact
from earnest.post import deadlines
from earnest.rails.bank import paying
from earnest.record.disclosure import read_disclosure
from earnest.record.verify import verify_story
from tests import scene
from tests.outside.bank_file import Line, camt
from tests.outside.orders import ACCOUNT, BEN, due, make, paid
from tests.outside.test_bank_answers import bring
from tests.scene import MAKER, OTHER, cancel, pay, place, refused, state, types, work

SEEN = "Acte de notoriété of 3 March, seen in the original."


@pytest.fixture(autouse=True)
def book(db: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[clock.ManualClock]:
    monkeypatch.setattr(settings, "EARNEST", replace(settings.EARNEST, bank_account=ACCOUNT))
    monkeypatch.chdir(tmp_path)
    policy.current.cache_clear()
    yield scene.begin()
    scene.finish()
    policy.current.cache_clear()


def die(number: str) -> None:
    door.do_one(RecordDeath(**MAKER, number=number, told_by="relative", why="Her son rang us."))


def naming(number: str, **changed: Any) -> NameSuccessor:
    given: dict[str, Any] = {
        "right": "inheritance",
        "proof": "notary-deed",
        "seen": SEEN,
        "name": "Bela Moreau",
        "email": "bela@example.org",
        "residence": "FR",
        "language": "fr",
    }
    return NameSuccessor(**MAKER, number=number, **{**given, **changed})


def confirming(number: str) -> Command:
    successor = state(number).successor
    assert successor
    return ConfirmSuccessor(**OTHER, number=number, named=successor.seq)


def inherit(number: str, **changed: Any) -> None:
    door.do_one(naming(number, **changed))
    door.do_one(confirming(number))


def written_to(address: str) -> list[str]:
    """The templates of the mails that were made for an address, the oldest first."""
    found = models.Mail.objects.order_by("id").values_list("key", "template")
    return [template for key, template in found if f"To: {address}".encode() in (outbox.kept(key) or b"")]


def sound() -> bool:
    """Nothing that must hold is found not to."""
    found = [each for name, findings in check.run() for each in findings]
    return found == [] and list(rebuild.differences()) == []


def opened(story: bytes) -> str:
    """All that a story opens, in clear."""
    file = json.loads(story)
    lines = [line for act in (*file["acts"], *file.get("tail", ())) for line in act["open"].values()]
    return "\n".join(json.dumps(read_disclosure(line)[1:], ensure_ascii=False) for line in lines)


# --- what the bank says


def test_a_return_with_md07_stops_and_the_heir_is_paid_and_nobody_else(book: clock.ManualClock) -> None:
    number = paid()
    due(book, number)
    order = make()
    transfer = order.transfers[0]
    out = Line("5000.00", bank="B1", end_to_end=transfer.end_to_end, debit=True)
    assert bring(camt(Path("out.xml"), out)) == 0
    work()
    before = written_to("ada@example.org")
    back = Line("5000.00", "", bank="B2", end_to_end=transfer.end_to_end, returned="MD07")
    for _ in range(2):
        assert bring(camt(Path("back.xml"), back)) == 0
    assert types(number).count("reservation.holder_died") == 1
    work()
    book.advance(timedelta(days=60))
    work()
    assert written_to("ada@example.org")[len(before) :] == ["holder_died"]
    assert paying.due().transfers == () and state(number).refunds[0].why == "heirs"
    inherit(number)
    work()
    assert written_to("bela@example.org") == ["succeeded_to_you", "account_needed"]
    scene.account(number, "Bela Moreau")
    work()
    book.advance(timedelta(days=3))
    work()
    [again] = paying.due().transfers
    assert (again.account, again.amount_minor) == (2, 500_000)
    assert sound()


def test_an_order_that_was_prepared_before_the_death_is_not_released(book: clock.ManualClock) -> None:
    small = replace(policy.current(), order_limit_major=1)
    with pytest.MonkeyPatch.context() as changed:
        changed.setattr(policy, "current", lambda: small)
        number = paid()
        due(book, number)
        order = make()
        assert order.status == "prepared"
        die(number)
        with pytest.raises(Refused):
            paying.release(order.number, BEN)
    assert "refund.requested" not in types(number) and sound()


# --- who is written to


def test_who_has_died_is_asked_nothing_and_the_makers_people_are_reminded(book: clock.ManualClock) -> None:
    number = place()
    pay(number)
    scene.account(number, confirmed=False)
    die(number)  # the mail that asks to confirm the account is not made yet
    work()
    scene.slip()
    cancel(number)
    work()
    book.advance(timedelta(days=400))
    work()
    assert written_to("ada@example.org") == ["holder_died", "cancelled"]
    assert "as soon as we know the heirs" in mail_of("cancelled")
    operators = models.Mail.objects.filter(template="find_heirs").count()
    assert operators == 1 + 400 // 30
    [waits] = heirs.waiting()
    assert (waits.state.number, waits.name, waits.to_confirm) == (number, "Ada Moreau", False)
    inherit(number)
    book.advance(timedelta(days=60))
    work()
    assert models.Mail.objects.filter(template="find_heirs").count() == operators and heirs.waiting() == []
    assert sound()


def mail_of(template: str) -> str:
    mail = models.Mail.objects.filter(template=template).latest("id")
    return (outbox.kept(mail.key) or b"").decode().replace("=\r\n", "")


def test_a_mail_that_was_made_and_had_not_left_does_not_leave(
    book: clock.ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    from earnest.post import handlers

    def down(*_: object) -> None:
        raise OSError("no mail server")

    number = place()
    with monkeypatch.context() as changed:
        changed.setattr(handlers, "hand_over", down)
        duties.run_due(clock.now(), "tests")
    key = models.Mail.objects.get(template="placed").key
    die(number)
    book.advance(timedelta(hours=1))
    work()
    assert models.Mail.objects.get(key=key).status == "erased" and outbox.kept(key) is None
    assert sound()


def test_the_makers_people_hear_what_is_under_way_and_what_else_has_the_address(
    book: clock.ManualClock,
) -> None:
    number, other, strange = paid(), place(), place(name="Bela Moreau")
    due(book, number)
    order = make()
    assert order.status == "released"
    die(number)
    work()
    letter = mail_of("find_heirs")
    assert "is under way" in letter and other in letter and strange not in letter
    die(other)
    work()
    assert "Other reservations" not in mail_of("find_heirs")


def test_no_deadline_is_said_to_be_missed_while_nobody_knows_whom_to_pay(book: clock.ManualClock) -> None:
    number = place()
    pay(number)
    cancel(number)
    die(number)
    limit = state(number).refunds[0].legal_due_at
    book.advance(timedelta(days=100))
    work()
    assert clock.now() > limit and "refund.overdue" not in types(number)
    assert deadlines.late("law", clock.now()) == []
    assert not models.Mail.objects.filter(template__startswith="deadline").exists()


def test_the_living_are_told_that_it_goes_on_and_are_asked_again(book: clock.ManualClock) -> None:
    number = paid(50_000)
    due(book, number)
    die(number)
    work()
    door.do_one(CorrectDeath(**MAKER, number=number, why="A namesake."))
    work()
    assert written_to("ada@example.org")[-2:] == ["holder_died", "death_corrected"]
    assert [each.number for each in paying.due().transfers] == [number] and heirs.waiting() == []
    assert sound()


# --- what each may open


def test_the_heir_opens_their_own_and_the_dead_holders_links_open_nothing(book: clock.ManualClock) -> None:
    number = paid()
    work()
    old = links.make("portal", number)
    die(number)
    assert links.read("portal", old), "until somebody follows, whoever reads the mailbox sees where it stands"
    door.do_one(naming(number))
    first = opened(export.story(number, holder=0))
    assert "Ada Moreau" in first and "notary-deed" in first
    for theirs in ("Bela Moreau", "bela@example.org", SEEN):
        assert theirs not in first and theirs in opened(export.story(number))
    door.do_one(confirming(number))
    assert links.read("portal", old) is None
    assert reads.by_email("bela@example.org") == [(number, 1)]
    second = opened(export.story(number, holder=1))
    assert "Bela Moreau" in second and "Ada Moreau" not in second and scene.IBAN not in second
    assert SEEN not in second and "Her son rang us." not in second
    assert verify_story(export.story(number, holder=1), clock.now()).ok
    for cls in ("identity", "contact", "bank", "text"):
        door.do_one(Erase(**MAKER, number=number, cls=cls, holder=0))
    everything = opened(export.story(number))
    assert "Ada Moreau" not in everything and SEEN not in everything and "Bela Moreau" in everything
    assert state(number).contact == Contact("bela@example.org", "fr") and sound()


def test_beside_a_holder_whose_data_was_erased_nobody_is_written_down(book: clock.ManualClock) -> None:
    number = place()
    door.do_one(naming(number, right="judgment", proof="court"))
    book.advance(timedelta(days=30))
    work()
    assert state(number).status == "lapsed"
    door.do_one(Erase(**MAKER, number=number, cls="identity"))
    assert refused(confirming(number)).code == refused(naming(number)).code == "erased"
    door.do_one(Erase(**MAKER, number=number, cls="text"))
    die(number)
    door.do_one(CorrectDeath(**MAKER, number=number, why="A namesake."))
    said = {read.act.type: read.act.get("why") for read in reads.acts("reservation", number)}
    assert said["reservation.holder_died"] is None and said["reservation.death_corrected"] is None


def test_a_living_holder_whom_a_court_replaces_is_told_before_and_after(book: clock.ManualClock) -> None:
    number = place()
    pay(number)
    work()
    door.do_one(naming(number, right="judgment", proof="court", seen="Judgment 12/26 of Lyon."))
    work()
    door.do_one(confirming(number))
    work()
    assert written_to("ada@example.org")[-2:] == ["successor_named", "holder_replaced"]
    assert "/link/" not in mail_of("holder_replaced")
    assert written_to("bela@example.org") == ["succeeded_to_you"]
    sent = [
        read.act
        for read in reads.acts("reservation", number, 1)
        if read.act.get("template") == "holder_replaced"
    ]
    assert [act.fields["to"] for act in sent] == ["holder:0"] and sound()
