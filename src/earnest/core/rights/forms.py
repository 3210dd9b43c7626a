"""The closed set of forms that a rule's steps can have. A country that needs no other is a file of data.

In a step, an argument that is text names a value: a fact that the rule asks for, or what an earlier step gave. Numbers
are themselves. What is text by nature (a calendar, a table, words to choose) is read by `words` and `table`. A step
whose needed values are unknown gives nothing, and what lacked is remembered.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Any, Final, NamedTuple

from earnest.core.money import exponent
from earnest.core.rights import consent, surcharge
from earnest.core.rights.answers import Line, NotComputable
from earnest.core.rights.counting import add_days, add_months, add_working_days
from earnest.core.rights.interest import ACT_365F, ACT_ACT, Accrual, accrual, at_rate, half_up
from earnest.core.rights.law import BadLaw, Calendar, Law, Missing, Rates, Rule, Step

RATE_UNKNOWN: Final = "RATE_UNKNOWN"
#: In a part that could not be worked out: what it lacked.
LACKING: Final = "lacking"


@dataclass
class Work:
    """One rule being worked out: the values so far, by name, and the lines of the computation."""

    law: Law
    rule: Rule
    values: dict[str, Any]
    lines: list[Line] = field(default_factory=list)
    #: For a value that could not be given: the fact, the rate or the calendar that lacked.
    lacking: dict[str, NotComputable] = field(default_factory=dict)
    keeps_lines: bool = True

    def line(self, code: str, **params: object) -> None:
        """Add a line."""
        if self.keeps_lines:
            self.lines.append(Line(code, params))


class Args(NamedTuple):
    """The arguments of one step, and the work it is a part of."""

    work: Work
    given: Mapping[str, Any]

    def get(self, argument: str) -> Any:
        """The value that an argument names; a number is itself; None where there is none."""
        named = self.given.get(argument)
        return self.work.values.get(named) if isinstance(named, str) else named

    def need(self, argument: str) -> Any:
        """As `get`. Raises Missing for a value that is not known."""
        value = self.get(argument)
        if value is None:
            named = str(self.given.get(argument, argument))
            raise Missing(self.work.lacking.get(named) or NotComputable("fact", named))
        return value

    def each(self, argument: str) -> list[Any]:
        """The values that a list of names has, without those that are not known."""
        values = [self.work.values.get(name) for name in self.given[argument]]
        return [value for value in values if value is not None]

    def words(self, argument: str, default: str = "") -> str:
        """Text that stands for itself."""
        return str(self.given.get(argument, default))

    def calendar(self) -> Calendar | None:
        """The calendar that is named, if one is. Raises BadLaw for one that there is not."""
        name = self.given.get("roll") or self.given.get("calendar")
        if name is None:
            return None
        if name not in self.work.law.calendars:
            raise BadLaw(f"{self.work.rule.id}: there is no calendar “{name}”.")
        return self.work.law.calendars[name]

    def rates(self) -> Rates:
        """The table of rates that is named. Raises BadLaw for one that there is not."""
        name = self.given["rates"]
        if name not in self.work.law.rates:
            raise BadLaw(f"{self.work.rule.id}: there is no table of rates “{name}”.")
        return self.work.law.rates[name]

    def reading(self, name: str, default: str = "") -> str:
        """Which reading of an open point is taken: a value of that name, or the rule's default."""
        chosen = self.work.values.get(name)
        if chosen is not None:
            return str(chosen)
        reading = self.work.rule.readings.get(name)
        return reading.default if reading else default


# --- counting


def days(args: Args) -> date:
    """`days` after `from`; with `roll`, on to the next working day of a calendar."""
    since, count = args.need("from"), args.need("days")
    end = add_days(since, count)
    args.work.line("days", start=since, days=count, end=end)
    return _rolled(args, end)


