"""A new key, another maker, and a book that was restored from an old backup."""

import hashlib
import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection, connections

from earnest.audit.mirror import Mirror
from earnest.book import (
    clock,
    door,
    duties,
    export,
    keys,
    log,
    mode,
    models,
    publish,
    reads,
    rebuild,
    recovery,
    rotation,
    sealing,
)
from earnest.core.commands.cancel import Cancel
from earnest.core.refusals import Refused
from earnest.record.canonical import canonical
from earnest.record.checkpoint import Checkpoint, sign_checkpoint
from earnest.record.notes import Signer, Verifier, open_note
from earnest.record.verify import verify_story
from tests import scene
from tests.scene import HOLDER, cancel, pay, place

book = scene.book
pytestmark = pytest.mark.django_db


@pytest.fixture
def data(book: clock.ManualClock, tmp_path: Path) -> Iterator[Path]:
    """A data folder of its own."""
    before = settings.EARNEST
    settings.EARNEST = replace(before, data=tmp_path, witnesses=(), auditors=(), tsas=())
    keys.kept(tmp_path / "keys" / "log", keys.current().log_signer.seed)
    yield tmp_path
    settings.EARNEST = before


def seal(book: clock.ManualClock) -> log.Point:
    before = log.latest()
    point = sealing.seal(sealing.acquire("tests", book.now()), book.now())
    publish.publish(point, before.size if before else 0)
    return point


# --- keys


def test_a_new_key_is_signed_by_the_old_one_and_both_open_the_story(
    data: Path, book: clock.ManualClock
) -> None:
    number = place()
    seal(book)
    book.advance(timedelta(days=1))
    old, new = rotation.rotate()
    assert old != new and keys.current().log_signer.vkey == new
    pay(number)
    seal(book)
    story = export.story(number)
    for key in (old, new):
        report = verify_story(story, book.now(), key)
        assert report.ok and report.key_pinned and report.sealed == report.acts, report.errors
    assert any("changed on" in each for each in verify_story(story, book.now(), old).warnings)
    stranger = keys.from_seed("tests.example", "stranger").log_signer.vkey
    assert not verify_story(story, book.now(), stranger).ok
    assert (data / "keys" / f"log.{Verifier.parse(old).id.hex()}").exists()


