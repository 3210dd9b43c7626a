"""A book whose log had several keys comes back from a mirror: each checkpoint under the key of its time."""

import hashlib
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from django.conf import settings
from django.db import transaction

from earnest.audit.kept import Anchors
from earnest.audit.mirror import Mirror
from earnest.book import clock, export, keys, log, mode, models, publish, recovery, rotation, sealing
from earnest.book.signed_then import Copies, Unusable
from earnest.record.canonical import strict_json
from earnest.record.checkpoint import cosign, open_checkpoint, read_seal, sign_checkpoint
from earnest.record.notes import COSIGNATURE, Signer, Verifier
from earnest.record.policy import Policy
from earnest.record.story import file_of
from earnest.record.verify import verify_story
from tests import scene
from tests.scene import pay, place

book = scene.book
pytestmark = pytest.mark.django_db
WITNESS = Signer("w.example", bytes([9] * 32), COSIGNATURE)


@dataclass
class Lost:
    """What was, before the database was exchanged for an old backup; `logs` are the keys by seal."""

    number: str
    stories: list[bytes]
    notes: list[str]
    logs: list[str]
    mirror: Path
    data: Path

    def file(self, vkey: str) -> Path:
        """Where a key is kept that another took over from."""
        return self.data / "keys" / f"log.{Verifier.parse(vkey).id.hex()}"

    def forget_what_was_published(self) -> None:
        """The newest checkpoint alone is left."""
        shutil.rmtree(self.data / "record" / "checkpoints")
        shutil.rmtree(self.data / "record" / "anchors")


def seal(book: clock.ManualClock) -> log.Point:
    before = log.latest()
    point = sealing.seal(sealing.acquire("tests", book.now()), book.now())
    line = cosign(point.body, WITNESS, int(book.now().timestamp()))
    point = sealing.cosigned(point, WITNESS.name, line, book.now())
    publish.publish(point, before.size if before else 0)
    return point


@pytest.fixture(params=["before the first seal", "after the first seal"])
def lost(request: pytest.FixtureRequest, book: clock.ManualClock, tmp_path: Path) -> Iterator[Lost]:
    """Two changes of keys, a seal under each key and one more, and all of it gone but what is not in the database."""
    before = settings.EARNEST
    settings.EARNEST = replace(before, data=tmp_path, witnesses=(), auditors=(), tsas=())
    keys.kept(tmp_path / "keys" / "log", keys.current().log_signer.seed)
    number = place()
    backup = transaction.savepoint()
    points, logs, stories = [seal(book)], [keys.current().log_signer.vkey], []
    if request.param == "after the first seal":
        backup = transaction.savepoint()
    stories.append(export.story(number))
    for money in (1, 2):
        book.advance(timedelta(days=1))
        rotation.rotate()
        pay(number, 250_000 * money)
        points.append(seal(book))
        logs.append(keys.current().log_signer.vkey)
        stories.append(export.story(number))
    mirror, newest = tmp_path / "mirror", points[-1]
    Mirror(mirror).append(log.leaves(0, newest.size))
    anchors = Anchors(mirror)
    for point in points[:-1]:
        anchors.append(point.note.encode())
    transaction.savepoint_rollback(backup)
    mode.forget()
    yield Lost(number, stories, [point.note for point in points], logs, mirror, tmp_path)
    settings.EARNEST = before


def check(lost: Lost, book: clock.ManualClock) -> None:
    """Every checkpoint has the signature that it had, and whoever knows an old key believes all that comes."""
    points = [log.points([no])[no] for no in range(3)]
    assert [point.signed for point in points] == [
        note[: note.index("\u2014 w.example")] for note in lost.notes
    ]
    for point, vkey in zip(points, lost.logs, strict=True):
        assert open_checkpoint(point.note, Verifier.parse(vkey)).size == point.size
    assert sealing.keys_register().key("log") == lost.logs[-1]
    recovery.recover(None, None, [_file(lost, lost.stories[-1])])
    assert recovery.incomplete() == []
    pay(lost.number, 1_000)
    assert seal(book).size > points[-1].size
    for vkey in lost.logs:
        policy = Policy.parse(f"log {vkey}\nquorum none\n")
        for story in (*lost.stories[lost.logs.index(vkey) :], export.story(lost.number)):
            report = verify_story(story, book.now(), policy=policy)
            assert report.ok and report.key_pinned, report.errors


def _file(lost: Lost, story: bytes) -> Path:
    file = lost.data / "story.json"
    file.write_bytes(story)
    return file


def test_what_was_published_is_taken_as_it_was_signed(lost: Lost, book: clock.ManualClock) -> None:
    there = len(models.LogSeal.objects.all())
    found = recovery.recover(lost.mirror, None, [])
    assert found.seals == 3 - there
    assert [log.points([no])[no].note for no in range(3)] == lost.notes
    check(lost, book)


