"""A witness under attack and after accidents: trickles, floods, full disks, damaged files, kill -9."""

import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path

import pytest

from earnest import config
from earnest.audit import command as audit
from earnest.config import ROOT
from earnest.rails import witnesses
from earnest.rails.witnesses import Conflict, Declined
from earnest.record import checkpoint, merkle
from earnest.record.checkpoint import cosigned_at
from earnest.record.notes import BadNote, Signer, Verifier
from earnest.witness import command, server
from earnest.witness.server import Running, Witness, address, serve
from earnest.witness.store import Held, Store
from tests.vectors import make_v1

LOG = make_v1.told()
FIRST = LOG.seals[0].note

pytestmark = pytest.mark.once


def witness(folder: Path) -> Witness:
    store = Store(folder)
    return Witness(store, store.signer("w.example"), [LOG.log.verifier])


@contextmanager
def running(made: Witness, host: str = "127.0.0.1") -> Iterator[Running]:
    found = serve(made, host)
    try:
        yield found
    finally:
        found.stop()


def connect(found: Running) -> socket.socket:
    host, port = found.server.server_address[:2]
    return socket.create_connection((str(host), int(port)), timeout=20)


def closed(connection: socket.socket) -> bool:
    """Whether the other side hung up without a word."""
    try:
        return connection.recv(1) == b""
    except ConnectionError:
        return True


def greeted(connection: socket.socket) -> bool:
    """Whether it tells there who it is."""
    said = b""
    try:
        connection.sendall(b"GET / HTTP/1.1\r\n\r\n")
        while not said.endswith(b"\n") or said.endswith(b"\r\n"):
            more = connection.recv(2000)
            if not more:
                return False
            said += more
    except ConnectionError:
        return False
    return said.startswith(b"HTTP/1.1 200") and b"w.example+" in said