def test_a_rotation_that_was_interrupted_is_gone_on_with(
    data: Path, book: clock.ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    place()
    seal(book)

    def dies(old: object, new: object) -> None:
        raise RuntimeError("power cut")

    monkeypatch.setattr(rotation, "_take_over", dies)
    with pytest.raises(RuntimeError, match="power"):
        rotation.rotate()
    monkeypatch.undo()
    before = models.Act.objects.count()
    old, new = rotation.rotate()
    assert old != new and models.Act.objects.count() == before
    assert sealing.keys_register().key("log") == new
    seal(book)


def test_with_the_old_key_nobody_seals_any_more(data: Path, book: clock.ManualClock) -> None:
    place()
    seal(book)
    current = keys.current()
    old = current.log_signer
    rotation.rotate()
    keys.use(keys.Keys(current.origin, current.kek, current.receipt_seed, lambda: old.seed))
    shutil.copy(data / "keys" / f"log.{old.verifier.id.hex()}", data / "keys" / "log")
    with pytest.raises(sealing.WrongKey):
        sealing.seal(sealing.acquire("tests", book.now()), book.now())


# --- another maker


@pytest.mark.parametrize("kind", ["renamed", "taken-over"])
def test_another_maker_signs_with_the_old_one_and_every_holder_is_told(
    kind: str, data: Path, book: clock.ManualClock
) -> None:
    waiting, owed, gone = (place(name=name) for name in ("Ada A", "Ben B", "Cleo C"))
    pay(waiting)
    pay(owed)
    cancel(owed)
    cancel(gone)
    scene.work()
    seal(book)
    old = keys.current().log_signer
    note = rotation.succeed("Boatyard & Daughters SAS", kind)
    new = keys.current().log_signer
    assert f"\nBoatyard\nBoatyard & Daughters SAS\n{kind}\n" in open_note(note, [old.verifier, new.verifier])
    duties.run_due(book.now(), "tests")
    scene.work()
    for number, told in ((waiting, True), (owed, True), (gone, False)):
        kinds = scene.types(number)
        assert ("maker.succeeded" in kinds) is told, number
    templates = models.Mail.objects.filter(template="succeeded").values_list("subject__number", flat=True)
    assert set(templates) == {waiting, owed}
    assert reads.reservation(owed).owed_back() == {"EUR": 500_000}
    assert mode.data()["maker"] == "Boatyard & Daughters SAS"
    seal(book)
    report = verify_story(export.story(waiting), book.now(), old.vkey)
    assert report.ok and not any("cites" in each for each in report.warnings), report.warnings
    assert list(rebuild.differences()) == []


# --- an old backup


class Restored:
    """The book as it was at a savepoint, while the mirror and the published files went on."""

    def __init__(self, data: Path) -> None:
        self.mirror = data / "mirror"

    def keep(self) -> None:
        point = log.latest()
        assert point is not None
        mirror = Mirror(self.mirror)
        done = len(list(mirror.leaves()))
        mirror.append(log.leaves(done, point.size))


@pytest.fixture
def lost(data: Path, book: clock.ManualClock) -> Iterator[tuple[str, str, bytes, bytes]]:
    """A reservation that went on and another that was made after the backup; their stories, and the mirror."""
    from django.db import transaction

    old = place()
    pay(old)
    seal(book)
    point = transaction.savepoint()
    book.advance(timedelta(days=1))
    cancel(old)
    new = place(name="Ben Ode")
    pay(new)
    seal(book)
    stories = (export.story(old), export.story(new))
    Restored(data).keep()
    transaction.savepoint_rollback(point)
    mode.forget()
    yield old, new, *stories


def test_lost_acts_come_back_from_a_mirror_and_their_values_from_stories(
    lost: tuple[str, str, bytes, bytes], data: Path, book: clock.ManualClock
) -> None:
    old, new, *stories = lost
    wanted = publish.published_size()
    found = recovery.recover(data / "mirror", None, [])
    assert found.seals == 1 and found.acts > 4 and old in found.incomplete
    point = log.latest()
    assert point is not None and point.size == wanted
    assert (data / "record" / "checkpoint").read_text() == point.note
    with pytest.raises(Refused, match="came back without"):
        door.do_one(Cancel(**HOLDER, number=old))
    assert all(verify_story(story, book.now()).ok for story in stories)

    files = [data / "old.json", data / "new.json"]
    for file, story in zip(files, stories, strict=True):
        file.write_bytes(story)
    found = recovery.recover(None, None, files)
    assert found.incomplete == [] and found.values > 20
    assert reads.reservation(old).status == "cancelled" and reads.reservation(new).paid_minor() == 500_000
    for number, story in ((old, stories[0]), (new, stories[1])):
        again = export.story(number)
        report = verify_story(again, book.now())
        assert report.ok and report.sealed == verify_story(story, book.now()).sealed, report.errors
    assert list(rebuild.differences()) == []
    place(name="Cleo Ode")
    assert seal(book).size > wanted


def test_a_mirror_of_another_log_is_refused(
    lost: tuple[str, str, bytes, bytes], data: Path, book: clock.ManualClock
) -> None:
    place(name="Somebody Else")
    seal(book)
    with pytest.raises(recovery.Unusable):
        recovery.recover(data / "mirror", None, [])


def test_a_mirror_whose_beginning_is_another_log_is_refused(
    lost: tuple[str, str, bytes, bytes], data: Path, book: clock.ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of one length with ours and signed by our key: what our own sealer wrote is not what stands there."""
    point = log.latest()
    assert point is not None
    ours = log.leaves(0, point.size)
    theirs = [*ours[:-1], ours[-1].replace(b"2026-03-02", b"2026-03-01")]
    seals = models.LogSeal.objects.count()
    monkeypatch.setattr(log, "leaves", lambda start, end: theirs[start:end])
    with pytest.raises(recovery.Unusable, match="these are two logs"):
        recovery.recover(data / "mirror", None, [])
    assert models.LogSeal.objects.count() == seals


def test_a_mirror_of_another_history_is_refused(lost: tuple[str, str, bytes, bytes], data: Path) -> None:
    """It replays, and is of the size that was signed, but our key signed another root."""
    before = models.Act.objects.count()
    root = (data / "record" / "checkpoint").read_text().split("\n")[2]
    size = publish.published_size()
    other = Checkpoint(mode.origin(), size, hashlib.sha256(root.encode()).digest())
    (data / "other").write_text(sign_checkpoint(keys.current().log_signer, other))
    with pytest.raises(recovery.Unusable, match="does not hold"):
        recovery.recover(data / "mirror", data / "other", [])
    assert models.Act.objects.count() == before


def test_an_act_that_was_written_anew_since_the_backup_is_refused(
    lost: tuple[str, str, bytes, bytes], data: Path, book: clock.ManualClock
) -> None:
    """Nothing of it is sealed yet; still somebody has a receipt for it, and it is not written over."""
    old, _, *_ = lost
    pay(old, 1_000)
    head = bytes(models.Subject.objects.values_list("head", flat=True).get(number=old))
    with pytest.raises(recovery.Unusable, match="was written anew after the backup"):
        recovery.recover(data / "mirror", None, [])
    assert bytes(models.Subject.objects.values_list("head", flat=True).get(number=old)) == head


def test_a_mirror_that_was_edited_is_refused_and_nothing_is_written(
    lost: tuple[str, str, bytes, bytes], data: Path
) -> None:
    leaves = (data / "mirror" / "leaves").read_bytes()
    (data / "mirror" / "leaves").write_bytes(leaves.replace(b'"by":"customer"', b'"by":"provider"', 1))
    before = models.Act.objects.count()
    with pytest.raises(recovery.Unusable, match="does not hold"):
        recovery.recover(data / "mirror", None, [])
    assert models.Act.objects.count() == before


@pytest.mark.parametrize("written", [b"\xff\xfe", b"not a checkpoint\n"])
def test_what_is_no_checkpoint_is_refused_in_a_sentence(
    lost: tuple[str, str, bytes, bytes], data: Path, written: bytes
) -> None:
    (data / "other").write_bytes(written)
    before = models.Act.objects.count()
    with pytest.raises(recovery.Unusable, match="checkpoint"):
        recovery.recover(data / "mirror", data / "other", [])
    assert models.Act.objects.count() == before


def test_a_story_that_does_not_hold_brings_nothing(lost: tuple[str, str, bytes, bytes], data: Path) -> None:
    (data / "cut.json").write_bytes(lost[2].replace(b'"acts":[', b'"acts":[ ', 1))
    with pytest.raises(recovery.Unusable, match="does not hold"):
        recovery.recover(data / "mirror", None, [data / "cut.json"])
    assert log.latest() is not None and connections[connection.alias].in_atomic_block


def test_a_story_under_another_key_brings_nothing(
    lost: tuple[str, str, bytes, bytes], data: Path, book: clock.ManualClock
) -> None:
    """Somebody signs a checkpoint with a key of his own: it is a story, and not one of this book."""
    file = json.loads(lost[2])
    thief = Signer(mode.origin(), bytes(32))
    body = file["proof"].partition("\n\n")[2].rpartition("\n\n")[0] + "\n"
    file["proof"] = file["proof"].partition("\n\n")[0] + "\n\n" + thief.sign(body)
    for each in (file, *file["linked"]):
        each.pop("times", None)
        each["keys"][0] = thief.vkey
        each["proof"] = each["proof"].partition("\n\n")[0] + "\n\n" + thief.sign(body)
    forged = canonical(file) + b"\n"
    (data / "forged.json").write_bytes(forged)
    assert verify_story(forged, book.now()).ok
    with pytest.raises(recovery.Unusable, match="another key"):
        recovery.recover(data / "mirror", None, [data / "forged.json"])
