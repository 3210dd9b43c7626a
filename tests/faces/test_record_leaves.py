"""`/record/leaves`: what happened to whom under a pseudonym, for auditors alone, and each read is written down."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from earnest.api import keys as api_keys
from earnest.audit.mirror import unframed
from earnest.book import clock, log, models, sealing
from tests import scene
from tests.scene import place


@pytest.fixture(autouse=True)
def book(db: None) -> Iterator[clock.ManualClock]:
    manual = scene.begin()
    place()
    sealing.seal(sealing.acquire("tests", manual.now()), manual.now())
    yield manual
    scene.finish()


def get(key: str = "", start: Any = 0, end: Any = 2) -> Any:
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    return Client(headers=headers).get(f"/record/leaves?from={start}&to={end}")


def test_leaves_are_for_keys_of_auditors() -> None:
    seller = api_keys.make("Shop", [scope for scope in api_keys.SCOPES if scope != api_keys.AUDIT], "ana")
    assert [get(key).status_code for key in ("", "made-up", seller)] == [401, 401, 403]
    revoked = api_keys.make("Gone", [api_keys.AUDIT], "ana")
    api_keys.revoke(models.ApiKey.objects.get(label="Gone").prefix)
    assert get(revoked).status_code == 401
    assert not models.LeafRead.objects.exists()


def test_each_read_is_written_down(book: clock.ManualClock) -> None:
    key = api_keys.make("Auditor", [api_keys.AUDIT], "ana")
    answer = get(key, 1, 4)
    assert answer.status_code == 200 and answer["Cache-Control"] == "private, no-store"
    assert unframed(answer.content) == log.leaves(1, 4)
    rows = models.LeafRead.objects.values_list("api_key__label", "start", "end", "at")
    assert list(rows) == [("Auditor", 1, 4, book.now())]


@pytest.mark.parametrize(
    ("start", "end"), [("", 2), (0, "x"), (2, 2), (3, 1), (0, 10**6), (-1, 2), ("00", 2)]
)
def test_what_is_no_range_of_the_log_is_400_and_no_read(start: Any, end: Any) -> None:
    key = api_keys.make("Auditor", [api_keys.AUDIT], "ana")
    assert get(key, start, end).status_code == 400
    assert not models.LeafRead.objects.exists()
