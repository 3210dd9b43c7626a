"""The auditor when the maker forks, goes back, stumbles or changes its key, and when it is itself cut off."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from earnest.audit import command
from earnest.audit.auditor import Auditor, Unreachable
from earnest.audit.kept import Anchors
from earnest.rails import witnesses
from earnest.rails.witnesses import Declined
from earnest.record import chain, checkpoint, merkle
from earnest.record.checkpoint import Checkpoint
from earnest.record.replay import DoesNotHold
from earnest.witness.server import serve
from earnest.witness.store import Store
from tests.outside.small_maker import KEY, serving
from tests.vectors import make_v1
from tests.vectors.small_log import SmallLog

LOG = make_v1.told()

pytestmark = pytest.mark.once


def auditor(url: str, folder: Path, log: SmallLog = LOG) -> Auditor:
    return Auditor(url, KEY, [log.log.verifier], folder)


def code(run: Callable[[], object]) -> str:
    """By what it does not hold."""
    with pytest.raises(DoesNotHold) as caught:
        run()
    return caught.value.code


def signed(log: SmallLog, size: int, root: bytes) -> str:
    return checkpoint.sign_checkpoint(log.log, Checkpoint(log.origin, size, root))


@pytest.mark.parametrize("path", ["anchors/1", "anchors/2", "leaves", "checkpoint"])
def test_a_maker_that_stumbles_is_asked_again_and_nothing_is_mixed_up(path: str, tmp_path: Path) -> None:
    with serving(LOG, stumbles=[path]) as url:
        made = auditor(url, tmp_path)
        with pytest.raises(Unreachable, match="503 later"):
            made.follow(made.newest())
        assert made.follow(made.newest()).size == LOG.tree.size
    assert list(made.mirror.leaves()) == LOG.leaves
    again = auditor("http://127.0.0.1:9/record", tmp_path)
    assert (again.replay.tree.root(), again.replay.seals) == (LOG.tree.root(), 3)


def test_the_folder_alone_is_enough_to_replay_all_of_it_anchors_included(tmp_path: Path) -> None:
    with serving(LOG) as url:
        made = auditor(url, tmp_path)
        made.follow(made.newest())
    anchors = (tmp_path / "anchors").read_bytes()
    (tmp_path / "anchors").write_bytes(anchors[:-1] + b"x")
    assert code(lambda: auditor("http://127.0.0.1:9/record", tmp_path)) == "anchor"


def test_cut_off_anywhere_it_goes_on_from_there(tmp_path: Path) -> None:
    with serving(LOG) as url:
        made = auditor(url, tmp_path / "whole")
        made.follow(made.newest())
        whole = {name: (tmp_path / "whole" / name).read_bytes() for name in ("leaves", "anchors")}
        for part in range(0, 100, 7):
            folder = tmp_path / str(part)
            folder.mkdir()
            for name, data in whole.items():
                (folder / name).write_bytes(data[: len(data) * part // 100])
            again = auditor(url, folder)
            again.follow(again.newest())
            assert {name: (folder / name).read_bytes() for name in whole} == whole


def test_a_disk_that_is_full_leaves_no_half_leaf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(LOG) as url:
        made = auditor(url, tmp_path)
        append = made.mirror.append

        def full(leaves: list[bytes]) -> None:
            with made.mirror.file.open("ab") as file:
                file.write(b"\x01\x00half")
            raise OSError("the disk is full")

        monkeypatch.setattr(made.mirror, "append", full)
        with pytest.raises(OSError, match="full"):
            made.follow(made.newest())
        monkeypatch.setattr(made.mirror, "append", append)
        made.follow(made.newest())
    assert list(made.mirror.leaves()) == LOG.leaves


def test_an_anchor_that_names_a_fork_of_the_same_size(tmp_path: Path) -> None:
    """The log's key signed two trees of one size, and the seal names the one that readers were not shown."""
    log = make_v1.begun()
    log.seal(make_v1.SEALS[0])
    shown = log.seals[0].note
    log.seals[0].note = fork = signed(log, log.seals[0].size, bytes(32))
    log.seal(make_v1.SEALS[1])
    log.seals[0].note = shown
    with serving(log, answers={"anchors/1": fork.encode()}) as url:
        made = auditor(url, tmp_path, log)
        assert code(lambda: made.follow(made.newest())) == "anchor"


