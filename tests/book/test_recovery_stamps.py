"""A book that comes back from a mirror has its time stamps again, as far as anybody still has them."""

import hashlib
import shutil
from base64 import b64encode
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
from earnest.book import clock, export, keys, log, mode, models, publish, recovery, sealing
from earnest.config import Tsa
from earnest.record.canonical import strict_json
from earnest.record.checkpoint import cosign, read_seal
from earnest.record.notes import COSIGNATURE, Signer
from earnest.record.policy import Policy
from earnest.record.story import file_of
from earnest.record.verify import verify_story
from earnest.testing import tsa
from earnest.testing.tsa import Authority
from tests import scene
from tests.scene import pay, place

book = scene.book
pytestmark = pytest.mark.django_db
WITNESS = Signer("w.example", bytes([9] * 32), COSIGNATURE)
FAIR = Authority.made("ecdsa")
PIN = tsa.pin(FAIR.root)


@dataclass
class Lost:
    """What was, before the database was exchanged for an old backup."""

    number: str
    story: bytes
    points: list[log.Point]
    data: Path

    @property
    def mirror(self) -> Path:
        """An auditor's folder."""
        return self.data / "mirror"

    def told(self, story: bytes) -> list[Path]:
        """A story that somebody has kept."""
        (self.data / "story.json").write_bytes(story)
        return [self.data / "story.json"]

    def forget(self, *what: str) -> None:
        """Files that are gone as well."""
        for each in what:
            path = self.data / each
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def seal(book: clock.ManualClock) -> log.Point:
    before = log.latest()
    point = sealing.seal(sealing.acquire("tests", book.now()), book.now())
    publish.publish(point, before.size if before else 0)
    return point


def signed(point: log.Point, book: clock.ManualClock) -> log.Point:
    """A witness and an authority sign it, and it is published again."""
    line = cosign(point.body, WITNESS, int(book.now().timestamp()))
    point = sealing.cosigned(point, WITNESS.name, line, book.now())
    token = FAIR.stamp(point.body.encode(), book.now())
    point = sealing.stamped(point, "fair", token, book.now())
    publish.publish(point, point.size)
    return point


@pytest.fixture(params=["before the first seal", "between the first seal and its stamp"])
def lost(request: pytest.FixtureRequest, book: clock.ManualClock, tmp_path: Path) -> Iterator[Lost]:
    """Three seals, each stamped, and all of it gone but what is not in the database."""
    before = settings.EARNEST
    authority = Tsa("fair", "http://127.0.0.1:9/", PIN)
    settings.EARNEST = replace(before, data=tmp_path, witnesses=(), auditors=(), tsas=(authority,))
    keys.kept(tmp_path / "keys" / "log", keys.current().log_signer.seed)
    number = place()
    backup = transaction.savepoint()
    points = [seal(book)]
    if request.param == "between the first seal and its stamp":
        backup = transaction.savepoint()
    points = [signed(points[0], book)]
    for minor in (250_000, 100_000):
        book.advance(timedelta(days=1))
        pay(number, minor)
        points.append(signed(seal(book), book))
    story = export.story(number)
    mirror = tmp_path / "mirror"
    Mirror(mirror).append(log.leaves(0, points[-1].size))
    anchors = Anchors(mirror)
    for point in points[:-1]:
        anchors.append(point.note.encode() + b"".join(point.stamps))
    transaction.savepoint_rollback(backup)
    mode.forget()
    yield Lost(number, story, points, tmp_path)
    settings.EARNEST = before


def stamps() -> list[tuple[bytes, ...]]:
    return [log.points([no])[no].stamps for no in range(3)]


def check_named(lost: Lost) -> None:
    """Every seal names what is there, and that is what is published."""
    points = [log.points([no])[no] for no in range(3)]
    for before, point in pairwise(points):
        named = before.note.encode() + b"".join(before.stamps)
        assert hashlib.sha256(named).digest() == read_seal(point.leaf).anchor
        assert (lost.data / "record" / "anchors" / str(point.no)).read_bytes() == named


def bounds(lost: Lost, book: clock.ManualClock) -> list[tuple[str, str]]:
    """Between which days each payment was sealed, and by whose word, for whoever believes the authority alone."""
    vkey = keys.current().log_signer.vkey
    policy = Policy.parse(f"log {vkey}\nquorum none\n# earnest tsa fair {PIN}\n")
    report = verify_story(export.story(lost.number), book.now(), policy=policy)
    assert report.ok, report.errors
    return sorted({(each.not_before[:10], each.by) for each in report.bounds})


