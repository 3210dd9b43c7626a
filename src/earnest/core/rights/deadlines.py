"""The law's limit for paying a refund, as an instant; our own promise is 24 hours and always comes first."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from earnest.core.rights.facts import WITHDRAWAL, Ended, Facts, Promise
from earnest.core.rights.law import Law
from earnest.core.rights.openings import refund_limit as limit_of


@dataclass(frozen=True)
class Contract:
    """Of a reservation, what the limit depends on: where the buyer lived (ISO 3166) when it was made, and whether as a
    consumer."""

    residence: str
    contract_on: date
    consumer: bool = True


@dataclass(frozen=True)
class Limit:
    """The latest instant at which the money must have been paid, and the rule by which."""

    at: datetime
    rule: str


def refund_limit(
    law: Law,
    contract: Contract,
    asked_at: datetime,
    ended_by: str = WITHDRAWAL,
    failed_at: datetime | None = None,
) -> Limit:
    """The limit of a refund that is owed since `asked_at`; `failed_at`: since when the way back is known to fail.

    Counted from the day in UTC, at the time of day at which it was asked for: a few hours before the law's last day
    ends, wherever the customer lives.
    """
    failed_on = failed_at.date() if failed_at else None
    facts = Facts(
        contract.residence,
        contract.contract_on,
        "EUR",
        0,
        Promise(None),
        consumer=contract.consumer,
        ended=Ended(ended_by, asked_at.date(), failed_on),
    )
    found = limit_of(law, facts, ended_by, asked_at.date())
    if found is None:
        return Limit(asked_at + timedelta(days=14), "")
    return Limit(datetime.combine(found.by_day, asked_at.timetz()), found.ground.rule)