def test_what_a_seal_names_is_in_the_mirror_as_it_was_signed(lost: Lost, book: clock.ManualClock) -> None:
    lost.forget_what_was_published()
    recovery.recover(lost.mirror, None, [])
    points = [log.points([no])[no] for no in range(3)]
    assert [point.note for point in points] == lost.notes
    for before, point in pairwise(points):
        named = hashlib.sha256(before.note.encode()).digest()
        assert point.anchor_cosignatures == 1 and read_seal(point.leaf).anchor == named
    check(lost, book)


def test_without_a_copy_the_key_of_that_time_signs_the_same_again(
    lost: Lost, book: clock.ManualClock
) -> None:
    lost.forget_what_was_published()
    (lost.mirror / "anchors").unlink()
    recovery.recover(lost.mirror, None, [])
    check(lost, book)


def test_with_the_newest_key_for_all_of_them_no_old_checkpoint_would_be_the_one_it_was(
    lost: Lost, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The guard taken out: whoever has the old key finds another log at its address, and an auditor false anchors."""
    lost.forget_what_was_published()
    (lost.mirror / "anchors").unlink()
    monkeypatch.setattr(recovery, "_keys_of_the_time", lambda logs, no, before: [lost.logs[-1]])
    recovery.recover(lost.mirror, None, [])
    signed = log.points([1])[1].signed
    assert signed and not lost.notes[1].startswith(signed)


def test_where_a_key_is_gone_its_signatures_are_taken_from_copies(
    lost: Lost, book: clock.ManualClock
) -> None:
    lost.file(lost.logs[0]).unlink()
    recovery.recover(lost.mirror, None, [_file(lost, lost.stories[-1])])
    check(lost, book)


def test_a_key_that_came_and_went_since_is_known_from_a_story(lost: Lost, book: clock.ManualClock) -> None:
    lost.file(lost.logs[1]).unlink()
    before = models.Act.objects.count()
    with pytest.raises(Unusable, match="what to is not known here"), transaction.atomic():
        recovery.recover(lost.mirror, None, [])
    assert models.Act.objects.count() == before
    recovery.recover(lost.mirror, None, [_file(lost, lost.stories[-1])])
    check(lost, book)


def test_a_story_has_the_checkpoint_that_a_seal_names_too(lost: Lost, book: clock.ManualClock) -> None:
    lost.file(lost.logs[1]).unlink()
    lost.forget_what_was_published()
    (lost.mirror / "anchors").unlink()
    recovery.recover(lost.mirror, None, [_file(lost, lost.stories[-1])])
    check(lost, book)


def test_with_neither_key_nor_copy_it_is_a_sentence_and_nothing_is_written(lost: Lost) -> None:
    lost.file(lost.logs[1]).unlink()
    lost.forget_what_was_published()
    (lost.mirror / "anchors").unlink()
    before = (models.Act.objects.count(), models.LogSeal.objects.count())
    story = strict_json(lost.stories[-1])
    for each in (story, *story["linked"]):
        del each["times"]
    with pytest.raises(Unusable, match=r"was signed by the key [0-9a-f]{8}, which is not kept here"):
        recovery.recover(lost.mirror, None, [_file(lost, file_of(story))])
    assert (models.Act.objects.count(), models.LogSeal.objects.count()) == before


def test_a_key_that_another_took_over_from_leads_no_log_on(
    lost: Lost, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A thief of the old key has a checkpoint of all of it; without the guard it would be taken."""
    old = Signer(mode.origin(), lost.file(lost.logs[0]).read_bytes())
    newest = open_checkpoint(lost.notes[-1], Verifier.parse(lost.logs[-1]))
    (lost.data / "forged").write_text(sign_checkpoint(old, newest))
    with pytest.raises(Unusable, match="another had taken over from"), transaction.atomic():
        lost.forget_what_was_published()
        recovery.recover(lost.mirror, lost.data / "forged", [])
    true_of = Copies.of
    monkeypatch.setattr(
        Copies, "of", lambda self, no, point, logs: true_of(self, no, point, list(self.keys.verifiers))
    )
    recovery.recover(lost.mirror, lost.data / "forged", [])


def test_copies_with_other_lines_than_the_seal_names_are_not_taken(
    lost: Lost, book: clock.ManualClock
) -> None:
    """A mirror is anybody's: its word for who signed is held against what our own seal named."""
    lost.forget_what_was_published()
    anchors = (lost.mirror / "anchors").read_bytes()
    (lost.mirror / "anchors").write_bytes(
        anchors.replace(b"\xe2\x80\x94 w.example", b"\xe2\x80\x94 x.example")
    )
    recovery.recover(lost.mirror, None, [])
    assert not models.Cosignature.objects.filter(name="x.example").exists()
    check(lost, book)
