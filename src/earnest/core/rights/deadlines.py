"""The legal limit for paying a refund; our own promise is 24 hours and always comes first."""

from datetime import datetime, timedelta


def refund_limit(residence: str, asked_at: datetime) -> datetime:
    """The latest instant at which a refund asked for at `asked_at` must have been paid.

    14 days from the day the trader is informed (Directive 2011/83/EU art. 13(1); Code de la consommation
    L221-24; UK SI 2013/3134 reg. 34); United States: 7 working days (16 CFR 435.1(b)), of which only
    Saturdays and Sundays are left out here, so a public holiday only makes the limit earlier than the law's.
    Elsewhere, where no limit was looked up yet, 14 days.
    """
    if residence != "US":
        return asked_at + timedelta(days=14)
    limit, left = asked_at, 7
    while left:
        limit += timedelta(days=1)
        left -= limit.weekday() < 5
    return limit