def months(args: Args) -> date:
    """`months` (or `years`) after `from`, on the same numeral; with `roll` as for `days`."""
    since, count = args.need("from"), args.get("months") or 12 * args.need("years")
    end = add_months(since, count)
    args.work.line("months", start=since, months=count, end=end)
    return _rolled(args, end)


def _rolled(args: Args, end: date) -> date:
    calendar = args.calendar()
    rolled = calendar.roll(end) if calendar else end
    if rolled != end:
        args.work.line("rolled", day=end, end=rolled)
    return rolled


def working_days(args: Args) -> date:
    """`days` working days of `calendar` after `from`."""
    since, count, calendar = args.need("from"), args.need("days"), args.calendar()
    assert calendar is not None
    end = add_working_days(since, count, calendar)
    args.work.line("working-days", start=since, days=count, end=end, calendar=calendar.name)
    return end


def days_between(args: Args) -> int:
    """Days from `from` to `until`; none where it is not later."""
    since, until = args.need("from"), args.need("until")
    late: int = max(0, (until - since).days)
    args.work.line("days-between", start=since, end=until, days=late)
    return late


def earliest(args: Args) -> date | None:
    """The earliest of those days that are known."""
    found = args.each("of")
    return min(found) if found else None


def latest(args: Args) -> date | None:
    """The latest of those days that are known."""
    found = args.each("of")
    return max(found) if found else None


def first(args: Args) -> Any:
    """The first of those values that is known."""
    return next(iter(args.each("of")), None)


# --- choosing


def fixed(args: Args) -> Any:
    """A value of the rule's own; a day where it is written as one."""
    value = args.given.get("value")
    return date.fromisoformat(str(value)) if args.words("kind") == "date" else value


def choose(args: Args) -> Any:
    """The first row of `rows` whose `when` holds: its `value`, or what its `take` names."""
    for row in args.given["rows"]:
        if holds(args.work.values, row.get("when", {})):
            return args.work.values.get(row["take"]) if "take" in row else row.get("value")
    return None


def holds(values: Mapping[str, Any], when: Mapping[str, Any]) -> bool:
    """Whether each name has the value that is asked for, or one of several."""
    for name, wanted in when.items():
        value = values.get(name)
        if value != wanted and not (isinstance(wanted, list) and value in wanted):
            return False
    return True


def threshold(args: Args) -> bool:
    """Whether a sum is `over`, `at_least` and `not_over` some limits, in units of `currency`."""
    amount = args.need("of")
    currency = args.words("currency")
    if currency and args.work.values.get("currency", currency) != currency:
        raise Missing(NotComputable("currency", currency))
    over, least, most = (
        None if args.given.get(name) is None else int(args.given[name]) * 10 ** exponent(currency or "EUR")
        for name in ("over", "at_least", "not_over")
    )
    within = (
        (over is None or amount > over)
        and (least is None or amount >= least)
        and (most is None or amount <= most)
    )
    args.work.line("threshold", amount=amount, over=over, at_least=least, not_over=most, within=within)
    return within


def not_after(args: Args) -> bool:
    """Whether `day` is `limit` or before; a limit that is not known has no end."""
    day, limit = args.need("day"), args.get("limit")
    if args.given.get("limit") in args.work.lacking:
        limit = args.need("limit")
    within = limit is None or day <= limit
    args.work.line("not-after" if limit else "no-end", day=day, limit=limit, within=within)
    return within


# --- sums


def multiple(args: Args) -> int:
    """`of` so many `times`."""
    amount, times = args.need("of"), Fraction(str(args.need("times")))
    args.work.line("multiple", amount=amount, times=times, result=half_up(amount * times))
    return half_up(amount * times)


def add(args: Args) -> int:
    """The sum of all that is named in `of`, of which every one must be known."""
    return sum(_all(args), 0)


def subtract(args: Args) -> int:
    """The first of `of` less all others; never below zero."""
    head, *rest = _all(args)
    result: int = max(0, head - sum(rest))
    args.work.line("subtract", amount=head, less=sum(rest), result=result)
    return result


