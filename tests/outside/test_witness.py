"""A witness over HTTP: it signs a log that only grows, once, and remembers."""

import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from earnest.rails import witnesses
from earnest.rails.witnesses import Conflict, Declined, Unreachable
from earnest.record import checkpoint, merkle
from earnest.record.checkpoint import cosigned_at
from earnest.record.notes import Signer
from earnest.record.witnessing import MAX_BODY
from earnest.witness.server import Running, Witness, serve
from earnest.witness.store import Store
from tests.vectors import make_v1
from tests.vectors.small_log import SmallLog

AT = 1_774_000_000
LOG = make_v1.told()

pytestmark = pytest.mark.once


def witness(folder: Path) -> Witness:
    store = Store(folder)
    return Witness(store, store.signer("w.example"), [LOG.log.verifier], now=lambda: AT)


@pytest.fixture
def running(tmp_path: Path) -> Iterator[tuple[Witness, Running]]:
    made = witness(tmp_path)
    server = serve(made)
    yield made, server
    server.stop()


def ask(server: Running, made: Witness, old: int, seal: int, log: SmallLog = LOG) -> witnesses.Answer:
    sealed = log.seals[seal]
    proof = merkle.consistency(old, sealed.size, log.tree.node)
    return witnesses.ask(server.url, old, proof, sealed.note, made.signer.verifier)


def test_a_log_that_grows_is_signed_step_by_step(running: tuple[Witness, Running]) -> None:
    made, server = running
    old = 0
    for number, sealed in enumerate(LOG.seals):
        line = ask(server, made, old, number)
        assert isinstance(line, str)
        assert cosigned_at(sealed.note + line, {"w": made.signer.verifier}) == {"w": AT}
        assert witnesses.seen(server.url, LOG.origin) == sealed.size
        old = sealed.size
    assert isinstance(ask(server, made, old, 2), str), (
        "the same one again is signed again: it is still the newest"
    )


def test_another_old_size_is_409_with_the_size_that_was_seen(running: tuple[Witness, Running]) -> None:
    made, server = running
    ask(server, made, 0, 1)
    assert ask(server, made, 0, 2) == Conflict(LOG.seals[1].size)
    assert isinstance(ask(server, made, LOG.seals[1].size, 2), str)


def test_a_rewritten_history_is_422_and_a_fork_at_one_size_409(running: tuple[Witness, Running]) -> None:
    made, server = running
    size = LOG.seals[1].size
    ask(server, made, 0, 1)
    rewritten = make_v1.begun("demo.vectors.example")
    rewritten.act("OTHER-1", "reservation.lapsed", "system", make_v1.SEALS[0], {"why": "rewritten"})
    while rewritten.tree.size <= size:
        rewritten.act("OTHER-1", "reservation.lapsed", "system", make_v1.SEALS[0], {"n": rewritten.tree.size})
        rewritten.seal(make_v1.SEALS[0])
    answer = ask(server, made, size, len(rewritten.seals) - 1, rewritten)
    assert isinstance(answer, Declined) and answer.status == 422
    same_size = checkpoint.Checkpoint(LOG.origin, size, bytes(32))
    note = checkpoint.sign_checkpoint(LOG.log, same_size)
    assert witnesses.ask(server.url, size, [], note, made.signer.verifier) == Conflict(size)
    assert witnesses.seen(server.url, LOG.origin) == size


def test_unknown_logs_are_404_and_forged_signatures_403(running: tuple[Witness, Running]) -> None:
    made, server = running
    other = SmallLog("other.example")
    other.act("A", "reservation.placed", "customer", make_v1.SEALS[0], {})
    other.seal(make_v1.SEALS[0])
    answer = ask(server, made, 0, 0, other)
    assert isinstance(answer, Declined) and answer.status == 404
    forged = checkpoint.sign_checkpoint(
        Signer(LOG.origin, bytes(32)), checkpoint.Checkpoint(LOG.origin, 5, bytes(32))
    )
    answer = witnesses.ask(server.url, 0, [], forged, made.signer.verifier)
    assert isinstance(answer, Declined) and answer.status == 403


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"old 5\n\n",
        b"old 05\n\n" + LOG.seals[0].note.encode(),
        b"old -1\n\n" + LOG.seals[0].note.encode(),
        b"old 0\n" + b"A" * 44 + b"\n\n" + LOG.seals[0].note.encode(),
        b"old 0\n" + b"QUJD\n\n" + LOG.seals[0].note.encode(),
        b"old 0\n" + (b"A" * 43 + b"=\n") * 64 + b"\n" + LOG.seals[0].note.encode(),
        b"old 9999\n\n" + LOG.seals[0].note.encode(),
        b"\xff\xfe",
    ],
)
def test_what_is_no_request_is_400_and_changes_nothing(tmp_path: Path, body: bytes) -> None:
    made = witness(tmp_path)
    assert made.add_checkpoint(body).status == 400
    assert made.store.seen(LOG.origin).size == 0