def test_an_anchor_that_no_key_of_the_log_signed(tmp_path: Path) -> None:
    log = make_v1.begun()
    log.seal(make_v1.SEALS[0])
    log.seals[0].note = "nothing of the kind"
    log.seal(make_v1.SEALS[1])
    with serving(log) as url:
        made = auditor(url, tmp_path, log)
        assert code(lambda: made.follow(made.newest())) == "anchor"


def test_a_fork_at_the_size_that_was_replayed_and_at_an_earlier_one(tmp_path: Path) -> None:
    for number, size in enumerate((LOG.tree.size, LOG.seals[0].size)):
        with serving(LOG) as url:
            made = auditor(url, tmp_path / str(number))
            made.follow(made.newest())
            found = code(lambda made=made, size=size: made.follow(signed(LOG, size, bytes(32))))  # type: ignore[misc]
        assert found == ("root" if size == LOG.tree.size else "fork")


def test_what_did_not_hold_is_not_forgotten(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Started again, it says the same, keeps the evidence, and signs nothing; not even what would hold."""
    note = signed(LOG, LOG.tree.size, bytes(32))
    with serving(LOG) as url:
        made = auditor(url, tmp_path)
        made.follow(made.newest())
        assert code(lambda: made.follow(note)) == "root"
        again = auditor(url, tmp_path)
        assert code(lambda: again.follow(again.newest())) == "root"
        (tmp_path / "api").write_text(KEY)
        words = ["--url", url, "--log", LOG.log.vkey, "--data", str(tmp_path), "--key", str(tmp_path / "api")]
        for more in ([], ["--listen", "127.0.0.1:0"]):
            assert command.main([*words, *more]) == 1
            assert "[root]" in capsys.readouterr().out
        assert command.main([*words, "--json"]) == 1
        assert json.loads(capsys.readouterr().out)["code"] == "root"
    assert json.loads((tmp_path / "does-not-hold").read_text())["note"] == note
    (tmp_path / "does-not-hold").write_text("{}")
    with pytest.raises(OSError, match="damaged"):
        auditor("http://127.0.0.1:9/record", tmp_path)


def test_leaves_that_do_not_hold_are_kept_as_evidence(tmp_path: Path) -> None:
    log = make_v1.never_mapped()
    with serving(log) as url:
        made = auditor(url, tmp_path, log)
        assert code(lambda: made.follow(made.newest())) == "subjects"
    assert list(made.mirror.leaves()) == log.leaves
    (tmp_path / "does-not-hold").unlink()
    assert code(lambda: auditor("http://127.0.0.1:9/record", tmp_path, log)) == "subjects"


def test_an_old_checkpoint_that_anybody_kept_does_no_harm(tmp_path: Path) -> None:
    """It was mirrored further than that before it first signs; a stranger hands in the older note."""
    with serving(LOG) as url:
        made = auditor(url, tmp_path)
        made.follow(made.newest())
        server = serve(command.signing(made, Store(tmp_path), "a.example"))
        key = Store(tmp_path).signer("a.example").verifier
        answer = witnesses.ask(server.url, 0, [], LOG.seals[0].note, key)
        assert isinstance(answer, Declined) and "[rollback]" in answer.said
        newest = witnesses.ask(server.url, 0, [], LOG.seals[2].note, key)
        server.stop()
    assert isinstance(newest, str)
    assert not (tmp_path / "does-not-hold").exists()


def test_a_maker_out_of_reach_is_503_and_no_finding(tmp_path: Path) -> None:
    made = auditor("http://127.0.0.1:9/record", tmp_path)
    server = serve(command.signing(made, Store(tmp_path), "a.example"))
    key = Store(tmp_path).signer("a.example").verifier
    answer = witnesses.ask(server.url, 0, [], LOG.seals[0].note, key)
    server.stop()
    assert isinstance(answer, Declined) and answer.status == 503
    assert made.broken is None and Store(tmp_path).seen(LOG.origin).size == 0


def test_a_log_whose_key_was_changed_is_replayed_with_both_keys(tmp_path: Path) -> None:
    log = make_v1.begun()
    log.seal(make_v1.SEALS[0])
    old = log.log.verifier
    log.rotate(90, make_v1.SEALS[0])
    log.act("OTHER-1", "reservation.lapsed", "system", make_v1.SEALS[1], {"why": "unpaid"})
    log.seal(make_v1.SEALS[1])
    new = log.log.verifier
    with serving(log) as url:
        both = Auditor(url, KEY, [new, old], tmp_path / "both")
        assert both.follow(both.newest()).size == log.tree.size
        only_old = Auditor(url, KEY, [old], tmp_path / "old")
        assert code(only_old.newest) == "signature"
        only_new = Auditor(url, KEY, [new], tmp_path / "new")
        assert code(lambda: only_new.follow(only_new.newest())) == "anchor"


def test_keys_of_two_logs_and_addresses_that_are_none(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["--data", str(tmp_path), "--log", LOG.log.vkey]
    for more, why in (
        (["--url", "http://127.0.0.1:9", "--log", SmallLog("other.example").log.vkey], "one log"),
        (["--url", "file:///etc"], "not an http address"),
        (["--url", "http://127.0.0.1:9", "--log", "nonsense"], "not a verifier key"),
    ):
        assert command.main([*words, *more]) == 2
        assert why in capsys.readouterr().err


def test_two_auditors_in_one_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["--url", "http://127.0.0.1:9", "--data", str(tmp_path), "--log", LOG.log.vkey]
    with Store(tmp_path).claim():
        assert command.main(words) == 2
    assert "another process" in capsys.readouterr().err


@contextmanager
def answering(data: bytes) -> Iterator[tuple[str, list[str]]]:
    """A server that writes just that to whoever comes, and whom it was told to be."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, format: str, *args: Any) -> None:
            pass

        def do_GET(self) -> None:
            asked.append(self.headers.get("authorization", ""))
            self.wfile.write(data)
            self.close_connection = True

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}", asked
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"garbage\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\nabc",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 500 no\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 302 there\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n",
    ],
)
def test_garbage_is_unreachable(data: bytes, tmp_path: Path) -> None:
    with answering(data) as (url, _), pytest.raises(Unreachable):
        auditor(url, tmp_path).newest()


