"""Every worked case of the rules agrees, and one that is wrong is found."""

import json
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earnest.book.law_files import packaged, read_yaml
from earnest.cli import main
from earnest.core.rights.cases import check

CASES = Path(__file__).with_name("cases.yaml")
pytestmark = pytest.mark.once


def one(rule: str, inputs: dict[str, Any], expected: dict[str, Any]) -> Any:
    (checked,) = check(
        packaged(), {"cases": [{"id": "x", "rule": rule, "inputs": inputs, "expected": expected}]}
    )
    return checked


def given_by(rule: str, inputs: dict[str, Any], key: str) -> Any:
    """What the engine gives for one key, as a file would write it."""
    return one(rule, inputs, {key: None}).compared[0].given


def test_every_case_agrees() -> None:
    checked = check(packaged(), read_yaml(CASES.read_text()))
    assert len(checked) > 100
    assert [each for each in checked if not each.agreed] == []


def test_a_figure_that_is_a_cent_off_does_not_agree() -> None:
    inputs = {
        "sums_paid": "5000.00",
        "currency": "EUR",
        "refund_deadline": "2026-03-16",
        "refunded_on": "2026-03-31",
    }
    assert one("fr-l241-4", inputs, {"surcharge": "1000.00"}).agreed
    assert not one("fr-l241-4", inputs, {"surcharge": "1000.01"}).agreed
    assert not one("fr-l241-4", inputs, {"surcharge": None}).agreed


@pytest.mark.parametrize(
    ("rule", "inputs", "expected", "said"),
    [
        ("fr-l999", {}, {}, "There is no rule “fr-l999”."),
        ("fr-cc-2224", {}, {}, "computes nothing"),
        ("fr-l216-7", {"moon": "full"}, {}, "asks for no “moon”"),
        (
            "fr-l216-7",
            {"resolution_notice_received_on": "soon"},
            {"refund_deadline": "2026-01-01"},
            "is no date",
        ),
        ("fr-l216-7", {}, {"moon": "full"}, "gives no “moon”"),
        ("fr-l216-7", {"sums_paid": "5.001"}, {}, "is no money"),
        ("fr-l214-2", {"parts": ["nobody"]}, {"interest": "0.00"}, "There is no case “nobody”"),
    ],
)
def test_what_cannot_be_worked_out_gets_one_sentence(
    rule: str, inputs: dict[str, Any], expected: dict[str, Any], said: str
) -> None:
    checked = one(rule, inputs, expected)
    assert not checked.agreed and said in checked.trouble


def test_the_command_says_what_agrees(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["rights", "check", str(CASES)]) == 0
    assert "cases agree." in capfd.readouterr().out
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text(
        "cases: [{id: a, rule: de-bgb-357, inputs: {widerruf_received_on: 2026-03-02},"
        " expected: {refund_deadline: 2026-03-17}}]"
    )
    assert main(["rights", "check", str(wrong), "--json"]) == 1
    (result,) = json.loads(capfd.readouterr().out.split('\n{"error"')[0])["results"]
    assert result["compared"] == [
        {"key": "refund_deadline", "expected": "2026-03-17", "given": "2026-03-16", "agreed": False}
    ]


@pytest.mark.parametrize(
    "text", ["cases: [", "cases: 5", "[]", "", "cases: [{id: a}]", "cases: [[1]]", "{a: *b}"]
)
def test_a_file_that_holds_no_cases_is_refused(text: str, tmp_path: Path) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_text(text)
    assert main(["rights", "check", str(bad)]) == 2


def test_a_file_that_is_not_there_or_no_text_is_refused(tmp_path: Path) -> None:
    assert main(["rights", "check", str(tmp_path / "none.yaml")]) == 2
    (tmp_path / "noise.yaml").write_bytes(bytes(range(128, 256)))
    assert main(["rights", "check", str(tmp_path / "noise.yaml")]) == 2


# --- figures follow their inputs: each compared with a reckoning of another kind

DAYS = st.dates(date(2009, 1, 1), date(2026, 6, 30))
MINOR = st.integers(0, 10**9)


def units(minor: int) -> str:
    return f"{minor // 100}.{minor % 100:02d}"


def day_by_day(minor: int, since: date, until: date, category: str) -> Fraction:
    """Interest one day at a time, by a linear search of the table."""
    total = Fraction(0)
    for ordinal in range(since.toordinal() + 1, until.toordinal() + 1):
        day = date.fromordinal(ordinal)
        (rate,) = (
            each.percent[category]
            for each in packaged().rates["fr-legal-interest"].periods
            if each.since <= day <= each.until
        )
        total += minor * rate / 100 / 365
    return total


@given(MINOR, DAYS, st.integers(0, 900), st.sampled_from(["consumer", "other"]))
def test_interest_is_what_one_gets_day_by_day(minor: int, paid: date, days: int, creditor: str) -> None:
    until = min(date.fromordinal(paid.toordinal() + days), date(2026, 6, 30))
    inputs = {
        "principal": units(minor), "currency": "EUR", "paid_on": paid.isoformat(),
        "accrues_until": until.isoformat(), "creditor": creditor,
    }  # fmt: skip
    month = paid.month + 3
    year, month = (paid.year + 1, month - 12) if month > 12 else (paid.year, month)
    after = next(found for day in range(paid.day, 0, -1) if (found := _date(year, month, day)) is not None)
    exact = day_by_day(minor, after, until, creditor)
    rounded = int(exact + Fraction(1, 2))
    assert given_by("fr-l214-2", inputs, "interest_starts_after") == after.isoformat()
    assert given_by("fr-l214-2", inputs, "interest") == units(rounded)


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


@given(MINOR, DAYS, st.integers(-5, 200))
def test_a_surcharge_follows_the_days_late(minor: int, deadline: date, days: int) -> None:
    inputs = {
        "sums_paid": units(minor), "currency": "EUR", "refund_deadline": deadline.isoformat(),
        "refunded_on": date.fromordinal(deadline.toordinal() + days).isoformat(),
    }  # fmt: skip
    for rule, first, second in (("fr-l241-4", 14, 30), ("fr-l241-4-v2016", 30, 60)):
        percent = 0 if days <= 0 else 10 if days <= first else 20 if days <= second else 50
        assert given_by(rule, inputs, "days_late") == max(0, days)
        assert given_by(rule, inputs, "surcharge_percent") == str(percent)
        assert given_by(rule, inputs, "surcharge") == units((minor * percent * 2 + 100) // 200)


@given(st.dates(date(2010, 1, 1), date(2044, 1, 1)))
def test_seven_working_days_leave_out_week_ends_and_holidays(asked: date) -> None:
    calendar = packaged().calendars["US"]
    end = date.fromisoformat(
        given_by("us-ftc-435-refund", {"cancel_received_on": asked.isoformat()}, "refund_sent_by")
    )
    between = [date.fromordinal(each) for each in range(asked.toordinal() + 1, end.toordinal() + 1)]
    assert sum(day.weekday() < 5 and day not in calendar.holidays for day in between) == 7
    assert end.weekday() < 5 and end not in calendar.holidays


@given(st.dates(date(2010, 1, 1), date(2044, 1, 1)))
def test_a_withdrawal_period_never_ends_on_a_day_of_rest(delivered: date) -> None:
    end = date.fromisoformat(given_by("fr-l221-19", {"delivered_on": delivered.isoformat()}, "period_ends"))
    assert 14 <= (end - delivered).days <= 18
    assert packaged().calendars["FR"].works(end)
