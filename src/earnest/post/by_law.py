"""What the law adds to a refund, once the principal has left; and the alarm for a rate that nobody has entered.

What can be worked out is owed at once. For the rest the duty looks again each day, and at once when a rate is entered.
"""

from datetime import date, datetime, timedelta
from typing import Final

from earnest.book import clock, door, duties, law, models, reads
from earnest.core.commands.base import Duty
from earnest.core.commands.owe_by_law import OweByLaw, added
from earnest.core.rights.answers import NotComputable
from earnest.post.handlers import BY_WORKER

KIND: Final = "owe_by_law"
MISSING: Final = "rate_missing"
#: Who is to enter it (a role of the console).
OWNER: Final = "finance"
_AGAIN: Final = timedelta(days=1)


@duties.handles(KIND)
def owe(duty: duties.Leased) -> None:
    """Owe what is known, and look again while something is not."""
    number, n = duty.payload["number"], duty.payload["refund"]
    door.do_one(OweByLaw(**BY_WORKER, number=number, refund=n))
    lacking = _lacking(number, n)
    if lacking:
        duties.insert([_alarm(each, clock.now()) for each in lacking])
        raise duties.Later(clock.now() + _AGAIN)


def _lacking(number: str, n: int) -> tuple[NotComputable, ...]:
    state = reads.reservation(number)
    refund = state.refund(n)
    if refund is None:
        return ()
    acts = [each.act for each in reads.acts("reservation", number)]
    found = added(law.current(), state, reads.offer(state.offer).offer, acts, refund)
    return tuple(each.missing for each in found if each.missing)


def _alarm(missing: NotComputable, now: datetime) -> Duty:
    about = {"what": said(missing), "owner": OWNER, "table": missing.name}
    return Duty(MISSING, f"{MISSING}/{missing.name}/{missing.first_missing_day}", now, about)


def said(missing: NotComputable) -> str:
    """What lacks, for people."""
    return (
        f"for {OWNER}: from {missing.first_missing_day} on, no rate of {missing.name} was entered; "
        "`./earnest rights rate add` enters it, and what is owed by it is paid then"
    )


@duties.handles(MISSING)
def alarm(duty: duties.Leased) -> None:
    """An alarm, until the rate is there."""
    raise duties.Park(duty.payload["what"])


def rate_entered(table: str) -> None:
    """A rate is there: its alarms are over, and what waited for it is looked at now."""
    now, rates = clock.now(), law.current().rates[table]
    for row in models.Duty.objects.filter(kind=MISSING, key__startswith=f"{MISSING}/{table}/"):
        if rates.period(date.fromisoformat(row.key.rsplit("/", 1)[1])):
            duties.over(row.key, now)
    models.Duty.objects.filter(kind=KIND, state="waiting").update(due_at=now)
