"""`./earnest operator`: logins from the command line."""

import io
import json

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command

from earnest.core.refusals import Invalid, Missing, Refused
from earnest.management.base import BadUsage

pytestmark = pytest.mark.django_db


def run(*arguments: str, **options: object) -> str:
    out = io.StringIO()
    call_command("operator", *arguments, stdout=out, **options)
    return out.getvalue()


def test_add_prints_a_password_that_opens_once() -> None:
    said = json.loads(run("add", "ana", email="ana@example.org", json=True))
    user = User.objects.get(username="ana")
    assert user.check_password(said["password"]) and user.is_staff and not user.is_superuser
    assert user.email == "ana@example.org"
    assert said["one_time"] is True
    assert user.groups.filter(name="one-time password").exists()


def test_add_takes_a_password_from_standard_input_and_does_not_print_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("under the old pear tree\n"))
    said = run("add", "ana", stdin=True)
    assert "pear" not in said
    user = User.objects.get(username="ana")
    assert user.check_password("under the old pear tree")
    assert not user.groups.exists()


def test_nothing_on_standard_input_is_bad_usage(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    with pytest.raises(BadUsage):
        run("add", "ana", stdin=True)
    assert not User.objects.exists()


def test_a_weak_password_is_refused_and_nobody_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("password123\n"))
    with pytest.raises(Invalid):
        run("add", "ana", stdin=True)
    assert not User.objects.exists()


@pytest.mark.parametrize("name", ["Ana", "a b", "", ".ana", "x" * 31, "ana\n"])
def test_a_name_that_would_not_read_well_in_acts_is_refused(name: str) -> None:
    with pytest.raises(Invalid):
        run("add", name)
    assert not User.objects.exists()


def test_a_name_is_given_once() -> None:
    run("add", "ana")
    with pytest.raises(Refused):
        run("add", "ana")


def test_another_password_replaces_the_first() -> None:
    first = json.loads(run("add", "ana", json=True))["password"]
    second = json.loads(run("password", "ana", json=True))["password"]
    user = User.objects.get(username="ana")
    assert first != second
    assert user.check_password(second) and not user.check_password(first)


def test_closing_takes_the_login_away_and_keeps_the_name() -> None:
    run("add", "ana")
    run("close", "ana")
    assert not User.objects.get(username="ana").is_active
    with pytest.raises(Missing):
        run("password", "ana")
    with pytest.raises(Refused):
        run("add", "ana")