def test_an_anchor_that_was_cut_off_on_its_way_is_no_finding(tmp_path: Path) -> None:
    """What is kept for ever must not be what a bad line made of it."""
    with serving(LOG) as url:
        made = auditor(url, tmp_path)
        with answering(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\nabc") as (cut, _):
            made.url = cut
            with pytest.raises(Unreachable, match="cut off"):
                made._get("anchors/1")
        made.url = url
        assert made.follow(made.newest()).size == LOG.tree.size


def test_the_key_is_not_taken_elsewhere(tmp_path: Path) -> None:
    with answering(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n") as (thief, asked):
        moved = f"HTTP/1.1 302 there\r\nLocation: {thief}/record\r\nContent-Length: 0\r\n\r\n"
        with answering(moved.encode()) as (url, _), pytest.raises(Unreachable, match="302"):
            auditor(url, tmp_path).newest()
    assert asked == []


def test_fewer_or_more_leaves_than_were_asked_for(tmp_path: Path) -> None:
    framed = b"".join(len(leaf).to_bytes(2, "big") + leaf for leaf in LOG.leaves)
    for number, data in enumerate((b"", framed[:-1], framed + b"\x00\x00", framed[: len(framed) // 2])):
        with serving(LOG, answers={"leaves": data}) as url:
            made = auditor(url, tmp_path / str(number))
            with pytest.raises(Unreachable):
                made.follow(made.newest())
            assert list(made.mirror.leaves()) == []


def test_anchors_are_kept_in_their_order(tmp_path: Path) -> None:
    for data in (b"one", b"", b"three" * 1000):
        Anchors(tmp_path).append(data)
    kept = Anchors(tmp_path)
    assert [kept.get(no) for no in (1, 2, 3)] == [b"one", b"", b"three" * 1000]
    assert len(kept) == 3


def test_a_checkpoint_in_the_middle_of_a_seal_is_not_signed(tmp_path: Path) -> None:
    """The log's key signs a size at which no seal stands: what is behind the last seal is under no map."""
    log = make_v1.begun()
    log.seal(make_v1.SEALS[0])
    log.act("OTHER-1", "reservation.lapsed", "system", make_v1.SEALS[1], {"why": "unpaid"})
    leaf = log.subject("OTHER-1").leaves[-1]
    log.leaves.append(leaf)
    tree = merkle.Tree([chain.leaf_hash(each) for each in log.leaves])
    with serving(log) as url:
        made = auditor(url, tmp_path, log)
        assert code(lambda: made.follow(signed(log, tree.size, tree.root()))) == "seal-not-last"