def _all(args: Args) -> list[int]:
    return [Args(args.work, {"x": name}).need("x") for name in args.given["of"]]


def tax_included(args: Args) -> int:
    """The tax in a sum that includes it, at `percent`."""
    amount, percent = args.need("of"), Fraction(args.need("percent"))
    tax = half_up(amount * percent / (100 + percent))
    args.work.line("tax-included", amount=amount, percent=percent, result=tax)
    return tax


def parts(args: Args) -> int:
    """The sum of what several parts, each worked out for itself and rounded once, gave by the name `add`."""
    amounts: list[int] = []
    for part in args.need("parts"):
        if part.get(args.words("add")) is None:
            raise Missing(part.get(LACKING) or NotComputable("fact", args.words("add")))
        amounts.append(part[args.words("add")])
    total = sum(amounts)
    args.work.line("parts", amounts=amounts, result=total)
    return total


# --- interest


def points_over(args: Args) -> Fraction:
    """A base rate and so many points."""
    return Fraction(args.need("base")) + Fraction(str(args.need("points")))


def interest_at(args: Args) -> int:
    """Simple interest on `principal` at `percent` a year for `days`."""
    principal, percent, count = args.need("principal"), Fraction(args.need("percent")), args.need("days")
    if args.reading("day_count", ACT_365F) != ACT_365F:
        raise Missing(NotComputable("fact", "from which day on"))
    interest = half_up(principal * at_rate(percent, count))
    args.work.line("interest-at", principal=principal, percent=percent, days=count, result=interest)
    return interest


def interest(args: Args) -> dict[str, Any]:
    """Simple interest on `principal` by a table of `rates`, from `months` after `from` to `until`.

    `category` is the column. Gives `starts_after`, `days`, `interest`; where a rate is missing, `known` (the
    interest up to there), `error` and `first_missing_day` instead of `interest`.
    """
    since, until = args.need("from"), args.need("until")
    after = add_months(since, args.given.get("months", 0))
    if args.given.get("months"):
        args.work.line("interest-after", paid=since, months=args.given["months"], after=after)
    day_count = args.words("day_count") or args.reading("day_count", ACT_365F)
    if day_count not in (ACT_365F, ACT_ACT):
        raise Missing(NotComputable("day count", day_count))
    category = args.get("category") or "consumer"
    if category not in args.rates().categories:
        raise Missing(NotComputable("category", str(category)))
    found = accrual(args.rates(), category, after, until, day_count)
    principal = args.need("principal")
    amount = half_up(principal * found.factor)
    lines_of(args.work, principal, found, day_count)
    given: dict[str, Any] = {"starts_after": after, "days": found.days, "known": amount}
    if found.missing_from is None:
        return {**given, "interest": amount}
    missing = NotComputable("rate", args.rates().name, found.missing_from)
    args.work.line("rate-missing", table=missing.name, day=found.missing_from)
    return {**given, "error": RATE_UNKNOWN, "first_missing_day": found.missing_from, "interest": missing}


def lines_of(work: Work, principal: int, found: Accrual, day_count: str) -> None:
    """One line for each rate, one for the sum."""
    if not work.keeps_lines:
        return
    for each in found.segments:
        exact = principal * each.percent * each.share / 100
        work.line("interest-segment", principal=principal, percent=each.percent, days=each.days,
                  start=each.since, end=each.until, day_count=day_count, exact=exact)  # fmt: skip
    work.line("interest-sum", result=half_up(principal * found.factor))


# --- what a late refund costs, a delay that was told, a rail that forgets


