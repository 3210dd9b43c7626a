"""Asking a witness that answers badly: nothing that it sends stops the sealer, or is taken for a signature."""

import base64
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from earnest.rails import witnesses
from earnest.rails.witnesses import Answer, Conflict, Declined, Unreachable
from earnest.record.checkpoint import Checkpoint, cosign, sign_checkpoint
from earnest.record.notes import COSIGNATURE, Signer
from tests.vectors import make_v1

LOG = make_v1.told()
NOTE, BODY = LOG.seals[0].note.partition("\n\n")[0] + "\n\n", LOG.seals[0].body
NOTE += LOG.seals[0].note.partition("\n\n")[2].split("\n")[0] + "\n"
KEY = Signer("w.example", bytes([9] * 32), COSIGNATURE)
NAMESAKE = Signer("w.example", bytes([8] * 32), COSIGNATURE)
AT = 1_774_000_000
GOOD = cosign(BODY, KEY, AT)

pytestmark = pytest.mark.once


@contextmanager
def answering(*pieces: bytes, trickle: bytes = b"") -> Iterator[str]:
    """A server that takes one request and writes these pieces; then `trickle`, letter by letter."""

    def run() -> None:
        connection, _ = listening.accept()
        with connection:
            connection.settimeout(10)
            connection.recv(100_000)
            try:
                for piece in pieces:
                    connection.sendall(piece)
                for letter in trickle:
                    time.sleep(0.02)
                    connection.sendall(bytes([letter]))
            except OSError:
                pass

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        thread.join(10)


def http(text: str, status: int = 200) -> bytes:
    data = text.encode()
    return f"HTTP/1.1 {status} X\r\nContent-Length: {len(data)}\r\n\r\n".encode() + data


def ask(*pieces: bytes, trickle: bytes = b"", timeout: float = 10) -> Answer:
    with answering(*pieces, trickle=trickle) as url:
        return witnesses.ask(url, 0, [], NOTE, KEY.verifier, timeout)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"garbage\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"x" * 70_000,
        b"HTTP/1.1 200 OK\r\n" + b"a: b\r\n" * 200,
    ],
)
def test_what_is_no_answer_is_unreachable(data: bytes) -> None:
    assert isinstance(ask(data), Unreachable)


@pytest.mark.parametrize("begun", [0, len("HTTP/1.1 200 X\r\n"), len(http(GOOD)) - len(GOOD.encode())])
def test_an_answer_that_trickles_in_is_not_waited_for(begun: int) -> None:
    """Each letter comes well within the limit for one; the whole, a good answer, comes in its own time."""
    answer = http(GOOD)
    assert not isinstance(ask(answer[:begun], trickle=answer[begun:], timeout=0.5), str)
    assert ask(answer) == GOOD


@pytest.mark.parametrize("status", [400, 403, 404, 422, 500, 503])
def test_a_refusal_with_its_reason(status: int) -> None:
    assert ask(http("because\n", status)) == Declined(status, "because\n")


def test_a_refusal_whose_reason_is_garbage() -> None:
    said = ask(b"HTTP/1.1 500 no\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n")
    assert isinstance(said, Declined) and said.status == 500


def test_a_redirection_is_not_followed() -> None:
    with answering(http(GOOD)) as elsewhere:
        moved = f"HTTP/1.1 302 X\r\nLocation: {elsewhere}/\r\nContent-Length: 0\r\n\r\n"
        said = ask(moved.encode())
        assert isinstance(said, Declined) and said.status == 302
        with socket.create_connection(("127.0.0.1", int(elsewhere.rpartition(":")[2]))) as end:
            end.sendall(b"x")  # lets the other one end


@pytest.mark.parametrize(("text", "found"), [("7\n", Conflict(7)), ("0\n", Conflict(0))])
def test_409_says_the_size(text: str, found: Conflict) -> None:
    assert ask(http(text, 409)) == found


@pytest.mark.parametrize("text", ["", "seven\n", "-7\n", "07\n", "9" * 5000])
def test_409_without_a_size_is_a_refusal(text: str) -> None:
    said = ask(http(text, 409))
    assert isinstance(said, Declined) and said.status == 409


def cosigned(at: int = AT, body: str = BODY, signer: Signer = KEY) -> str:
    return cosign(body, signer, at)


OTHER = Checkpoint(LOG.origin, LOG.seals[0].size, bytes(32)).body


@pytest.mark.parametrize(
    "text",
    {
        "nothing": "",
        "a page": "<html>",
        "of a stranger": cosign(BODY, make_v1.STRANGER, AT),
        "of a namesake": cosigned(signer=NAMESAKE),
        "of another checkpoint": cosigned(body=OTHER),
        "at another time": GOOD.replace(
            GOOD.split()[-1],
            base64.b64encode((raw := base64.b64decode(GOOD.split()[-1]))[:4] + bytes(8) + raw[12:]).decode(),
        ),
        "cut short": GOOD[:-9] + "\n",
        "at no time": cosigned(0),
        "in the year 10000": cosigned(253_402_300_800),
        "at the end of all numbers": cosigned(2**64 - 1),
        "a plain signature": KEY.sign(BODY).rpartition("\n\n")[2],
    }.items(),
    ids=lambda item: item[0],
)
def test_what_is_no_cosignature_of_it_is_not_taken(text: tuple[str, str]) -> None:
    said = ask(http(text[1]))
    assert isinstance(said, Declined) and said.status == 200


def test_cosignatures_of_others_beside_it_are_passed_over() -> None:
    others = cosign(BODY, make_v1.W1, AT) + cosigned(signer=NAMESAKE) + cosigned(body=OTHER)
    assert ask(http(others + GOOD + cosign(BODY, make_v1.W2, AT))) == GOOD


def seen(text: str, status: int = 200) -> int | None:
    with answering(http(text, status)) as url:
        return witnesses.seen(url, LOG.origin)


def test_what_a_witness_has_seen() -> None:
    assert seen(LOG.seals[1].note) == LOG.seals[1].size
    for text in (
        "",
        "<html>",
        LOG.seals[1].body,
        f"{LOG.origin}\n99\n",
        LOG.seals[1].note.replace("\n", "\r\n"),
    ):
        assert seen(text) is None
    other = sign_checkpoint(Signer("other.example", bytes(32)), Checkpoint("other.example", 99, bytes(32)))
    assert seen(other) is None
    assert seen(LOG.seals[1].note, 500) is None
    assert witnesses.seen("http://127.0.0.1:9", LOG.origin) is None
    assert witnesses.seen("nonsense", LOG.origin) is None
