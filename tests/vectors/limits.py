"""Stories as large as a story may be, and a little larger: too large to be committed, made where they are needed."""

import json
from functools import cache

from earnest.record.canonical import b64, canonical
from earnest.record.verify import MAX_ACTS, MAX_BYTES, MAX_DEPTH, MAX_LINKED
from tests.vectors import make_v1
from tests.vectors.make_v1 import NUMBER, ORIGIN, SEALS
from tests.vectors.small_log import SmallLog

AT = "2018-06-15T17:20:00Z"


@cache
def many_acts(count: int) -> bytes:
    """So many acts in one seal."""
    log = SmallLog(ORIGIN)
    for n in range(count):
        log.act(NUMBER, "mail.received", "customer", AT, {"n": n})
    log.seal(SEALS[0])
    return log.story(NUMBER)


@cache
def many_bytes(size: int) -> bytes:
    """As near below that size as base64 lets one come: two bytes at most."""

    def made(letters: int) -> bytes:
        log = SmallLog(ORIGIN)
        log.act(NUMBER, "mail.received", "customer", AT, {"text": "x" * letters})
        log.seal(SEALS[0])
        return log.story(NUMBER)

    letters = (size - len(made(0))) * 3 // 4
    while len(story := made(letters)) > size:
        letters -= 1
    return story


def many_linked(count: int) -> bytes:
    """So many stories linked, none of them in another."""
    file = json.loads(make_v1.told().story(NUMBER, times=False))
    file["linked"] = [json.loads(make_v1.told().story("OTHER-1", times=False))] * count
    return canonical(file) + b"\n"


def many_siblings() -> bytes:
    """All of a file that may still be read is one path in the map."""
    file = json.loads(make_v1.told().story(NUMBER, times=False))
    file["map"] = [b64(bytes(32))] * ((MAX_BYTES - 100_000) // 46)
    return canonical(file) + b"\n"


def holds() -> dict[str, bytes]:
    """As large as it may be."""
    return {
        "16 MB": many_bytes(MAX_BYTES),
        "10,000 acts": many_acts(MAX_ACTS),
        "32 linked": many_linked(MAX_LINKED),
        "16 deep": make_v1._deep(MAX_DEPTH - 1),
    }


def unreadable() -> dict[str, bytes]:
    """Larger."""
    return {
        "16 MB": many_bytes(MAX_BYTES + 4),
        "64 MB of siblings": b'{"earnest":"story/v1","map":["' + b"A" * (4 * MAX_BYTES) + b'"]}\n',
        "10,000 acts": many_acts(MAX_ACTS + 1),
        "32 linked": many_linked(MAX_LINKED + 1),
        "16 deep": make_v1._deep(MAX_DEPTH),
    }
