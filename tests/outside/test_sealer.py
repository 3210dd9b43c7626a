"""The sealer at work with real witnesses on loopback, and what it does when the book is an old copy."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import transaction

from earnest import sealer
from earnest.book import clock, crash, export, keys, log, mode, models, publish, reserves, sealing
from earnest.config import Tsa
from earnest.record import merkle
from earnest.record.checkpoint import open_checkpoint
from earnest.record.notes import Signer
from earnest.record.policy import Policy
from earnest.record.verify import verify_story
from earnest.testing.tsa import Authority, pin, serving
from earnest.web.record.policy_file import policy_text
from earnest.witness.server import Running, Witness, serve
from earnest.witness.store import Store
from tests.scene import pay, place

pytestmark = pytest.mark.django_db


@pytest.fixture
def data(book: clock.ManualClock, tmp_path: Path) -> Iterator[Path]:
    """A data folder of its own, no witnesses, and a sealer that has asked nobody yet."""
    before = settings.EARNEST
    settings.EARNEST = replace(before, data=tmp_path, witnesses=(), auditors=())
    sealer._asked.clear()
    sealer._said.clear()
    yield tmp_path
    settings.EARNEST = before
    crash.use(None)


@pytest.fixture
def witness(data: Path, book: clock.ManualClock) -> Iterator[tuple[Witness, Running]]:
    """A witness that the sealer is told of."""
    store = Store(data / "witness")
    made = Witness(
        store,
        store.signer("w.example"),
        [keys.current().log_signer.verifier],
        now=lambda: book.now().timestamp(),
    )
    running = serve(made)
    settings.EARNEST = replace(settings.EARNEST, witnesses=((made.signer.vkey, running.url),))
    yield made, running
    running.stop()


def test_it_seals_when_it_is_time_and_not_before(data: Path, book: clock.ManualClock) -> None:
    assert sealer.turn("here") is not None, "the first seal begins the log"
    assert sealer.turn("here") is None
    place()
    assert sealer.turn("here") is None, "an act waits a minute"
    book.advance(timedelta(seconds=60))
    assert sealer.turn("here") is not None
    book.advance(timedelta(minutes=59))
    assert sealer.turn("here") is None
    book.advance(timedelta(minutes=1))
    assert sealer.turn("here") is not None, "at least hourly, however quiet it is"
    settings.EARNEST = replace(settings.EARNEST, seal_acts=2)
    place(name="Ben Ode")
    place(name="Cleo Ode")
    assert sealer.turn("here") is not None, "many acts do not wait"


def test_a_heartbeat_that_is_missing_is_seen_by_the_reader(data: Path, book: clock.ManualClock) -> None:
    """A log that said nothing for hours could be one that hides something: a policy's greatest age finds it."""
    number = place()
    sealer.turn("here", force=True)
    policy = Policy.parse(policy_text() + "# earnest max-age 1h\n")
    for _ in range(4):
        book.advance(timedelta(hours=1))
        asleep = verify_story(export.story(number), book.now() + timedelta(seconds=1), policy=policy)
        assert [each.code for each in asleep.errors] == ["stale"]
        sealer.turn("here")
        awake = verify_story(export.story(number), book.now() + timedelta(seconds=1), policy=policy)
        assert awake.ok, awake.errors


def test_the_reserves_are_stated_as_often_as_the_settings_ask(data: Path, book: clock.ManualClock) -> None:
    def stated() -> list[int]:
        return [each.statement.seal for each in reserves.stated(9)]

    sealer.turn("here", force=True)
    pay(place())
    sealer.turn("here", force=True)
    assert stated() == [], "nobody asked for it"
    settings.EARNEST = replace(settings.EARNEST, reserves_days=2)
    sealer.turn("here", force=True)
    assert stated() == [2]
    book.advance(timedelta(hours=47))
    sealer.turn("here", force=True)
    assert stated() == [2]
    book.advance(timedelta(hours=1))
    assert sealer.turn("here") is not None
    assert stated() == [4, 2]
    assert models.Act.objects.filter(type="reserves.stated").count() == 2


def test_reserves_that_cannot_be_stated_keep_nobody_from_sealing(data: Path, book: clock.ManualClock) -> None:
    settings.EARNEST = replace(settings.EARNEST, reserves_days=1)
    assert sealer.turn("here", force=True) is not None, "no money has moved"
    assert reserves.stated() == []


