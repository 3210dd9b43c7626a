"""`./earnest record` from the command line: where the log stands, another key, another maker, a log that comes back."""

import importlib
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection, transaction

from earnest import serving
from earnest.audit.mirror import Mirror
from earnest.book import clock, duties, export, keys, log, mode, models, publish, sealing
from earnest.config import Tsa
from earnest.record.checkpoint import cosign, open_checkpoint
from earnest.record.notes import COSIGNATURE, Signer, Verifier
from earnest.testing.tsa import Authority
from tests import scene
from tests.scene import pay, place

WITNESS, AWAY = (Signer(name, bytes([9] * 32), COSIGNATURE) for name in ("w.example", "away.example"))
NOWHERE = "http://127.0.0.1:9/"


@pytest.fixture(autouse=True)
def book(db: None, tmp_path: Path) -> Iterator[clock.ManualClock]:
    before = settings.EARNEST
    manual = scene.begin()
    tsas = (Tsa("noon", NOWHERE, "00" * 32),)
    settings.EARNEST = replace(
        before,
        data=tmp_path,
        witnesses=((WITNESS.vkey, NOWHERE), (AWAY.vkey, NOWHERE)),
        auditors=(),
        tsas=tsas,
    )
    keys.kept(tmp_path / "keys" / "log", keys.current().log_signer.seed)
    yield manual
    scene.finish()
    settings.EARNEST = before


def record(*arguments: str) -> int:
    """The exit code of `./earnest record …`."""
    command = importlib.import_module("earnest.management.commands.record").Command()
    try:
        command.run_from_argv(["./earnest", "record", *arguments])
    except SystemExit as stop:
        return int(stop.code or 0)
    return 0


