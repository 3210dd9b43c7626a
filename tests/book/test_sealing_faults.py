"""What befalls a sealer: clocks that go back, crashes, very many subjects; and what the database keeps of the log."""

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import transaction

from earnest.book import chapters, clock, crash, door, export, keys, log, mode, models, reads, sealing, sql
from earnest.book.pages import BITS, CELLS, LEVELS, Pages, _write_page
from earnest.config import ROOT
from earnest.core.commands.base import Ref
from earnest.core.commands.receive_deposit import Paid, ReceiveDeposit
from earnest.record import chain, checkpoint, merkle, submap
from earnest.record.replay import DoesNotHold, Replay
from earnest.record.verify import verify_story
from tests import scene
from tests.book import told_bytes
from tests.scene import pay, place

book = scene.book
pytestmark = pytest.mark.django_db


def sealed(manual: clock.ManualClock) -> log.Point:
    return sealing.seal(sealing.acquire("here", manual.now()), manual.now())


def replayed() -> Replay:
    """What an auditor makes of the whole log. Raises DoesNotHold."""
    points = log.points(range(models.LogSeal.objects.count()))
    names = {no: checkpoint.anchor_of(points[no - 1].note, points[no - 1].stamps) for no in points if no}
    replay = Replay(lambda no: names.get(no, checkpoint.NO_ANCHOR))
    for no, point in sorted(points.items()):
        replay.feed(log.leaves(replay.tree.size, point.size))
        replay.check_root(point.size, checkpoint.parse_checkpoint(point.body).root)
        assert replay.seals == no + 1
    return replay


@pytest.fixture(autouse=True)
def no_crash() -> Iterator[None]:
    """Nothing dies after the test."""
    yield
    crash.use(None)


def dies_at(wanted: str) -> None:
    def dies(name: str) -> None:
        if name == wanted:
            raise crash.Crash(name)

    crash.use(dies)


# --- clocks


def test_a_clock_that_was_set_back_dates_no_seal_before_the_one_before_it(book: clock.ManualClock) -> None:
    number = place()
    first = sealed(book)
    book.set(book.now() - timedelta(hours=3))
    pay(number)
    second = sealed(book)
    assert second.at == first.at and second.size > first.size
    assert replayed().seals == 2
    report = verify_story(export.story(number), book.now() + timedelta(hours=3))
    assert report.ok and any("is dated before the one it follows" in each for each in report.warnings)
    book.advance(timedelta(hours=6))
    place(name="Ben Ode")
    assert sealed(book).at == book.now()