def test_a_proof_where_none_may_be_is_422(tmp_path: Path) -> None:
    made = witness(tmp_path)
    hashed = "A" * 43 + "="
    assert made.add_checkpoint(f"old 0\n{hashed}\n\n{LOG.seals[0].note}".encode()).status == 422


def test_a_witness_that_starts_again_has_its_key_and_its_memory(tmp_path: Path) -> None:
    made = witness(tmp_path)
    note = LOG.seals[1].note
    assert made.add_checkpoint(f"old 0\n\n{note}".encode()).status == 200
    again = witness(tmp_path)
    assert again.signer.vkey == made.signer.vkey
    assert again.add_checkpoint(f"old 0\n\n{note}".encode()).body == f"{LOG.seals[1].size}\n"
    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600


def test_it_is_written_down_before_it_is_signed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = witness(tmp_path)

    def full(origin: str, note: str) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr(made.store, "keep", full)
    with pytest.raises(OSError, match="full"):
        made.add_checkpoint(f"old 0\n\n{LOG.seals[0].note}".encode())


def test_two_submissions_at_once_never_take_the_log_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The slower one was judged first, and the faster one has written a longer log meanwhile."""
    made = witness(tmp_path)
    first, second = (f"old 0\n\n{LOG.seals[n].note}".encode() for n in (0, 2))

    def race() -> tuple[list[int], int]:
        said: dict[bytes, int] = {}
        held = threading.Event()
        go = threading.Event()
        keep = made.store.keep

        def slow(origin: str, note: str) -> None:
            if note.startswith(f"{LOG.origin}\n{LOG.seals[0].size}\n"):
                held.set()
                go.wait(2)
            keep(origin, note)

        monkeypatch.setattr(made.store, "keep", slow)
        thread = threading.Thread(target=lambda: said.update({first: made.add_checkpoint(first).status}))
        thread.start()
        held.wait(2)
        other = threading.Thread(target=lambda: said.update({second: made.add_checkpoint(second).status}))
        other.start()
        other.join(0.5)
        go.set()
        thread.join()
        other.join()
        monkeypatch.setattr(made.store, "keep", keep)
        return [said[first], said[second]], made.store.seen(LOG.origin).size

    class Open:
        def __enter__(self) -> None: ...
        def __exit__(self, *args: object) -> None: ...

    made.store.lock = Open()  # type: ignore[assignment]
    assert race() == ([200, 200], LOG.seals[0].size), "the longer log that it signed is forgotten"
    for file in tmp_path.glob("*"):
        if file.name != "key":
            file.unlink()
    made.store.lock = threading.Lock()
    # With it, the second is judged against what the first has written.
    assert race() == ([200, 409], LOG.seals[0].size)


def test_what_is_too_large_is_refused_unread(running: tuple[Witness, Running]) -> None:
    _, server = running
    host, port = server.server.server_address[:2]
    with socket.create_connection((str(host), int(port)), timeout=5) as connection:
        connection.sendall(
            f"POST /add-checkpoint HTTP/1.1\r\nContent-Length: {MAX_BODY + 1}\r\n\r\n".encode()
        )
        assert b" 413 " in connection.recv(200)


def test_garbage_and_silence_are_no_signature() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        answer = witnesses.ask(url, 0, [], LOG.seals[0].note, make_v1.W1.verifier, timeout=0.3)
    assert isinstance(answer, Unreachable)


def test_a_cosignature_of_another_key_or_checkpoint_is_not_taken(running: tuple[Witness, Running]) -> None:
    _, server = running
    answer = witnesses.ask(server.url, 0, [], LOG.seals[0].note, make_v1.W1.verifier)
    assert isinstance(answer, Declined) and "expected" in answer.said