def tiers(args: Args) -> dict[str, Any]:
    """A surcharge on `base` by `days_late`: `surcharge.py` says how."""
    wanted = args.given.get("tiers_of")
    scale = args.given["tiers"] if wanted is None else _scale_of(args.work, wanted)
    legal = args.rates() if "rates" in args.given else None
    last = args.get("refunded_on")
    late = surcharge.Late(args.need("base"), args.need("days_late"), args.get("deadline"), last)
    options = surcharge.Options(
        legal,
        args.get("category") or "consumer",
        args.reading("first_tier", "flat"),
        args.reading("new_month", "begun"),
        args.get("cap"),
        args.given.get("after"),
        args.reading("flat_rate_of", "highest"),
    )
    found = surcharge.of(late, scale, options)
    args.work.line("tier", **{name: found.get(name) for name in ("percent", "surcharge")}, days=late.days)
    return found


def _scale_of(work: Work, id: str) -> list[dict[str, Any]]:
    """The scale of another rule: the other wording of the same text."""
    rule = work.law.rule(id)
    for step in rule.steps if rule else ():
        if step.form == "tiers":
            scale: list[dict[str, Any]] = step.arguments["tiers"]
            return scale
    raise BadLaw(f"{work.rule.id}: the rule {id} has no tiers.")


def consent_clock(args: Args) -> dict[str, Any]:
    """What silence and answers to a notice of delay come to: `consent.py` says how."""
    told = consent.Told(
        args.need("due"),
        args.get("revised"),
        args.get("answer") or "",
        args.get("answered_on"),
        bool(args.get("shipped")),
    )
    found = consent.of(
        told, int(args.given.get("silent_days", 0)), args.given.get("answer_days"), bool(args.given["first"])
    )
    args.work.line("consent", **found, due=told.due, revised=told.revised, answer=told.answer)
    return found


def age_limit(args: Args) -> date | None:
    """Until when a payment `created` on a day can be paid back over its `rail`; None: no limit is known of."""
    rail = str(args.need("rail")).strip().lower().replace("_", " ").replace("-", " ")
    limits = args.given["limits"]
    if rail not in limits:
        raise Missing(NotComputable("rail", rail))
    limit, created = limits[rail] or {}, args.need("created")
    if "months" in limit:
        return add_months(created, limit["months"])
    return add_days(created, limit["days"]) if "days" in limit else None


Form = Callable[[Args], Any]

FORMS: Final[dict[str, Form]] = {
    each.__name__.replace("_", "-"): each
    for each in (
        days, months, working_days, days_between, earliest, latest, first, fixed, choose, threshold, not_after,
        multiple, add, subtract, tax_included, parts, points_over, interest_at, interest, tiers, consent_clock,
        age_limit,
    )
}  # fmt: skip


def check_forms(law: Law) -> Law:
    """The law itself. Raises BadLaw for a step of a form that there is not, or a value that nobody gives."""
    for rule in law.rules.values():
        known = {*rule.asks, *rule.readings}
        for step in rule.steps:
            if step.form not in FORMS:
                raise BadLaw(
                    f"{rule.id}: there is no form “{step.form}”; there are {', '.join(sorted(FORMS))}."
                )
            known |= set(step.gives.values())
        for name in rule.gives:
            if name not in known:
                raise BadLaw(f"{rule.id}: no step gives “{name}”.")
    return law


def _applies(step: Step, values: Mapping[str, Any]) -> bool:
    for name in step.given:
        if values.get(name) is None:
            return False
    for name in step.absent:
        if values.get(name) is not None:
            return False
    return not step.when or holds(values, step.when)


def run(work: Work, step: Step) -> None:
    """Do one step, if its conditions hold; what it gives is known from here on."""
    if not _applies(step, work.values):
        return
    try:
        found = FORMS[step.form](Args(work, step.arguments))
    except Missing as missing:
        work.lacking.update(dict.fromkeys(step.gives.values(), missing.what))
        return
    for key, name in step.gives.items():
        value = found if key == "" else found.get(key)
        if isinstance(value, NotComputable):
            work.lacking[name] = value
        else:
            work.values[name] = value
            work.lacking.pop(name, None)
