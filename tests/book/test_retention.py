"""What is over its term goes at night, and nothing else; who looked is written; what is disputed stays."""

import io
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest

from earnest.book import clock, door, duties, looks, models, person, reads, retention
from earnest.core.commands.erase import Erase
from earnest.core.commands.restrict import Restrict
from earnest.core.refusals import Missing, Refused
from earnest.core.retention import TERMS, document, table
from earnest.record.verify import verify_story
from tests import scene
from tests.scene import MAKER, cancel, pay, place

book = scene.book
pytestmark = pytest.mark.django_db
DOCS = Path(__file__).parents[2] / "docs" / "retention.md"


def test_the_document_is_the_table() -> None:
    assert DOCS.read_text() == document() and table() in document()


def test_each_class_goes_after_its_own_term_and_not_a_day_before(book: clock.ManualClock) -> None:
    number = place()
    cancel(number)
    start = book.now()
    for term in sorted((term for term in TERMS if term.days), key=lambda term: term.days):
        book.set(start + timedelta(days=term.days) - timedelta(seconds=1))
        assert term.cls not in [each.cls for each in retention.overdue()]
        book.set(start + timedelta(days=term.days))
        assert term.cls in [each.cls for each in retention.overdue()]
    assert "money" not in [each.cls for each in retention.overdue()]


def test_a_night_erases_what_is_over_and_there_is_always_another_one(book: clock.ManualClock) -> None:
    over, living, owed, kept = (place(name=name) for name in ("Ada A", "Ben B", "Cleo C", "Dan D"))
    pay(living)
    pay(owed)
    for number in (over, owed, kept):
        cancel(number)
    door.do_one(Restrict(**MAKER, number=kept, why="claim"))
    scene.work()
    retention.arm()
    retention.arm()
    assert models.Duty.objects.filter(kind="retention").count() == 1
    book.advance(timedelta(days=6 * 365))
    dry = list(retention.overdue())
    assert {each.number for each in dry} == {over}
    duties.run_due(book.now(), "night")
    assert set(reads.reservation(over).erased) == {"contact", "bank", "identity", "text"}
    assert all(reads.reservation(number).erased == () for number in (living, owed, kept))
    assert list(retention.overdue()) == []
    assert models.Duty.objects.filter(kind="retention", state="waiting").count() == 1


def test_a_maker_sets_other_terms(book: clock.ManualClock, settings: object) -> None:
    from dataclasses import replace

    from django.conf import settings as django

    number = place()
    cancel(number)
    book.advance(timedelta(days=8))
    before = django.EARNEST
    django.EARNEST = replace(before, retention_days=(("contact", 7),))
    found = list(retention.overdue())
    django.EARNEST = before
    assert [(each.number, each.cls) for each in found] == [(number, "contact")]


def test_what_is_disputed_is_not_erased_until_it_is_over(book: clock.ManualClock) -> None:
    number = place()
    cancel(number)
    assert isinstance(door.do_one(Restrict(**MAKER, number=number, why="accuracy")), door.Done)
    assert isinstance(door.do_one(Restrict(**MAKER, number=number, why="accuracy")), door.Nothing)
    with pytest.raises(Refused, match="disputed"):
        door.do_one(Erase(**MAKER, number=number, cls="contact"))
    door.do_one(Restrict(**MAKER, number=number, why="accuracy", lift=True))
    door.do_one(Erase(**MAKER, number=number, cls="contact"))
    assert reads.reservation(number).erased == ("contact",)