def without_times(story: bytes) -> bytes:
    """Values, and nothing of checkpoints but the newest."""
    file = strict_json(story)
    for each in (file, *file["linked"]):
        del each["times"]
    return file_of(file)


@pytest.mark.parametrize(
    "gone", [("record/anchors", "record/checkpoints"), ("mirror/anchors",)], ids=["mirror", "published"]
)
def test_what_seals_name_comes_back(lost: Lost, gone: tuple[str, ...], book: clock.ManualClock) -> None:
    """From the mirror, or from our own files; the newest checkpoint's stamp is in neither."""
    lost.forget(*gone)
    found = recovery.recover(lost.mirror, None, [])
    assert (found.stamps, found.unnamed) == (2, 0)
    assert stamps() == [lost.points[0].stamps, lost.points[1].stamps, ()]
    check_named(lost)
    recovery.recover(None, None, lost.told(without_times(lost.story)))
    assert bounds(lost, book) == [("", "fair"), ("2026-03-02", "fair"), ("2026-03-03", "")]


def test_a_story_has_them_all(lost: Lost, book: clock.ManualClock) -> None:
    lost.forget("record/anchors", "mirror/anchors", "record/checkpoints")
    found = recovery.recover(lost.mirror, None, lost.told(lost.story))
    assert (found.stamps, found.unnamed) == (3, 0)
    assert stamps() == [point.stamps for point in lost.points]
    check_named(lost)
    assert bounds(lost, book) == [("", "fair"), ("2026-03-02", "fair"), ("2026-03-03", "fair")]


def test_a_story_that_comes_later_brings_the_newest_one(lost: Lost) -> None:
    recovery.recover(lost.mirror, None, [])
    found = recovery.recover(None, None, lost.told(lost.story))
    assert (found.stamps, found.unnamed) == (1, 0)
    assert stamps() == [point.stamps for point in lost.points]
    assert recovery.recover(None, None, lost.told(lost.story)).stamps == 0


def test_where_nobody_has_them_it_is_counted_and_nothing_false_is_published(
    lost: Lost, book: clock.ManualClock
) -> None:
    """The stories verify, and say no more when their acts cannot have been sealed before."""
    lost.forget("record/anchors", "mirror/anchors")
    there = models.LogSeal.objects.count()
    found = recovery.recover(lost.mirror, None, lost.told(without_times(lost.story)))
    assert (found.seals, found.stamps, found.unnamed) == (3 - there, 0, 2)
    assert stamps() == [(), (), ()] and not (lost.data / "record" / "anchors").exists()
    assert bounds(lost, book) == [("", "")]


def test_a_stamp_of_a_stranger_is_not_taken_from_a_story(lost: Lost) -> None:
    """It holds, for the very checkpoint: but no seal names it, and anybody can make such an authority."""
    lost.forget("record/anchors", "mirror/anchors")
    file = strict_json(lost.story)
    stranger = Authority.made("rsa").stamp(lost.points[-1].body.encode())
    file["times"][-1]["stamps"] = [b64encode(stranger).decode()]
    found = recovery.recover(lost.mirror, None, lost.told(file_of(file)))
    assert (found.stamps, found.unnamed) == (2, 0)
    assert stamps()[-1] == ()


def test_what_a_seal_names_is_kept_though_the_settings_know_its_authority_no_more(lost: Lost) -> None:
    settings.EARNEST = replace(settings.EARNEST, tsas=())
    assert recovery.recover(lost.mirror, None, []).unnamed == 0
    check_named(lost)
    assert {name.split()[0] for name in models.Stamp.objects.values_list("name", flat=True)} == {"unset"}


@pytest.mark.parametrize("beside", [False, True], ids=["instead", "beside"])
def test_a_mirror_with_other_stamps_brings_none(lost: Lost, beside: bool) -> None:
    """They hold, for the very checkpoint; but the seal behind it names others."""
    lost.forget("record/anchors", "mirror/anchors")
    first, second = lost.points[:-1]
    stranger = Authority.made("rsa").stamp(first.body.encode())
    anchors = Anchors(lost.mirror)
    anchors.append(first.note.encode() + b"".join(first.stamps if beside else ()) + stranger)
    anchors.append(second.note.encode() + b"".join(second.stamps))
    found = recovery.recover(lost.mirror, None, [])
    assert (found.stamps, found.unnamed) == (1, 1)
    assert stamps() == [(), second.stamps, ()]
