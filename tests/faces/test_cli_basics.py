"""The command line as a whole: its table, its exit codes, and the settings it starts from."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from earnest import cli, config
from earnest.core import refusals
from earnest.management import base

pytestmark = pytest.mark.once
COMMAND_FILES = config.ROOT / "src" / "earnest" / "management" / "commands"
HIDDEN_FILES = {"open_book"}  # `open` prepares the settings and then runs it


def run(*arguments: str, data: Path, **settings: str) -> "subprocess.CompletedProcess[str]":
    """`./earnest ARGUMENTS` in a process of its own, with nothing set but what is given."""
    plain = {
        name: value for name, value in os.environ.items() if not name.startswith(("EARNEST_", "DJANGO_"))
    }
    return subprocess.run(
        [sys.executable, "-P", "-m", "earnest", *arguments],
        env=plain | {"EARNEST_DATA": str(data)} | settings,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_table_and_the_files_name_the_same_commands() -> None:
    files = {file.stem for file in COMMAND_FILES.glob("*.py")} - {"__init__"} - HIDDEN_FILES
    table = {row.name.replace("-", "_") for row in cli.COMMANDS if not row.runs}
    assert table == files


@pytest.mark.parametrize("row", [row for row in cli.COMMANDS if row.runs], ids=lambda row: row.name)
def test_what_the_table_runs_is_there(row: cli.Row) -> None:
    module, function = row.runs.split(":")
    assert callable(getattr(__import__(module, fromlist=[function]), function))


def test_no_command_is_listed_twice() -> None:
    names = [row.name for row in cli.COMMANDS]
    assert len(names) == len(set(names))


def test_help_is_one_screen_with_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["help"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) <= 48
    assert max(len(line) for line in lines) <= 100
    for row in cli.COMMANDS:
        assert any(line[8:].split()[:1] == [row.name] for line in lines)


@pytest.mark.parametrize("name", ["bogus", "../up", "__init__", "no.such", ""])
def test_an_unknown_command_is_one_sentence_and_exit_2(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main([name]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.strip() == f"There is no command {name!r}; `./earnest help` lists them all."


def test_ctrl_c_ends_quietly_with_130(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(arguments: list[str]) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "print_help", interrupted)
    assert cli.main(["help"]) == 130


def test_output_may_end_early() -> None:
    # The reader is gone before the first line is written.
    command = f"(sleep 0.5; {sys.executable} -P -m earnest help) | true; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("command", ["check", "story"])
def test_a_wrong_argument_is_one_sentence_and_exit_2(command: str, tmp_path: Path) -> None:
    done = run(command, "--no-such-option", data=tmp_path)
    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) == 1
    assert f"./earnest {command} --help" in done.stderr


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (base.DoesNotHold("Two rows differ."), 1),
        (base.BadUsage("There is no such file."), 2),
        (base.Refused("Another process holds the book."), 3),
        (refusals.Invalid("bad-amount", "%(text)s is not an amount.", text="x"), 2),
        (refusals.Missing("no-offer", "There is no such offer."), 2),
        (refusals.Refused("sold-out", "All places are taken."), 3),
        (refusals.Forbidden("not-yours", "This is not yours."), 3),
    ],
)
def test_a_failure_is_its_sentence_and_its_exit_code(
    error: Exception, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    class Failing(base.Command):
        reports = True

        def handle(self, *args: object, **options: object) -> None:
            raise error

    with pytest.raises(SystemExit) as stop:
        Failing().run_from_argv(["./earnest", "failing", "--json"])
    said = capsys.readouterr()
    assert stop.value.code == code
    assert said.err == f"{error}\n"
    assert json.loads(said.out) == {"error": str(error)}


def test_a_fault_of_ours_is_not_dressed_up_as_a_refusal() -> None:
    class Broken(base.Command):
        def handle(self, *args: object, **options: object) -> None:
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        Broken().run_from_argv(["./earnest", "broken"])


def test_the_documented_settings_are_the_settings() -> None:
    assert config.table() in (config.ROOT / "docs" / "settings.md").read_text()


def load(tmp_path: Path, given: Mapping[str, str]) -> config.Config:
    database = f"sqlite:///{tmp_path / 'a.sqlite3'}"
    return config.load({"EARNEST_DATA": str(tmp_path), "EARNEST_DATABASE_URL": database, **given})


def test_values_follow_from_one_another(tmp_path: Path) -> None:
    loaded = load(tmp_path, {"EARNEST_BASE_URL": "https://reserve.example.com/"})
    assert loaded.base_url == "https://reserve.example.com"
    assert loaded.origin == "reserve.example.com"
    assert loaded.mail_from == "reservations@reserve.example.com"
    assert loaded.allowed_hosts == ("reserve.example.com", "localhost", "127.0.0.1")
    assert loaded.secret_key == ""  # made once, in the data folder


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("PORT", "80a", "must be a whole number from 1 to 65535, not '80a'"),
        ("PORT", "0", "must be a whole number from 1 to 65535, not '0'"),
        ("PORT", "٣", "must be a whole number from 1 to 65535, not '٣'"),
        ("DEBUG", "maybe", "must be true or false, not 'maybe'"),
        ("SECRET_KEY", "", "is set but empty: give it a value or remove it"),
        ("SECRET_KEY", "  ", "is set but empty: give it a value or remove it"),
        ("STRIPE_SECRET_KEY", "", "is set but empty: give it a value or remove it"),
        ("STRIPE_WEBHOOK_SECRET", "", "is set but empty: give it a value or remove it"),
        ("DATABASE_URL", "mysql://here/x", "must be an address that starts with sqlite:// or postgresql://"),
        ("BASE_URL", "reserve.example.com", "must be an address that starts with http:// or https://"),
        ("BASE_URL", "https://[::1", "must be an address that starts with http:// or https://"),
        ("ORIGIN", "two words", "must be a name without spaces or plus signs, such as reserve.example.com"),
        ("LANGUAGES", "en,tlh", "has tlh, and Earnest speaks en, fr"),
        ("ALLOWED_HOSTS", " , ", "must name at least one, separated by commas"),
        ("LOG_LEVEL", "loud", "must be one of DEBUG, INFO, WARNING, ERROR, not 'loud'"),
        ("PROT", "8000", "is not a setting of Earnest; `./earnest settings` lists them"),
    ],
)
def test_a_setting_that_cannot_be_used_is_one_sentence(
    name: str, value: str, why: str, tmp_path: Path
) -> None:
    with pytest.raises(config.BadSetting) as refused:
        load(tmp_path, {f"EARNEST_{name}": value})
    assert str(refused.value) == f"EARNEST_{name} {why}."


@pytest.mark.parametrize("command", ["check", "settings", "migrate"])
def test_a_bad_setting_ends_a_command_before_it_writes(command: str, tmp_path: Path) -> None:
    data = tmp_path / "data"
    done = run(command, data=data, EARNEST_SECRET_KEY="")
    assert done.returncode == 2
    assert done.stderr == "EARNEST_SECRET_KEY is set but empty: give it a value or remove it.\n"
    assert not data.exists()


def test_settings_are_shown_without_their_secrets(tmp_path: Path) -> None:
    done = run(
        "settings",
        "--json",
        data=tmp_path,
        EARNEST_SECRET_KEY="kept to ourselves",
        EARNEST_DATABASE_URL="postgresql://me:hush@db:5432/book",
        EARNEST_EMAIL_URL="smtp://me:quiet@mail.example:587",
    )
    shown = json.loads(done.stdout)
    assert set(shown) == {setting.variable for setting in config.SETTINGS}
    assert shown["EARNEST_SECRET_KEY"] == "(set)"
    assert shown["EARNEST_DATABASE_URL"] == "postgresql://me:***@db:5432/book"
    assert not any(word in done.stdout for word in ("kept to ourselves", "hush", "quiet"))


def test_the_secret_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    from earnest.secret import kept_secret

    first = kept_secret(tmp_path / "keys")
    assert len(first) >= 48
    assert kept_secret(tmp_path / "keys") == first
    assert (tmp_path / "keys" / "secret").stat().st_mode & 0o777 == 0o600
    assert [file.name for file in (tmp_path / "keys").iterdir()] == ["secret"]


def test_a_spoilt_secret_is_refused_and_not_replaced(tmp_path: Path) -> None:
    from earnest.secret import kept_secret

    (tmp_path / "secret").write_text("short")
    with pytest.raises(OSError, match="holds no usable secret"):
        kept_secret(tmp_path)
    assert (tmp_path / "secret").read_text() == "short"