@pytest.mark.parametrize(
    "begun", [b"", b"POST /add-checkpoint HTTP/1.1\r\n", b"POST / HTTP/1.1\r\nContent-Length: 9999\r\n\r\n"]
)
def test_a_request_that_trickles_in_is_hung_up_on(
    begun: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each letter comes well within the patience for one read; the whole never would."""
    monkeypatch.setattr(server, "PATIENCE_SECONDS", 0.4)
    with running(witness(tmp_path)) as found, connect(found) as connection:
        connection.settimeout(0.1)
        connection.sendall(begun)
        for _ in range(100):
            try:
                if connection.recv(1) == b"":
                    break
            except TimeoutError:
                connection.sendall(b"x")
            except ConnectionError:
                break
        else:
            pytest.fail("it still listens")


def test_a_flood_of_connections_is_hung_up_on_and_those_inside_are_served(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "AT_ONCE", 3)
    with running(witness(tmp_path)) as found:
        inside = [connect(found) for _ in range(3)]
        for connection in inside:  # each has its thread before the next one comes
            assert greeted(connection)
        with connect(found) as outside:
            assert closed(outside)
        assert greeted(inside[0])
        for connection in inside:
            connection.close()
        for _ in range(100):
            with connect(found) as again:
                if greeted(again):
                    return
        pytest.fail("nobody was let in again")


@pytest.mark.parametrize(
    "length", [b"", b"Content-Length: -5\r\n", b"Content-Length: " + b"9" * 5000 + b"\r\n"]
)
def test_a_length_that_is_none_is_411(length: bytes, tmp_path: Path) -> None:
    with running(witness(tmp_path)) as found, connect(found) as connection:
        connection.sendall(b"POST /add-checkpoint HTTP/1.1\r\n" + length + b"\r\n")
        assert connection.recv(200).startswith(b"HTTP/1.1 411")


def test_many_requests_on_one_connection(tmp_path: Path) -> None:
    made = witness(tmp_path)
    body = f"old 0\n\n{FIRST}".encode()
    with running(made) as found:
        connection = HTTPConnection(*found.server.server_address[:2])  # type: ignore[arg-type]
        sockets = set()
        for want in (200, 409, 409):
            connection.request("POST", "/any/prefix/add-checkpoint", body)
            sockets.add(connection.sock)
            with connection.getresponse() as answer:
                assert (answer.status, answer.read()[:1]) == (want, b"1" if want == 409 else b"\xe2")
        connection.close()
    assert len(sockets) == 1


def test_a_full_disk_is_500_and_no_signature_leaves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = witness(tmp_path)
    keep = made.store.keep

    def full(origin: str, note: str) -> None:
        raise OSError("the disk is full")

    with running(made) as found:
        monkeypatch.setattr(made.store, "keep", full)
        answer = witnesses.ask(found.url, 0, [], FIRST, made.signer.verifier)
        assert isinstance(answer, Declined) and answer.status == 500
        monkeypatch.setattr(made.store, "keep", keep)
        assert isinstance(witnesses.ask(found.url, 0, [], FIRST, made.signer.verifier), str)


def test_a_memory_that_is_damaged_signs_nothing(tmp_path: Path) -> None:
    """Taken for an empty one, it would sign another log from its first leaf on."""
    made = witness(tmp_path)
    with running(made) as found:
        witnesses.ask(found.url, 0, [], FIRST, made.signer.verifier)
        state = next(path for path in tmp_path.iterdir() if len(path.name) == 64)
        for damage in (state.read_bytes()[:30], b""):
            state.write_bytes(damage)
            answer = witnesses.ask(found.url, 0, [], LOG.seals[1].note, made.signer.verifier)
            assert isinstance(answer, Declined) and answer.status == 500, damage


def test_what_others_put_beside_the_checkpoint_is_not_passed_on(tmp_path: Path) -> None:
    """Its own earlier line, kept beside the new one, would make the note that it shows unreadable."""
    made = witness(tmp_path)
    size = LOG.seals[0].size
    with running(made) as found:
        line = witnesses.ask(found.url, 0, [], FIRST, made.signer.verifier)
        assert isinstance(line, str)
        again = witnesses.ask(found.url, size, [], FIRST + line, made.signer.verifier)
        assert isinstance(again, Declined), "an answer for a note that has the line already is not needed"
        shown = made.store.note(LOG.origin)
    assert set(cosigned_at(shown, {"w": made.signer.verifier})) == {"w"}
    assert "w1.example" not in shown


def test_a_second_process_is_kept_out(tmp_path: Path) -> None:
    with Store(tmp_path).claim(), pytest.raises(Held), Store(tmp_path).claim():
        pass
    with Store(tmp_path).claim():
        pass


def test_a_key_keeps_its_name(tmp_path: Path) -> None:
    Store(tmp_path).signer("w.example")
    with pytest.raises(BadNote, match=r"known as “w\.example”"):
        Store(tmp_path).signer("else.example")
    for bad in ("", "a b", "a+b", "a\nb"):
        with pytest.raises(BadNote, match="no name"):
            Store(tmp_path / "new").signer(bad)


def test_a_damaged_key_is_not_replaced(tmp_path: Path) -> None:
    Store(tmp_path).signer("w.example")
    (tmp_path / "key").write_bytes(b"short")
    with pytest.raises(OSError, match="backup"):
        Store(tmp_path).signer("w.example")


@pytest.mark.parametrize(
    ("listen", "found"),
    [
        ("127.0.0.1:8070", ("127.0.0.1", 8070)),
        ("8070", ("127.0.0.1", 8070)),
        ("[::1]:0", ("::1", 0)),
        ("0.0.0.0:65535", ("0.0.0.0", 65_535)),  # noqa: S104 - it is only read
        ("127.0.0.1:65536", None),
        ("127.0.0.1:", None),
        ("127.0.0.1:http", None),
        ("", None),
    ],
)
def test_where_to_listen(listen: str, found: tuple[str, int] | None) -> None:
    if found is None:
        with pytest.raises(ValueError, match="HOST:PORT"):
            address(listen)
    else:
        assert address(listen) == found


@contextmanager
def process(folder: Path) -> Iterator[tuple[str, Verifier, "subprocess.Popen[str]"]]:
    """`./earnest witness` as a process of its own: its address, its key, itself."""
    words = ["witness", "--data", str(folder), "--listen", "127.0.0.1:0", "--name", "w.example", "--log"]
    started = subprocess.Popen(
        [sys.executable, str(ROOT / "earnest"), *words, LOG.log.vkey], stdout=subprocess.PIPE, text=True
    )
    try:
        assert started.stdout is not None
        vkey = started.stdout.readline().split()[1]
        url = re.findall(r"http://[^ ,]+", started.stdout.readline())[0]
        yield url, Verifier.parse(vkey), started
    finally:
        started.kill()
        started.wait()


def test_killed_and_started_again_it_knows_its_key_and_its_size(tmp_path: Path) -> None:
    first, last = LOG.seals[0], LOG.seals[2]
    proof = merkle.consistency(first.size, last.size, LOG.tree.node)
    with process(tmp_path) as (url, key, started):
        assert isinstance(witnesses.ask(url, 0, [], first.note, key), str)
        assert isinstance(witnesses.ask(url, first.size, proof, last.note, key), str)
        started.send_signal(signal.SIGKILL)
    with process(tmp_path) as (url, again, _):
        assert again == key
        assert witnesses.ask(url, 0, [], first.note, key) == Conflict(last.size)
        assert witnesses.ask(url, first.size, proof, last.note, key) == Conflict(last.size)
        fork = checkpoint.Checkpoint(LOG.origin, last.size, bytes(32))
        note = checkpoint.sign_checkpoint(LOG.log, fork)
        assert witnesses.ask(url, last.size, [], note, key) == Conflict(last.size)
        assert witnesses.seen(url, LOG.origin) == last.size


def test_starting_with_what_cannot_be_used_is_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cases = {
        "hash of the verifier key": ["--log", LOG.log.vkey.replace("+", "+0", 1)],
        "HOST:PORT": ["--log", LOG.log.vkey, "--listen", "127.0.0.1:99999"],
        "no name": ["--log", LOG.log.vkey, "--name", "two words"],
    }
    for why, words in cases.items():
        assert command.main(["--data", str(tmp_path), *words]) == 2
        said = capsys.readouterr()
        assert why in said.err and said.err.count("\n") == 1 and not said.out


def test_a_command_line_that_cannot_be_followed_is_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    for main, words in ((command.main, ["--data", "w"]), (audit.main, ["--log", "x", "--speed", "9"])):
        with pytest.raises(SystemExit) as stop:
            main(words)
        said = capsys.readouterr()
        assert stop.value.code == 2 and not said.out
        assert said.err.count("\n") == 1 and "--help" in said.err


def test_what_the_maker_sets_is_printed_as_it_is_set(tmp_path: Path) -> None:
    """Copied as it stands, the sealer can read it."""
    with process(tmp_path) as (url, key, started):
        assert started.stdout is not None
        line = started.stdout.readline().strip()
    assert line == f'The maker sets EARNEST_WITNESSES="{key.vkey} {url}"'
    value = line.partition('"')[2].strip('"')
    assert config.load({"EARNEST_WITNESSES": value}).witnesses == ((key.vkey, url),)


def test_a_log_signed_by_its_next_key_is_signed_if_that_key_was_given(tmp_path: Path) -> None:
    new = Signer(LOG.origin, bytes(32))
    point = checkpoint.parse_checkpoint(LOG.seals[0].body)
    store = Store(tmp_path)
    made = Witness(store, store.signer("w.example"), [LOG.log.verifier, new.verifier])
    assert made.add_checkpoint(f"old 0\n\n{checkpoint.sign_checkpoint(new, point)}".encode()).status == 200
