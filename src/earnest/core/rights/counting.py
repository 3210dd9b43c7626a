"""Counting days, months and working days. The day from which one counts is never counted itself."""

from calendar import monthrange
from datetime import date, timedelta

from earnest.core.rights.law import Calendar


def add_days(day: date, days: int) -> date:
    """So many days later."""
    return day + timedelta(days=days)


def add_months(day: date, months: int) -> date:
    """The same numeral so many months later, or the last day of that month (Code de procédure civile 641)."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def add_working_days(day: date, days: int, calendar: Calendar) -> date:
    """So many working days later. Raises Missing beyond the calendar."""
    left = days
    while left:
        day += timedelta(days=1)
        left -= calendar.works(day)
    return day


def months_between(since: date, until: date) -> tuple[int, int]:
    """(completed, begun) months from one day to a later one; (0, 0) where it is not later."""
    if until <= since:
        return 0, 0
    completed = (until.year - since.year) * 12 + until.month - since.month
    if add_months(since, completed) > until:
        completed -= 1
    return completed, completed + (add_months(since, completed) < until)
