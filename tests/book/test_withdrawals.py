"""What is kept of a withdrawal that somebody stated goes with its reservation, or after a term of its own."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from earnest.book import clock, door, duties, ids, models, outbox, person, rebuild, retention, withdrawals
from earnest.core.commands.erase import Erase
from earnest.core.commands.withdraw import CLASSES, EraseStatement, SeeToWithdrawal, StateWithdrawal
from earnest.core.refusals import Missing, Refused
from earnest.core.retention import STATEMENT
from tests import scene
from tests.faces.test_cli_privacy import run
from tests.scene import MAKER, cancel, place, work

BY: dict[str, Any] = {"by": "customer", "via": "web"}


@pytest.fixture(autouse=True)
def book(db: None) -> Iterator[clock.ManualClock]:
    yield scene.begin()
    scene.finish()


def state_it(contract: str, email: str = "eve@example.org", name: str = "Eve Martin") -> str:
    number = ids.number()
    said = {"name": name, "contract": contract, "email": email, "language": "en"}
    door.do_one(StateWithdrawal(**BY, statement=number, **said))
    work()
    return number


def see_to(number: str) -> None:
    door.do_one(SeeToWithdrawal(**MAKER, statement=number, why="Eve meant another maker"))


def found(number: str) -> withdrawals.Statement:
    stated = withdrawals.statement(number)
    assert stated
    return stated


def whole_book() -> str:
    """Every value that the book can still open, and every mail."""
    said = [str(found(n).said.fields) + found(n).why for n in numbers()]
    mails = [(outbox.kept(key) or b"").decode() for key in models.Mail.objects.values_list("key", flat=True)]
    return "\n".join([*said, *mails])


def numbers() -> list[str]:
    return list(models.Subject.objects.filter(kind="withdrawal").values_list("number", flat=True))


def keys_left(number: str) -> set[str]:
    row = models.SubjectKey.objects.filter(subject__number=number).values(*CLASSES, "money").get()
    return {cls for cls, key in row.items() if key is not None}


def nothing_differs() -> bool:
    return not list(rebuild.differences())


def test_what_fits_nothing_goes_after_its_term_and_not_before(book: clock.ManualClock) -> None:
    number = state_it("a boat, in spring")
    book.advance(timedelta(days=3000))
    assert list(retention.overdue_statements()) == []  # nobody has seen to it: it may still end a contract
    see_to(number)
    book.advance(timedelta(days=STATEMENT.days) - timedelta(seconds=1))
    assert list(retention.overdue_statements()) == []
    assert "Eve Martin" in whole_book() and "another maker" in whole_book()
    book.advance(timedelta(seconds=1))
    retention.arm()
    book.advance(timedelta(days=1))
    duties.run_due(book.now(), "night")
    assert keys_left(number) == {"money"} and set(found(number).erased) == set(CLASSES)
    for gone in ("Eve Martin", "eve@example.org", "in spring", "another maker"):
        assert gone not in whole_book()
    assert not models.ActOpen.objects.filter(act__subject__number=number).exclude(cls="money").exists()
    mails = models.Mail.objects.filter(subject__number=number)
    assert mails.count() == 2 and not mails.filter(sealed__isnull=False).exists()
    assert not models.Answer.objects.filter(answer__number=number).exclude(body_hash="").exists()
    assert list(retention.overdue_statements()) == [] and nothing_differs()


def test_what_reached_a_reservation_goes_with_it_class_by_class(book: clock.ManualClock) -> None:
    number = place()
    stated = state_it(number, "ada@example.org", "Ada as she typed it")
    assert found(stated).reached == number and found(stated).outcome == "carried-out"
    with pytest.raises(Refused, match="goes with it"):
        door.do_one(EraseStatement(**MAKER, statement=stated, classes=("identity",)))
    book.advance(timedelta(days=STATEMENT.days + 1))
    assert list(retention.overdue_statements()) == []
    door.do_one(Erase(**MAKER, number=number, cls="identity"))
    assert "Ada as she typed it" in str(found(stated).said.fields)
    work()
    assert found(stated).erased == ("identity",) and keys_left(stated) == {"contact", "text", "money"}
    assert "Ada as she typed it" not in str(found(stated).said.fields)
    door.do_one(Erase(**MAKER, number=number, cls="contact"))
    work()
    assert found(stated).erased == ("identity", "contact") and nothing_differs()
    assert person_is_unknown("ada@example.org")


def test_the_night_takes_what_was_still_open_when_its_reservation_was_erased(book: clock.ManualClock) -> None:
    number = place()
    cancel(number)
    stated = state_it(number, "ada@example.org")
    assert found(stated).outcome == "over"
    door.do_one(Erase(**MAKER, number=number, cls="identity"))
    work()
    assert found(stated).erased == ()
    see_to(stated)
    assert [each.classes for each in retention.overdue_statements()] == [("identity",)]
    retention.erase_statements(retention.overdue_statements())
    assert found(stated).erased == ("identity",) and nothing_differs()


def test_an_open_statement_is_needed_and_sums_are_no_class_of_it() -> None:
    number = state_it("a boat")
    with pytest.raises(Refused, match="see to this statement first"):
        door.do_one(EraseStatement(**MAKER, statement=number, classes=CLASSES))
    see_to(number)
    with pytest.raises(Exception, match="A class is one of"):
        door.do_one(EraseStatement(**MAKER, statement=number, classes=("money",)))
    with pytest.raises(Missing):
        door.do_one(EraseStatement(**MAKER, statement="7K3M-Q9TX-4", classes=CLASSES))


def test_the_command_line_erases_one_class_and_says_what_went(capsys: pytest.CaptureFixture[str]) -> None:
    number = state_it("a boat")
    assert run("erase", number, "--class", "contact") == 3
    see_to(number)
    capsys.readouterr()
    assert run("erase", number.lower(), "--class", "contact", "--dry-run", "--json") == 0
    planned = json.loads(capsys.readouterr().out)
    assert found(number).erased == () and not planned["done"]
    assert run("erase", number, "--class", "contact", "--json") == 0
    went = json.loads(capsys.readouterr().out)
    assert (
        went["erased"] == planned["erased"] == [{"act": 1, "type": "withdrawal.stated", "fields": ["email"]}]
    )
    assert went["receipt"] and "eve@example.org" not in whole_book()
    assert run("erase", number, "--class", "contact") == 0
    assert "was erased already" in capsys.readouterr().out
    assert types_of(number) == ["withdrawal.stated", *["withdrawal.answered"] * 2, "withdrawal.erased"]


def test_retention_says_what_would_go_and_does_it(
    book: clock.ManualClock, capsys: pytest.CaptureFixture[str]
) -> None:
    number = state_it("a boat")
    see_to(number)
    book.advance(timedelta(days=STATEMENT.days))
    for more, done in ((("--dry-run",), ()), ((), CLASSES)):
        assert run("retention", "--json", *more) == 0
        data = json.loads(capsys.readouterr().out)
        assert data["statements"] == [{"statement": number, "classes": list(CLASSES)}]
        assert found(number).erased == tuple(done)


def test_whoever_asks_what_is_held_is_given_their_statement_even_without_a_reservation() -> None:
    number = state_it("a boat, in spring", "Eve@Example.org")
    held = person.held("eve@example.org")
    assert held.statements == (number,) and held.numbers == ()
    said = json.loads(held.files[f"withdrawal-{number}/statement.json"])
    assert (said["name"], said["contract"], said["outcome"]) == (
        "Eve Martin",
        "a boat, in spring",
        "unmatched",
    )
    assert (
        b"Receipt of your withdrawal" in held.files[f"withdrawal-{number}/mails/001.eml"] and held.mails == 1
    )
    with pytest.raises(Missing):
        person.held("mallory@example.org")


def types_of(number: str) -> list[str]:
    return [act.type for act in models.Act.objects.filter(subject__number=number).order_by("seq")]


def person_is_unknown(email: str) -> bool:
    try:
        person.held(email)
    except Missing:
        return True
    return False