def test_what_is_published_is_the_log(data: Path, book: clock.ManualClock) -> None:
    for n in range(3):
        place(name=f"P{n} Q")
        sealer.turn("here", force=True)
    point = log.latest()
    assert point is not None
    note = (data / "record" / "checkpoint").read_text()
    checkpoint = open_checkpoint(note, keys.current().log_signer.verifier)
    assert (checkpoint.size, note) == (point.size, point.note)
    for no, sealed in log.points([0, 1, 2]).items():
        width = sealed.size
        tile = (data / "record" / "tile" / "0" / f"000.p/{width}").read_bytes()
        tree = merkle.Tree([tile[at : at + 32] for at in range(0, len(tile), 32)])
        assert tree.root() == open_checkpoint(sealed.note, keys.current().log_signer.verifier).root, no


def test_files_that_were_lost_are_made_again(data: Path, book: clock.ManualClock) -> None:
    for n in range(2):
        place(name=f"P{n} Q")
        sealer.turn("here", force=True)
    kept = {path: path.read_bytes() for path in (data / "record").rglob("*") if path.is_file()}
    for path in kept:
        path.unlink()
    publish.catch_up()
    made = {path: path.read_bytes() for path in (data / "record").rglob("*") if path.is_file()}
    assert set(made) >= {path for path in kept if "tile" not in path.parts} and made.items() <= kept.items()


def test_tiles_are_named_as_the_standard_names_them() -> None:
    assert publish.tile_name(0, 1234067, 256) == "tile/0/x001/x234/067"
    assert publish.tile_name(2, 5, 17) == "tile/2/005.p/17"


def test_a_witness_signs_each_checkpoint_and_the_story_shows_it(
    witness: tuple[Witness, Running], book: clock.ManualClock
) -> None:
    number = place()
    sealer.turn("here", force=True)
    book.advance(timedelta(hours=2))
    pay(number)
    sealer.turn("here", force=True)
    policy = Policy.parse(policy_text())
    report = verify_story(export.story(number), book.now(), policy=policy)
    assert report.ok and report.witnesses == ["w.example"] and report.key_pinned, report.errors
    assert report.bounds[-1].not_before and report.bounds[-1].not_before < report.bounds[-1].not_after
    assert report.warnings == []


def test_a_witness_that_is_away_is_asked_again(
    witness: tuple[Witness, Running], book: clock.ManualClock
) -> None:
    made, running = witness
    place()
    settings.EARNEST = replace(settings.EARNEST, witnesses=((made.signer.vkey, "http://127.0.0.1:9"),))
    sealer.turn("here", force=True)
    point = log.latest()
    assert point is not None and point.lines == ()
    settings.EARNEST = replace(settings.EARNEST, witnesses=((made.signer.vkey, running.url),))
    sealer.turn("here")
    again = log.latest()
    assert again is not None and len(again.lines) == 1 and again.no == point.no
    sealer.turn("here")
    assert models.Cosignature.objects.count() == 1