def test_a_person_is_given_all_of_theirs_and_nothing_of_others(book: clock.ManualClock) -> None:
    mine = [place(name="Ada Moreau"), place(name="Ada Moreau")]
    other = place(name="Ben Ode")
    scene.work()
    looks.note(mine[0], "operator:ana", "reservation")
    found = person.held("ADA@example.org ")
    assert set(found.numbers) == set(mine) and found.looks == 1 and found.mails >= 2
    archive = zipfile.ZipFile(io.BytesIO(person.zipped(found, "read me")))
    names = archive.namelist()
    assert not any(other in name for name in names)
    whole = b"".join(archive.read(name) for name in names)
    assert b"Ben" not in whole and b"ben@" not in whole
    for number in mine:
        assert verify_story(archive.read(f"{number}/story.earnest.json"), book.now()).ok
    assert b"operator:ana,reservation" in archive.read(f"{mine[0]}/who-looked.csv")
    assert person.zipped(found, "read me") == person.zipped(person.held("ada@example.org"), "read me")


def test_nobody_of_that_address_is_one_sentence(book: clock.ManualClock) -> None:
    with pytest.raises(Missing):
        person.held("nobody@example.org")


def test_a_look_is_written_once_and_for_all(book: clock.ManualClock) -> None:
    from django.db import DatabaseError, transaction

    number = place()
    looks.note(number, "operator:ana", "bank")
    for change in (lambda: models.Look.objects.update(who="x"), lambda: models.Look.objects.all().delete()):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


def test_a_sweep_that_died_goes_on_where_it_was_and_does_nothing_twice(
    book: clock.ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = sorted(place(name=f"{name} X") for name in ("Ada", "Ben", "Cleo", "Dan", "Eve"))
    for number in numbers:
        cancel(number)
    scene.work()
    retention.arm()
    book.advance(timedelta(days=6 * 365))
    monkeypatch.setattr(retention, "PORTION", 2)
    advanced: list[str] = []
    real = duties.advance

    def advance(duty: duties.Leased, payload: dict[str, object], now: object) -> None:
        real(duty, payload, book.now())
        advanced.append(str(payload["after"]))
        if len(advanced) == 1:
            raise RuntimeError("killed")

    monkeypatch.setattr(duties, "advance", advance)
    duties.run_due(book.now(), "first")
    erased = [number for number in numbers if reads.reservation(number).erased]
    assert erased == numbers[:2] == [*erased] and advanced == [numbers[1]]
    looked: list[str] = []
    real_look = retention._looked_at
    monkeypatch.setattr(
        retention, "_looked_at", lambda after, limit=None: (looked.append(after), real_look(after, limit))[1]
    )
    book.advance(timedelta(hours=1))
    duties.run_due(book.now(), "second")
    assert looked[0] == numbers[1]
    for number in numbers:
        assert scene.types(number).count("erasure.done") == 4
    assert [duty.state for duty in models.Duty.objects.filter(kind="retention").order_by("id")] == [
        "done",
        "waiting",
    ]


def test_what_is_restricted_between_the_look_and_the_act_stays(book: clock.ManualClock) -> None:
    mine, other = place(name="Ada A"), place(name="Ben B")
    for number in (mine, other):
        cancel(number)
    book.advance(timedelta(days=6 * 365))
    found = list(retention.overdue())
    door.do_one(Restrict(**MAKER, number=mine, why="claim"))
    assert {each.number for each in retention.erase(found)} == {other}
    assert reads.reservation(mine).erased == ()


def test_nothing_left_is_not_looked_at_again(book: clock.ManualClock) -> None:
    number = place()
    cancel(number)
    book.advance(timedelta(days=6 * 365))
    assert [each for each, _ in retention._looked_at("")] == [number]
    retention.erase(list(retention.overdue()))
    assert list(retention._looked_at("")) == []


def test_an_erasure_is_no_new_beginning_of_the_other_terms(book: clock.ManualClock) -> None:
    number = place()
    cancel(number)
    last = book.now()
    for days in sorted({term.days for term in TERMS if term.days}):
        book.set(last + timedelta(days=days))
        erased = {each.cls for each in retention.erase(list(retention.overdue()))}
        assert erased == {term.cls for term in TERMS if term.days == days}


def test_the_people_of_a_demonstration_are_left_alone(db: None) -> None:
    scene.begin("demo", "demo.tests.example")
    retention.arm()
    assert not models.Duty.objects.filter(kind="retention").exists()
    scene.finish()
