"""A backup does not bring back what was erased after it: not by itself, and not with the help of an older story."""

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import transaction

from earnest.audit.mirror import Mirror
from earnest.book import (
    chapters,
    clock,
    door,
    export,
    forgetting,
    keys,
    log,
    mode,
    models,
    publish,
    reads,
    rebuild,
    recovery,
    sealing,
)
from earnest.core.commands.base import Ref
from earnest.core.commands.erase import Erase
from earnest.record.verify import verify_story
from tests import scene
from tests.scene import MAKER, account, cancel, place, work

book = scene.book
pytestmark = pytest.mark.django_db
GONE = ("bank", "contact")


@pytest.fixture
def data(book: clock.ManualClock, tmp_path: Path) -> Iterator[Path]:
    """A data folder of its own."""
    before = settings.EARNEST
    settings.EARNEST = replace(before, data=tmp_path, witnesses=(), auditors=(), tsas=())
    keys.kept(tmp_path / "keys" / "log", keys.current().log_signer.seed)
    yield tmp_path
    settings.EARNEST = before


def seal(book: clock.ManualClock) -> None:
    before = log.latest()
    point = sealing.seal(sealing.acquire("tests", book.now()), book.now())
    publish.publish(point, before.size if before else 0)


def ended(name: str) -> str:
    number = place(name=name)
    account(number, name)
    cancel(number)
    work()
    return number


def erase(number: str) -> None:
    for cls in GONE:
        door.do_one(Erase(**MAKER, number=number, cls=cls))


def mirrored(data: Path) -> Path:
    """What an auditor has of the log."""
    point = log.latest()
    assert point is not None
    Mirror(data / "mirror").append(log.leaves(0, point.size))
    return data / "mirror"


def subject(number: str) -> bytes:
    return chapters.key_of(mode.origin(), Ref("reservation", number))


def left(number: str) -> list[str]:
    """The classes of which a value is still there."""
    opened = models.ActOpen.objects.filter(act__subject=subject(number), cls__in=GONE)
    return sorted(set(opened.values_list("cls", flat=True)))


def locked(number: str) -> list[str]:
    """The classes of which a key is still there."""
    row = models.SubjectKey.objects.filter(subject=subject(number)).values(*GONE).get()
    return sorted(cls for cls, wrapped in row.items() if wrapped is not None)


@pytest.fixture
def restored(data: Path, book: clock.ManualClock) -> Iterator[tuple[str, str, dict[str, bytes]]]:
    """Erased after the backup: a reservation that is in it, and one that is younger; stories from before and after."""
    old = ended("Ada Moreau")
    seal(book)
    backup = transaction.savepoint()
    book.advance(timedelta(days=1))
    young = ended("Ben Ode")
    seal(book)
    stories = {"before": export.story(young)}
    erase(old)
    erase(young)
    seal(book)
    stories |= {"after": export.story(young), "old": export.story(old)}
    mirrored(data)
    transaction.savepoint_rollback(backup)
    mode.forget()
    assert left(old) == ["bank", "contact"]
    yield old, young, stories


def recover(data: Path, *stories: bytes) -> recovery.Recovered:
    return recovery.recover(data / "mirror", None, [told(data, story) for story in stories])


def told(data: Path, story: bytes) -> Path:
    """A story as somebody brings it."""
    file = data / f"{hashlib.sha256(story).hexdigest()[:8]}.json"
    file.write_bytes(story)
    return file


def test_what_was_erased_after_the_backup_is_erased_again_from_the_mirror_alone(
    restored: tuple[str, str, dict[str, bytes]], data: Path, book: clock.ManualClock
) -> None:
    old, _, stories = restored
    found = recover(data)
    assert left(old) == locked(old) == []
    # Who erased it, and through which door, a story must say: until then the reservation is closed.
    assert old in found.incomplete
    assert verify_story(export.story(old), book.now()).ok
    recovery.recover(None, None, [told(data, stories["old"])])
    assert left(old) == [] and set(GONE) <= set(reads.reservation(old).erased)
    assert reads.by_email("ada@example.org") == []
    assert [each for each in rebuild.differences() if each.number == old] == []


def test_without_that_the_key_would_be_there_again_and_the_book_says_so(
    restored: tuple[str, str, dict[str, bytes]], data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, _, _ = restored
    monkeypatch.setattr(forgetting, "again", lambda: 0)
    recover(data)
    assert left(old) == locked(old) == ["bank", "contact"]
    assert any(each.number == old for each in rebuild.differences())


@pytest.mark.parametrize(
    "given", [("before",), ("after",), ("before", "after"), ("after", "before")], ids="-".join
)
def test_no_story_brings_back_what_was_erased(
    restored: tuple[str, str, dict[str, bytes]], data: Path, given: tuple[str, ...]
) -> None:
    """Of the reservation that is younger than the backup the mirror has leaves alone; a story may be old."""
    _, young, stories = restored
    found = recover(data, *(stories[name] for name in (*given, "old")))
    assert left(young) == []
    if "after" in given:
        assert found.incomplete == locked(young) == [] and {"contact", "bank"} <= set(
            reads.reservation(young).erased
        )
        assert list(rebuild.differences()) == []
    else:
        assert young in found.incomplete


def test_without_that_an_older_story_would_bring_it_back(
    restored: tuple[str, str, dict[str, bytes]], data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, young, stories = restored
    monkeypatch.setattr(forgetting, "unknown", lambda key: False)
    recover(data, stories["before"])
    assert left(young) == ["bank", "contact"]
