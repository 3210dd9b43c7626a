"""Every call to the outside world goes through here: never inside a transaction, never without a time limit."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from django.db import connection

TIMEOUT_SECONDS: Final = 20


class InsideTransaction(AssertionError):
    """A call to the outside world while a transaction is open would hold locks for as long as it takes."""


@contextmanager
def outward() -> Iterator[None]:
    """Wrap a call outward. Raises InsideTransaction where a transaction of ours is open."""
    if connection.in_atomic_block and not _is_test_case():
        raise InsideTransaction("no call to the outside world inside a transaction")
    yield


def _is_test_case() -> bool:
    """Django's TestCase wraps each test in a transaction of its own; it is marked as not ours."""
    return all(getattr(block, "_from_testcase", False) for block in connection.atomic_blocks)
