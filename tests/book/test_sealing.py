"""The sealer: what it takes, that it never works twice at once, and that its stories verify."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext

from earnest.book import clock, crash, door, export, log, models, sealing, sql
from earnest.book.sealing import Held, LostLease
from earnest.core.commands.cancel import Cancel
from earnest.record import chain, merkle, submap
from earnest.record.verify import verify_story
from tests import scene
from tests.scene import HOLDER, offer, pay, place

book = scene.book

pytestmark = pytest.mark.django_db


def sealed(manual: clock.ManualClock, holder: str = "here") -> log.Point:
    return sealing.seal(sealing.acquire(holder, manual.now()), manual.now())


def test_everything_that_is_committed_is_in_the_log_once(book: clock.ManualClock) -> None:
    place()
    point = sealed(book)
    acts = models.Act.objects.count()
    assert point.size == acts + 1
    assert list(models.LogLeaf.objects.order_by("idx").values_list("idx", flat=True)) == list(range(acts + 1))
    assert sealing.waiting() == (0, None)
    place(name="Ben Ode")
    assert sealing.waiting()[0] > 0
    assert sealed(book).size == models.Act.objects.count() + 2


def test_the_tree_and_the_map_are_those_of_the_acts(book: clock.ManualClock) -> None:
    for n in range(3):
        place(name=f"Person{n} Ode")
        sealed(book)
    point = log.latest()
    assert point is not None
    leaves = [
        bytes(row.act.leaf) if row.act else bytes(row.seal.leaf)
        for row in models.LogLeaf.objects.order_by("idx").select_related("act", "seal")
    ]
    tree = merkle.Tree([chain.leaf_hash(leaf) for leaf in leaves])
    assert point.body.split("\n")[1] == str(len(leaves))
    tiles = log.Tiles()
    assert merkle.root(point.size, tiles.node) == tree.root()
    pairs = [(bytes(row.key), row.n, bytes(row.head)) for row in models.Subject.objects.all()]
    assert point.map_root == submap.root(pairs)


def test_a_story_verifies_before_between_and_after_seals(book: clock.ManualClock) -> None:
    number = place()
    report = verify_story(export.story(number), book.now())
    assert report.ok and (report.sealed, report.tail) == (0, report.acts), report.errors
    sealed(book)
    report = verify_story(export.story(number), book.now())
    assert report.ok and (report.sealed, report.tail) == (report.acts, 0), report.errors
    book.advance(timedelta(hours=1))
    pay(number)
    report = verify_story(export.story(number), book.now())
    assert report.ok and report.tail and report.sealed, report.errors
    assert report.receipts == 1
    sealed(book)
    report = verify_story(export.story(number), book.now())
    assert report.ok and not report.tail, report.errors
    assert [bounds.seq for bounds in report.bounds] == list(range(report.acts))
    assert {each for each, _ in report.linked} == {"offer/boat", "keys/book"}


@pytest.mark.parametrize(("seals", "step"), [(0, 0), (1, 0), (1, 1)])
def test_a_story_verifies_whenever_the_sealer_came_between_two_of_its_questions(
    book: clock.ManualClock, monkeypatch: pytest.MonkeyPatch, seals: int, step: int
) -> None:
    number, answers, asked = place(), sql.answers, 0
    for _ in range(seals):
        sealed(book)
        pay(number)

    def then_sealed(each: Sequence[sql.Asked]) -> list[sql.Rows]:
        nonlocal asked
        found, asked = answers(each), asked + 1
        if asked == step + 1:
            sealed(book)
        return found

    monkeypatch.setattr(sql, "answers", then_sealed)
    report = verify_story(export.story(number), book.now())
    monkeypatch.undo()
    assert asked > step and report.ok and report.acts, report.errors
    assert models.LogSeal.objects.count() == seals + 1


def test_asking_what_waits_waits_for_nobody_who_writes(book: clock.ManualClock) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("readers of PostgreSQL never wait for writers")
    with CaptureQueriesContext(connection) as asked:
        sealing.waiting()
    assert [each["sql"].split()[0] for each in asked] == ["SELECT"], "a transaction takes the lock of writers"


def test_two_sealers_never_work_at_once(book: clock.ManualClock) -> None:
    place()
    first = sealing.acquire("one", book.now())
    with pytest.raises(Held):
        sealing.acquire("two", book.now())
    book.advance(sealing.LEASE)
    second = sealing.acquire("two", book.now())
    with pytest.raises(LostLease):
        sealing.seal(first, book.now())
    assert models.LogSeal.objects.count() == 0
    sealing.seal(second, book.now())
    assert models.LogSeal.objects.count() == 1


def test_without_the_fence_the_log_itself_refuses_a_second_seal_of_the_same_acts(
    book: clock.ManualClock,
    monkeypatch: Any,
) -> None:
    """The second guard alone: places in the log are taken once."""
    place()
    first = sealing.acquire("one", book.now())
    monkeypatch.setattr(sealing, "fence", lambda lease, now: None)

    def another_first(name: str) -> None:
        crash.use(None)
        if name == "before-seal-commit":
            raise AssertionError("the slower one must not get so far")

    taken = sealing._take()
    sealing.seal(first, book.now())
    monkeypatch.setattr(sealing, "_take", lambda: taken)
    monkeypatch.setattr(log, "latest", lambda: None)
    crash.use(another_first)
    with pytest.raises((LostLease, IntegrityError)):
        sealing.seal(first, book.now())
    crash.use(None)
    assert models.LogSeal.objects.count() == 1


def test_a_crash_before_the_commit_leaves_nothing_and_the_next_seal_takes_all(
    book: clock.ManualClock,
) -> None:
    number = place()

    def dies(name: str) -> None:
        if name == "before-seal-commit":
            raise crash.Crash(name)

    crash.use(dies)
    with pytest.raises(crash.Crash):
        sealed(book)
    crash.use(None)
    assert models.LogSeal.objects.count() == models.LogLeaf.objects.count() == 0
    assert sealed(book).size == models.Act.objects.count() + 1
    assert verify_story(export.story(number), book.now()).sealed


def test_many_subjects_in_one_seal_have_their_proofs(book: clock.ManualClock) -> None:
    offer("many", capacity=400)
    numbers = [place(slug="many", name=f"P{n} Q") for n in range(300)]
    sealed(book)
    door.do_one(Cancel(**HOLDER, number=numbers[7]))
    sealed(book)
    for number in [*numbers[::37], numbers[7]]:
        report = verify_story(export.story(number), book.now())
        assert report.ok and report.sealed == report.acts, report.errors