def status(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    capsys.readouterr()
    assert record("status", "--json") == 0
    said: dict[str, Any] = json.loads(capsys.readouterr().out)
    return said


def seal(book: clock.ManualClock) -> log.Point:
    """As the sealer does, with one witness at hand."""
    before = log.latest()
    point = sealing.seal(sealing.acquire("host/1", book.now()), book.now())
    line = cosign(point.body, WITNESS, int(book.now().timestamp()))
    point = sealing.cosigned(point, WITNESS.name, line, book.now())
    publish.publish(point, before.size if before else 0)
    sealing.give_up("host/1")
    return point


def one_sentence(capsys: pytest.CaptureFixture[str]) -> str:
    error = capsys.readouterr().err.strip()
    assert len(error.splitlines()) == 1 and "Traceback" not in error
    return error


def everything(data: Path) -> tuple[object, ...]:
    """What a refusal must leave as it was."""
    files = {path: path.read_bytes() for path in (data / "keys").glob("*")}
    seals = list(models.LogSeal.objects.values_list("no", "note"))
    return models.Act.objects.count(), models.ActOpen.objects.count(), seals, files, dict(mode.data())


# --- status


def test_status_before_the_first_seal_and_after_it(
    book: clock.ManualClock, capsys: pytest.CaptureFixture[str]
) -> None:
    place()
    said = status(capsys)
    assert (said["seal"], said["size"], said["published"]) == (None, 0, 0)
    assert said["waiting"] == models.Act.objects.count() and said["oldest_waiting"] == "2026-03-02T09:00:00Z"
    assert record("status") == 0
    assert "nothing is sealed yet" in capsys.readouterr().out
    point = seal(book)
    models.Stamp.objects.create(seal_id=0, name="noon", token=b"-", at=book.now())
    book.advance(timedelta(minutes=3))
    said = status(capsys)
    assert (said["seal"], said["size"], said["published"]) == (0, point.size, point.size)
    assert (said["age_seconds"], said["waiting"], said["incomplete"]) == (180, 0, [])
    assert said["witnesses"] == [
        {"name": "w.example", "signed": point.size, "behind": 0},
        {"name": "away.example", "signed": 0, "behind": point.size},
    ]
    assert said["stamps"] == [{"name": "noon", "at": "2026-03-02T09:00:00Z"}]
    assert record("status") == 0
    text = capsys.readouterr().out
    assert f"  key {keys.current().log_signer.vkey}\n" in text
    assert "seal 0 at 2026-03-02T09:00:00Z, 180 s ago" in text and "away.example signed 0 leaves" in text


def test_status_says_who_signed_and_is_not_set_here(
    book: clock.ManualClock, capsys: pytest.CaptureFixture[str]
) -> None:
    """The sealer may have other settings than whoever asks."""
    place()
    seal(book)
    settings.EARNEST = replace(settings.EARNEST, witnesses=())
    assert status(capsys)["unset"] == ["w.example"]
    assert record("status") == 0
    text = capsys.readouterr().out
    assert "w.example signed it too, and is not set here" in text and "no witness" not in text
    models.Cosignature.objects.all().delete()
    assert record("status") == 0
    assert "no witness is set here" in capsys.readouterr().out


def test_status_says_who_seals_and_asks_for_no_turn(
    book: clock.ManualClock, capsys: pytest.CaptureFixture[str]
) -> None:
    with at_work(book):
        assert status(capsys)["sealer"] == "host/7"
    assert status(capsys)["sealer"] == ""


# --- rotate, succeed


def test_rotate_changes_the_key_and_says_both(
    book: clock.ManualClock, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    place()
    seal(book)
    assert record("rotate", "--why", "stolen", "--json") == 0
    said = json.loads(capsys.readouterr().out)
    assert said["old"] != said["new"] == keys.current().log_signer.vkey
    assert (tmp_path / "keys" / f"log.{Verifier.parse(said['old']).id.hex()}").exists()
    assert open_checkpoint(seal(book).note, Verifier.parse(said["new"]))
    assert record("rotate") == 0
    assert said["new"] in (text := capsys.readouterr().out) and "Tell your witnesses and auditors" in text
    found = status(capsys)
    assert found["sealer"] == "" and found["key"] == keys.current().log_signer.vkey


def test_succeed_tells_everybody(book: clock.ManualClock, capsys: pytest.CaptureFixture[str]) -> None:
    number = place()
    assert record("succeed", "--name", " Boatyard & Sons ", "--kind", "renamed", "--json") == 0
    said = json.loads(capsys.readouterr().out)
    assert said["name"] == mode.data()["maker"] == "Boatyard & Sons" and "\nsuccession\n" in said["note"]
    duties.run_due(book.now(), "tests")
    assert "maker.succeeded" in scene.types(number)


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ((), 2, "required"),
        (("forge",), 2, "invalid choice"),
        (("rotate", "--why", "bored"), 2, "invalid choice"),
        (("succeed",), 2, "needs --name and --kind"),
        (("succeed", "--name", "New", "--kind", "inherited"), 2, "invalid choice"),
        (("succeed", "--name", "  ", "--kind", "renamed"), 2, "A succession needs a name"),
        (("succeed", "--name", "New\nrenamed", "--kind", "renamed"), 2, "is one line"),
        (("succeed", "--name", "Boatyard", "--kind", "renamed"), 3, "Boatyard has the book already"),
        (("recover",), 2, "Lost acts come from --mirror"),
        (("recover", "--mirror", "nowhere"), 2, "cannot be read"),
        (("recover", "--mirror", "mirror", "--checkpoint", "nowhere"), 2, "cannot be read"),
        (("recover", "--mirror", "mirror", "--checkpoint", "bytes"), 2, "bytes is not UTF-8 text"),
        (("recover", "--mirror", "mirror", "--checkpoint", "words"), 2, "words is no checkpoint"),
        (("recover", "--mirror", "mirror", "--checkpoint", "another"), 1, "not signed by this book's key"),
        (("recover", "--mirror", "edited"), 1, "The mirror does not hold"),
        (("recover", "--mirror", "short"), 1, "The mirror does not hold"),
        (("recover", "--story", "nowhere"), 2, "cannot be read"),
        (("recover", "--story", "mirror"), 2, "cannot be read"),
        (("recover", "--story", "bytes"), 2, "bytes: "),
        (("recover", "--story", "words"), 2, "words: "),
        (("recover", "--story", "loose"), 1, "loose does not hold"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_what_cannot_be_done_says_why_and_changes_nothing(
    arguments: tuple[str, ...],
    code: int,
    said: str,
    book: clock.ManualClock,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    number = place()
    point = seal(book)
    leaves = log.leaves(0, point.size)
    Mirror(tmp_path / "mirror").append(leaves)
    Mirror(tmp_path / "short").append(leaves[:-1])
    Mirror(tmp_path / "edited").append(
        leaf.replace(b'"by":"customer"', b'"by":"provider"') for leaf in leaves
    )
    (tmp_path / "bytes").write_bytes(b"\xff\xfe")
    (tmp_path / "words").write_text("not what it should be\n")
    (tmp_path / "another").write_text(Signer(mode.origin(), bytes(32)).sign(point.body))
    (tmp_path / "loose").write_bytes(export.story(number).replace(b'"acts":[', b'"acts":[ ', 1))
    monkeypatch.chdir(tmp_path)
    before = everything(tmp_path)
    assert record(*arguments) == code
    assert said in one_sentence(capsys)
    assert everything(tmp_path) == before


# --- while somebody seals


@contextmanager
def at_work(book: clock.ManualClock) -> Iterator[None]:
    """What `./earnest up` holds while it is up: the lease, and on SQLite the data folder."""
    sealing.acquire("host/7", book.now())
    try:
        if connection.vendor == "sqlite":
            with serving.only_one(settings.EARNEST.data):
                yield
        else:
            yield
    finally:
        sealing.give_up("host/7")


@pytest.mark.parametrize(
    "arguments",
    [
        ("rotate",),
        ("succeed", "--name", "New", "--kind", "renamed"),
        ("recover", "--mirror", "mirror"),
    ],
    ids=lambda value: value[0],
)
def test_while_somebody_seals_it_is_refused_and_afterwards_done(
    arguments: tuple[str, ...],
    book: clock.ManualClock,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    place()
    Mirror(tmp_path / "mirror").append(log.leaves(0, seal(book).size))
    monkeypatch.chdir(tmp_path)
    before = everything(tmp_path)
    with at_work(book):
        assert record(*arguments) == 3
        assert "stop" in one_sentence(capsys)
        assert everything(tmp_path) == before
    assert record(*arguments) == 0
    # And it lets go: a sealer that was waiting has its turn.
    sealing.acquire("host/8", book.now())


def test_without_a_book_there_is_no_log(capsys: pytest.CaptureFixture[str]) -> None:
    models.Book.objects.all().delete()
    mode.forget()
    for what in (("status",), ("rotate",), ("recover", "--mirror", ".")):
        assert record(*what) == 3
        assert "There is no book here yet" in one_sentence(capsys)


# --- recover


def test_recover_brings_back_acts_and_then_values(
    book: clock.ManualClock, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """With a change of keys among what was lost; afterwards the status is the one before, and the log goes on."""
    number = place()
    seal(book)
    backup = transaction.savepoint()
    book.advance(timedelta(hours=1))
    pay(number)
    seal(book)
    assert record("rotate") == 0
    book.advance(timedelta(hours=1))
    pay(number, 1_000)
    point = seal(book)
    wanted = status(capsys)
    Mirror(tmp_path / "mirror").append(log.leaves(0, point.size))
    (tmp_path / "story.json").write_bytes(export.story(number))
    transaction.savepoint_rollback(backup)
    mode.forget()
    behind = status(capsys)
    assert (behind["size"], behind["published"]) != (wanted["size"], wanted["size"])

    assert record("recover", "--mirror", str(tmp_path / "mirror"), "--json") == 0
    said = json.loads(capsys.readouterr().out)
    assert said["seals"] == 2 and said["acts"] >= 4 and said["incomplete"] == [number]
    assert status(capsys) == wanted | {"incomplete": [number]}
    assert record("status") == 0
    assert f"recovered without all values: {number}" in capsys.readouterr().out

    assert record("recover", "--story", str(tmp_path / "story.json")) == 0
    assert "0 acts, 0 seals and 0 time stamps came back" in capsys.readouterr().out
    assert status(capsys) == wanted
    assert record("recover", "--mirror", str(tmp_path / "mirror"), "--json") == 0
    nothing = {"acts": 0, "seals": 0, "values": 0, "stamps": 0, "unnamed": 0}
    assert json.loads(capsys.readouterr().out) == nothing | {"incomplete": []}
    pay(number, 2_000)
    assert seal(book).size > point.size
    assert open_checkpoint(log.points([1])[1].note, _old(tmp_path))


def _old(data: Path) -> Verifier:
    """The key before the newest."""
    (kept,) = (data / "keys").glob("log.*")
    return Signer(mode.origin(), kept.read_bytes()).verifier


def test_recover_says_what_nobody_has_any_more(
    book: clock.ManualClock, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """A time stamp that the next seal names, and that was in the database and in a published file alone."""
    place()
    backup = transaction.savepoint()
    point = seal(book)
    sealing.stamped(point, "fair", Authority.made("ecdsa").stamp(point.body.encode()), book.now())
    place(name="Ben Ode")
    point = seal(book)
    Mirror(tmp_path / "mirror").append(log.leaves(0, point.size))
    transaction.savepoint_rollback(backup)
    mode.forget()
    shutil.rmtree(tmp_path / "record" / "anchors")
    capsys.readouterr()
    assert record("recover", "--mirror", str(tmp_path / "mirror")) == 0
    said = capsys.readouterr().out
    assert "2 seals and 0 time stamps came back" in said
    assert "cosignatures or time stamps which nothing at hand has any more: 1." in said


def test_recover_says_which_key_is_missing(
    book: clock.ManualClock, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    place()
    backup = transaction.savepoint()
    seal(book)
    assert record("rotate") == 0
    point = seal(book)
    Mirror(tmp_path / "mirror").append(log.leaves(0, point.size))
    transaction.savepoint_rollback(backup)
    mode.forget()
    for folder in ("checkpoints", "anchors"):
        shutil.rmtree(tmp_path / "record" / folder)
    (kept,) = (tmp_path / "keys").glob("log.*")
    kept.rename(tmp_path / kept.name)
    before = everything(tmp_path)
    capsys.readouterr()
    assert record("recover", "--mirror", str(tmp_path / "mirror")) == 1
    assert kept.name in one_sentence(capsys)
    assert everything(tmp_path) == before
    (tmp_path / kept.name).rename(kept)
    assert record("recover", "--mirror", str(tmp_path / "mirror")) == 0
