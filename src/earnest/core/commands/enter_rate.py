"""An operator enters a rate of interest that a decree has set: the law's table goes on from there."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Final

from earnest.core.commands.base import NOTHING, Chapter, Command, Decision, Ref, World
from earnest.core.operator import EnteredRate, Register
from earnest.core.refusals import Invalid, Refused
from earnest.core.rights.law import Rates

LAW: Final = Ref("law", "book")
#: No legal rate is near it: what is more is a slip of the finger.
_MOST: Final = 50


@dataclass(frozen=True, kw_only=True)
class EnterRate(Command):
    """`percent` is per cent a year for each category of the table, `source` where it was read: decree and date.

    Days that were entered before by the same two ends are corrected; days of the package's own table are not.
    """

    rates: str
    since: date
    until: date
    percent: tuple[tuple[str, str], ...]
    source: str

    def ref(self) -> Ref:
        """The law, as this book applies it."""
        return LAW

    def decide(self, world: World) -> Decision:
        """Said again, it is so already. Raises Invalid, and Refused for days that have a rate."""
        table = world.the_law().rates.get(self.rates)
        if table is None:
            known = ", ".join(sorted(world.the_law().rates))
            raise Invalid("rates", "There is no table of rates “%(given)s”; there are %(known)s.",
                          given=self.rates[:40], known=known)  # fmt: skip
        self._check(table)
        before = self._before(world.register or Register())
        if before and (before.percent, before.source) == (self._percent(table), self.source.strip()):
            return NOTHING
        if before is None and any(
            each.since <= self.until and self.since <= each.until for each in table.periods
        ):
            raise Refused("rate-known", "Days from %(since)s to %(until)s have a rate already.",
                          since=self.since.isoformat(), until=self.until.isoformat())  # fmt: skip
        chapter = Chapter(self, world)
        chapter.say(
            "law.rate_entered",
            rates=self.rates,
            first_day=self.since.isoformat(),
            last_day=self.until.isoformat(),
            percent=[{"category": name, "percent": value} for name, value in self._percent(table)],
            reference=self.source.strip(),
            corrects=before.seq if before else None,
        )
        return chapter.decision()

    def _before(self, register: Register) -> EnteredRate | None:
        wanted = (self.rates, self.since, self.until)
        return next((each for each in register.rates if (each.rates, each.since, each.until) == wanted), None)

    def _percent(self, table: Rates) -> tuple[tuple[str, str], ...]:
        given = dict(self.percent)
        return tuple((name, given[name]) for name in table.categories)

    def _check(self, table: Rates) -> None:
        if self.until < self.since:
            raise Invalid("rate-days", "The last day of a rate is not before its first.")
        if not self.source.strip():
            raise Invalid("rate-source", "Say where the rate was read: the decree and its date.")
        given = dict(self.percent)
        if set(given) != set(table.categories) or len(given) != len(self.percent):
            raise Invalid("rate-categories", "A rate is given for each of: %(known)s.",
                          known=", ".join(table.categories))  # fmt: skip
        for value in given.values():
            if not re.fullmatch(r"[0-9]{1,2}(\.[0-9]{1,4})?", value) or float(value) > _MOST:
                raise Invalid(
                    "rate", "“%(given)s” is not a rate such as 6.67 (per cent a year).", given=value[:40]
                )
