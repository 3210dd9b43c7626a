"""What the tests of the book share."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.book import databases


@pytest.fixture
def real_database(django_db_setup: None, django_db_blocker: Any, tmp_path: Path) -> Iterator[str]:
    """A database of its own in which commits are commits; gives its address."""
    with django_db_blocker.unblock(), databases.copied(tmp_path) as address:
        yield address