def test_without_that_an_auditor_would_find_it_for_ever(
    book: clock.ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    place()
    sealed(book)
    book.set(book.now() - timedelta(hours=3))
    place(name="Ben Ode")
    monkeypatch.setattr(sealing, "max", lambda now, before: now, raising=False)
    sealed(book)
    with pytest.raises(DoesNotHold, match="seal-time"):
        replayed()


# --- crashes


@pytest.mark.parametrize("where", ["before-seal-commit", "after-seal"])
def test_what_was_receipted_before_a_crash_is_in_the_next_seal(book: clock.ManualClock, where: str) -> None:
    """Receipts are given at once, and kept whatever becomes of the sealer."""
    number = place()
    paid = Paid("card", 500_000, "EUR", "pi_1", book.now())
    done = door.do_one(ReceiveDeposit(by="provider", via="stripe", number=number, paid=paid))
    assert isinstance(done, door.Done)
    dies_at(where)
    with pytest.raises(crash.Crash):
        sealed(book)
    crash.use(None)
    waits = verify_story(export.story(number), book.now(), receipts=[done.receipt])
    assert waits.ok and waits.acts > done.seq and bool(waits.tail) == (where == "before-seal-commit")
    sealed(book)
    report = verify_story(export.story(number), book.now(), receipts=[done.receipt])
    assert report.ok and report.sealed == report.acts and report.receipts == 1
    assert replayed().acts == models.Act.objects.count()


def test_a_receipt_that_was_lost_in_a_crash_is_derived_again(book: clock.ManualClock) -> None:
    number = place()
    dies_at("after-commit")
    with pytest.raises(crash.Crash):
        pay(number)
    crash.use(None)
    receipt = reads.receipt("reservation", number)
    assert receipt == reads.receipt("reservation", number)
    assert verify_story(export.story(number), book.now(), receipts=[receipt]).ok


# --- very many


def bare_subjects(count: int) -> list[Ref]:
    """Subjects with one act each, written past the door: it is the sealer that is looked at."""
    made, acts = [], []
    at, by = scene.START, keys.current().receipt_signer.vkey
    for n in range(count):
        ref = Ref("reservation", f"BARE-{n}")
        key = chapters.key_of(mode.origin(), ref)
        leaf = chain.leaf_bytes(
            chain.Leaf(key, 0, chain.genesis(key), "mail.received", 1, "customer", "2026-03-02T09:00:00Z", {})
        )
        hashed = chain.leaf_hash(leaf)
        head = chain.next_head(chain.genesis(key), hashed)
        made.append((key, "reservation", ref.number, 1, head, 0))
        acts.append((key, 0, leaf, hashed, head, "mail.received", at, by))
    sql.insert("subject", ("key", "kind", "number", "n", "head", "sealed_n"), made)
    sql.insert("act", ("subject_id", "seq", "leaf", "leaf_hash", "head", "type", "at", "receipt_key"), acts)
    return [Ref("reservation", f"BARE-{n}") for n in range(count)]


def test_ten_thousand_subjects_changed_in_one_seal(book: clock.ManualClock) -> None:
    """The map, the tree and the proofs of any of them are what the slow and obvious way gives."""
    refs = bare_subjects(10_000)
    point = sealed(book)
    assert point.size > 10_000 and sealing.waiting() == (0, None)
    replay = replayed()
    assert len(replay.subjects) == models.Subject.objects.count() > 10_000
    assert replay.map.root() == point.map_root
    pages = Pages()
    for ref in refs[::1999]:
        key = chapters.key_of(mode.origin(), ref)
        count, head = replay.subjects[key]
        assert submap.fold_proof(key, count, head, pages.path(key)) == point.map_root
    check_kept()


def check_kept() -> None:
    """Tiles and pages of the map, byte for byte, are those that the acts alone give, all at once."""
    point = log.latest()
    assert point is not None
    tiles = log.Tiles()
    tiles._read = NoneYet()
    leaves = log.leaves(0, point.size)
    changed = log.appended(tiles, 0, [merkle.leaf_hash(leaf) for leaf in leaves])
    kept = {(level, i): bytes(data) for level, i, data in sql.rows("SELECT level, i, data FROM log_tile")}
    assert {place: tiles.tile(*place) for place in changed} == kept
    assert merkle.root(point.size, tiles.node) == checkpoint.parse_checkpoint(point.body).root
    subjects = replayed().subjects
    places = sorted((key, submap.map_leaf(key, *at)) for key, at in subjects.items())
    written = {}
    for level in range(LEVELS):
        cells = under(places, BITS * (level + 1))
        for i in under(places, BITS * level):
            page = [cells.get(i * CELLS + place, submap.NOTHING) for place in range(CELLS)]
            written[level, i] = _write_page(page)
    rows = {(level, i): bytes(data) for level, i, data in sql.rows("SELECT level, i, data FROM map_page")}
    assert written == rows
    assert under(places, 0)[0].hash == point.map_root


def under(places: list[tuple[bytes, bytes]], depth: int) -> dict[int, submap.Cell]:
    """The subtrees at a depth, by the bits before it; those with nobody in them are left out."""
    grouped: dict[int, list[tuple[bytes, bytes]]] = {}
    for key, hashed in places:
        grouped.setdefault(int.from_bytes(key, "big") >> 256 - depth, []).append((key, hashed))
    return {number: submap.subtree(found, depth) for number, found in grouped.items()}


class NoneYet(dict[tuple[int, int], bytes]):
    """Tiles of a log that has none yet."""

    def __contains__(self, place: object) -> bool:
        return True

    def __missing__(self, place: tuple[int, int]) -> bytes:
        return b""


def test_tiles_and_map_made_again_from_the_acts_are_those_that_were_kept(book: clock.ManualClock) -> None:
    """After many small seals, which change a page or a tile over and over."""
    for n in range(12):
        number = place(name=f"P{n} Q", slug="boat" if n < 4 else offered())
        sealed(book)
        book.advance(timedelta(hours=1))
        pay(number)
        sealed(book)
    check_kept()


def offered() -> str:
    """An offer with room."""
    if not models.Offer.objects.filter(slug="ship").exists():
        scene.offer("ship", capacity=50)
    return "ship"


def test_a_tile_or_a_page_that_was_altered_is_found(book: clock.ManualClock) -> None:
    place()
    sealed(book)
    for model in (models.LogTile, models.MapPage):
        with pytest.raises(AssertionError), transaction.atomic():
            row = model.objects.order_by("level", "i")[0]
            row.data = bytes(row.data)[:-1] + bytes([bytes(row.data)[-1] ^ 1])
            model.objects.filter(level=row.level, i=row.i).update(data=row.data)
            check_kept()


def test_a_book_whose_pages_are_gone_makes_them_again(book: clock.ManualClock) -> None:
    """As after the migration that gave them another size; a story before the next seal verifies as well."""
    number = place()
    sealed(book)
    models.MapPage.objects.all().delete()
    assert verify_story(export.story(number), book.now()).ok
    place(name="Ben Ode")
    sealed(book)
    check_kept()


# --- the same bytes everywhere


def test_the_same_bytes_in_another_process_and_on_the_other_database(
    db: None, request: pytest.FixtureRequest
) -> None:
    """Here on the database of this run, there on SQLite, with another order of everything that has none.

    A guard that is out here is out there as well: it is not its absence on one side that makes the difference.
    """
    ours = told_bytes.told()
    scene.finish()
    out = request.node.callspec.params["mutant"]
    command = [sys.executable, "-m", "tests.book.told_bytes", *([out.name] if out else [])]
    env = {name: value for name, value in os.environ.items() if not name.startswith("EARNEST_")}
    env |= {"PYTHONHASHSEED": "7", "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"}
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.strip()) == (0, ours), done.stderr
