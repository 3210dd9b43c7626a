"""API keys and the record page."""

import re

import pytest
from django.db import connection
from django.test import Client

from earnest.api import keys as api
from earnest.audit.mirror import unframed
from earnest.book import clock, keys, log, models, sealing
from earnest.web.console.forms import api_key
from tests.faces.console_desk import desk, fresh_key, logged_in, open_offer, press

__all__ = ["desk"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("desk")]

KEYS = "/console/keys/"
FILLED = {"label": "The shop", "scopes": ["reservations:place", "reservations:read"]}


def shown(body: str) -> str:
    found = re.search(r"ek_[0-9a-f]+_[A-Za-z0-9-]+", body)
    assert found
    return found[0]


def test_a_key_is_shown_once_and_works() -> None:
    client = logged_in()
    key = shown(press(client, KEYS, **FILLED).content.decode())
    row = api.find(key)
    assert row is not None
    assert (row.label, row.scopes, row.made_by) == (
        "The shop",
        ["reservations:place", "reservations:read"],
        "operator:ana",
    )
    later = client.get(KEYS).content.decode()
    assert key not in later and f"ek_{row.prefix}_…" in later and "The shop" in later


def test_whatever_a_key_may_do_can_be_given_to_it() -> None:
    assert [scope for scope, _ in api_key.SCOPES] == list(api.SCOPES)


def test_a_key_for_an_auditor_reads_leaves(desk: clock.ManualClock) -> None:
    sealing.seal(sealing.acquire("tests", desk.now()), desk.now())
    key = shown(press(logged_in(), KEYS, label="Auditor", scopes=[api.AUDIT]).content.decode())
    answer = Client(headers={"Authorization": f"Bearer {key}"}).get("/record/leaves?from=0&to=2")
    assert answer.status_code == 200 and unframed(answer.content) == log.leaves(0, 2)


def test_reloading_the_answer_makes_no_second_key() -> None:
    client = logged_in()
    once = fresh_key(client, KEYS)
    assert client.post(KEYS, {**FILLED, "once": once}).status_code == 200
    assert client.post(KEYS, {**FILLED, "once": once})["Location"] == KEYS
    assert models.ApiKey.objects.count() == 1


@pytest.mark.parametrize(
    "changed", [{"label": ""}, {"scopes": []}, {"scopes": ["everything"]}, {"label": "x" * 101}]
)
def test_a_key_needs_a_name_and_something_to_do(changed: dict[str, object]) -> None:
    answer = press(logged_in(), KEYS, **{**FILLED, **changed})
    assert answer.status_code == 422
    assert not models.ApiKey.objects.exists()


def test_a_revoked_key_opens_nothing_and_says_so() -> None:
    client = logged_in()
    key = shown(press(client, KEYS, **FILLED).content.decode())
    prefix = models.ApiKey.objects.get().prefix
    assert client.get(f"{KEYS}{prefix}/revoke/").status_code == 405
    assert api.find(key) is not None
    client.post(f"{KEYS}{prefix}/revoke/")
    assert api.find(key) is None
    assert "revoked 2 March 2026" in client.get(KEYS).content.decode()


def test_the_record_page_says_which_book_this_is_and_how_to_check_it() -> None:
    open_offer()
    body = logged_in().get("/console/record/").content.decode()
    assert "desk.example" in body and "test: no real money" in body
    assert keys.current().receipt_signer.vkey in body
    assert f"<dd>{models.Act.objects.count()}</dd>" in body
    assert "./earnest verify" in body
    assert "Missing:" not in body


def test_the_record_page_raises_an_alarm_when_a_guard_is_gone() -> None:
    with connection.cursor() as cursor:
        on = "" if connection.vendor == "sqlite" else " ON act"
        cursor.execute(f"DROP TRIGGER act_no_delete{on}")
    body = logged_in().get("/console/record/").content.decode()
    assert "Missing: act_no_delete" in body