def test_why_one_has_not_signed_is_said_once_in_a_sentence(
    witness: tuple[Witness, Running], data: Path, book: clock.ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    """It is asked at every turn, every few seconds, perhaps for days."""
    made, running = witness
    made.logs[:] = [Signer(mode.origin(), bytes(32)).verifier]
    place()
    sealer.turn("here", force=True)
    for _ in range(3):
        sealer.turn("here")
    running.stop()
    for _ in range(3):
        sealer.turn("here")
    said = [each.getMessage() for each in caplog.records if each.name == "earnest.sealer"]
    assert len(said) == 2, said
    assert said[0].startswith("w.example has not signed: it answered 403, the log's key has not signed this;")
    assert said[1].startswith("w.example has not signed: it cannot be reached, ")


def test_a_crash_between_the_commit_and_the_witness_loses_nothing(
    witness: tuple[Witness, Running], book: clock.ManualClock
) -> None:
    place()

    def dies(name: str) -> None:
        if name == "after-seal":
            raise crash.Crash(name)

    crash.use(dies)
    with pytest.raises(crash.Crash):
        sealer.turn("here", force=True)
    crash.use(None)
    point = log.latest()
    assert point is not None and point.lines == () and publish.published_size() == 0
    publish.catch_up()
    sealer.turn("here")
    again = log.latest()
    assert again is not None and len(again.lines) == 1 and publish.published_size() == point.size


def test_a_crash_between_the_witness_and_the_time_stamp_loses_neither(
    witness: tuple[Witness, Running], book: clock.ManualClock
) -> None:
    """What the witness signed is kept and not asked for again; the stamp comes at the next turn, with no new seal."""
    authority = Authority.made("rsa")
    number = place()

    def dies(name: str) -> None:
        if name == "after-cosignatures":
            raise crash.Crash(name)

    with serving(lambda request: authority.answer(request, book.now())) as url:
        settings.EARNEST = replace(settings.EARNEST, tsas=(Tsa("root", url, pin(authority.root)),))
        crash.use(dies)
        with pytest.raises(crash.Crash):
            sealer.turn("here", force=True)
        crash.use(None)
        point = log.latest()
        assert point is not None and (len(point.lines), len(point.stamps)) == (1, 0)
        witness[1].stop()
        sealer.turn("here")
    again = log.latest()
    assert again is not None and (again.no, again.lines, len(again.stamps)) == (point.no, point.lines, 1)
    policy = Policy.parse(policy_text())
    report = verify_story(export.story(number), book.now(), policy=policy)
    assert report.ok and report.witnesses == ["w.example"] and report.unchecked_stamps == 0, report.errors


def test_a_witness_that_lost_its_memory_of_us_is_told_the_whole_log(
    witness: tuple[Witness, Running], book: clock.ManualClock
) -> None:
    made, _ = witness
    place()
    sealer.turn("here", force=True)
    made.store._file(keys.current().origin).unlink()
    place(name="Ben Ode")
    sealer.turn("here", force=True)
    point = log.latest()
    assert point is not None and len(point.lines) == 1


def old_copy(monkeypatch: Any) -> None:
    """The book as a backup from before the last seal would have it."""
    older = log.points([0])[0]
    monkeypatch.setattr(log, "latest", lambda: older)


def test_a_book_restored_from_an_old_backup_is_not_sealed(
    witness: tuple[Witness, Running], data: Path, book: clock.ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    place()
    sealer.turn("here", force=True)
    place(name="Ben Ode")
    sealer.turn("here", force=True)
    old_copy(monkeypatch)
    before = models.LogSeal.objects.count()
    with pytest.raises(sealing.Behind, match="published checkpoint"):
        sealer.turn("here", force=True)
    (data / "record" / "checkpoint").unlink()
    sealer._asked.clear()
    with pytest.raises(sealing.Behind, match=r"w\.example"):
        sealer.turn("here", force=True)
    assert models.LogSeal.objects.count() == before


def test_a_restored_book_signs_no_second_log(data: Path, book: clock.ManualClock) -> None:
    """With the database of yesterday and no witness: only what was published says that there was more."""
    place()
    sealer.turn("here", force=True)
    backup = transaction.savepoint()
    place(name="Ben Ode")
    sealer.turn("here", force=True)
    seen = (data / "record" / "checkpoint").read_bytes()
    transaction.savepoint_rollback(backup)
    place(name="Cleo Ode")
    with suppress(sealing.Behind):
        sealer.turn("here", force=True)
    point = log.latest()
    assert point is not None and point.no == 0
    assert (data / "record" / "checkpoint").read_bytes() == seen


def test_without_that_look_the_witness_itself_refuses_the_fork(
    witness: tuple[Witness, Running], data: Path, book: clock.ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The guard out: the sealer would ask for a signature on its fork, and 409 tells it the truth."""
    place()
    sealer.turn("here", force=True)
    place(name="Ben Ode")
    sealer.turn("here", force=True)
    older = log.points([0])[0]
    with pytest.raises(sealing.Behind, match="has seen"):
        sealer.ask_all(replace(older, lines=()))


def test_a_checkpoint_is_stamped_once_an_hour_and_its_anchor_holds_the_stamp(
    data: Path, book: clock.ManualClock
) -> None:
    authority = Authority.made("rsa")
    number = place()
    with serving(lambda request: authority.answer(request, book.now())) as url:
        settings.EARNEST = replace(settings.EARNEST, tsas=(Tsa("root", url, pin(authority.root)),))
        for minutes in (0, 5, 60):
            book.advance(timedelta(minutes=minutes))
            place(name=f"P{minutes} Q")
            sealer.turn("here", force=True)
    assert list(models.Stamp.objects.values_list("seal_id", flat=True)) == [0, 2]
    policy = Policy.parse(policy_text())
    report = verify_story(export.story(number), book.now(), policy=policy)
    assert report.ok and report.bounds[0].by == "root", report.errors
    pay(number)
    settings.EARNEST = replace(settings.EARNEST, tsas=())
    book.advance(timedelta(minutes=5))
    sealer.turn("here", force=True)
    report = verify_story(export.story(number), book.now(), policy=policy)
    assert report.ok and report.bounds[-1].not_before, report.errors


def test_an_authority_that_is_away_or_lies_stamps_nothing_and_the_seal_stands(
    data: Path, book: clock.ManualClock
) -> None:
    authority, other = Authority.made("rsa"), Authority.made("ecdsa")
    place()
    with serving(lambda request: other.answer(request, book.now())) as url:
        gone = Tsa("gone", "http://127.0.0.1:9/", pin(authority.root))
        settings.EARNEST = replace(settings.EARNEST, tsas=(Tsa("root", url, pin(authority.root)), gone))
        assert sealer.turn("here", force=True) is not None
    assert models.Stamp.objects.count() == 0 and models.LogSeal.objects.count() == 1
