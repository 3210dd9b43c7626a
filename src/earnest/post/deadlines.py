"""The clocks of refunds: at half, at nine tenths, at the promise and at the law's limit something happens.

Each open refund has one duty that strikes its steps one after the other. What the maker's people are told is gathered:
one mail in a quarter of an hour for each kind of step, however many refunds came to it.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, time, timedelta
from email.utils import parseaddr
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from earnest.book import clock, door, duties, lists, mode, models, outbox, reads
from earnest.core.commands.base import Duty
from earnest.core.commands.miss_deadline import MissDeadline
from earnest.core.deadline import HALF, LAW, LIMITS, NEARLY, PROMISE, Step, following, steps, struck
from earnest.core.refund import REFUSED, RETURNED, RUNNING, WAITING, Refund
from earnest.core.retention import night_after
from earnest.post.handlers import BY_WORKER, hand_over
from earnest.post.letters import Letter
from earnest.post.message import message_id, to_operators
from earnest.post.words import moment, money

#: Mails that are about no single reservation, as the outbox names them.
TEMPLATES: Final = ("deadline_half", "deadline_nine_tenths", "deadline_promise", "deadline_law")
#: What is gathered into one mail.
QUARTER: Final = timedelta(minutes=15)
#: So many refunds are named in a mail; the console has them all.
NAMED: Final = 20
_WATCHED: Final = (*RUNNING, WAITING, REFUSED, RETURNED)
HOUR: Final = 4


@duties.handles("refund_clock")
def strike(duty: duties.Leased) -> None:
    """The steps that this refund has come to; then it waits for the next one."""
    number, n, seq = duty.payload["number"], duty.payload["refund"], duty.payload["seq"]
    refund = reads.reservation(number).refund(n)
    if refund is None or refund.status not in _WATCHED:
        return
    acts = [read.act for read in reads.acts("reservation", number)]
    if seq < newest_owed(acts, n):
        return  # it was owed anew since, and that clock goes on
    found, now = steps(acts[seq].at, refund.due_at, refund.legal_due_at), clock.now()
    for limit in LIMITS:
        if any(each.name == limit and each.at <= now for each in found):
            door.do_one(MissDeadline(**BY_WORKER, number=number, refund=n, limit=limit))
    last = struck(found, now)
    if last is not None and last.name != duty.payload.get("told"):
        _tell(duty, last, refund, now)
    after = following(found, now)
    if after is not None:
        raise duties.Later(after.at)


def _tell(duty: duties.Leased, step: Step, refund: Refund, now: datetime) -> None:
    """The maker's people hear of it, once; of what waits for its holder only when the law's limit has passed."""
    slot = int(now.timestamp() // QUARTER.total_seconds())
    due_at = datetime.fromtimestamp((slot + 1) * QUARTER.total_seconds(), UTC)
    with transaction.atomic():
        if refund.status in RUNNING or (step.name == LAW and not refund.waits_for_heirs):
            duties.insert(
                [Duty("tell_operators", f"tell_operators/{step.name}/{slot}", due_at, {"step": step.name})]
            )
        duties.advance(duty, {**duty.payload, "told": step.name}, now)


def newest_owed(acts: Iterable[Any], n: int) -> int:
    """The act that began the present clock of refund `n`."""
    return max((act.seq for act in acts if act.type == "refund.owed" and act.get("refund") == n), default=0)


@duties.handles("tell_operators")
def tell_operators(duty: duties.Leased) -> None:
    """One mail to the maker's people about all refunds at a step; kept, handed over, and never made twice."""
    to = parseaddr(settings.EARNEST.mail_from)[1]
    language, template = settings.LANGUAGE_CODE, f"deadline_{duty.payload['step'].replace('-', '_')}"
    raw = outbox.kept(duty.key)
    if raw is None:
        found = late(duty.payload["step"], clock.now())
        if not found:
            return
        raw = to_operators(lambda: letter(duty.payload["step"], found), duty.key, to, language).as_bytes()
        outbox.keep(duty.key, "", template, language, message_id(duty.key), raw, to_holder=False)
    hand_over(duty.key, raw, to)


def late(step: str, now: datetime) -> list[lists.RefundRow]:
    """Open refunds that have come to a step and to no later one, the most urgent first."""
    found = []
    for row in lists.open_unnamed():
        refund = row.refund
        if step == LAW:
            hit = refund.legal_due_at <= now and not refund.waits_for_heirs
        elif refund.status not in RUNNING or refund.legal_due_at <= now:
            hit = False
        elif step == PROMISE:
            hit = refund.due_at <= now
        else:
            last = struck(steps(refund.owed_at, refund.due_at, refund.legal_due_at), now)
            hit = last is not None and last.name == step
        if hit:
            found.append(row)
    return found


def letter(step: str, found: list[lists.RefundRow]) -> Letter:
    """What stands in it: how many, which come first, and where to go."""
    n = len(found)
    said = {
        HALF: ngettext(
            "%(n)d refund has used half of its time.", "%(n)d refunds have used half of their time.", n
        ),
        NEARLY: ngettext(
            "%(n)d refund has used nine tenths of its time.",
            "%(n)d refunds have used nine tenths of their time.",
            n,
        ),
        PROMISE: ngettext(
            "%(n)d refund is later than we promised. Its holder was told.",
            "%(n)d refunds are later than we promised. Their holders were told.",
            n,
        ),
        LAW: ngettext(
            "%(n)d refund is past the law's limit. Its holder was told.",
            "%(n)d refunds are past the law's limit. Their holders were told.",
            n,
        ),
    }[step] % {"n": n}
    facts = [
        (
            f"{row.number}/{row.refund.n}",
            _("%(amount)s, due %(due)s")
            % {
                "amount": money(row.refund.amount_minor, row.refund.currency),
                "due": moment(row.refund.due_at),
            },
        )
        for row in found[:NAMED]
    ]
    if n > NAMED:
        facts.append((_("And more"), str(n - NAMED)))
    address = f"{settings.EARNEST.base_url}/console/refunds/"
    return Letter(
        said, [_("The console has them all, the most urgent first.")], (_("Open the refunds"), address), facts
    )


def arm() -> None:
    """There is always one sweep to come, which finds refunds that no clock watches."""
    coming = models.Duty.objects.filter(kind="refund_sweep", state="waiting")
    if mode.exists() and not coming.exists():
        duties.insert([_sweep(clock.now(), clock.now())])


@duties.handles("refund_sweep")
def sweep(duty: duties.Leased) -> None:
    """Every open refund has its clock; one that came from a backup or an older version gets it now."""
    now = clock.now()
    for row in lists.open_unnamed():
        if row.refund.status not in _WATCHED:
            continue
        acts = [read.act for read in reads.acts("reservation", row.number)]
        seq = newest_owed(acts, row.refund.n)
        payload = {"number": row.number, "refund": row.refund.n, "seq": seq}
        duties.insert([Duty("refund_clock", f"refund_clock/{row.number}/{row.refund.n}/{seq}", now, payload)])
        duties.renew(duty, now)
    night = datetime.combine(night_after(now), time(HOUR), UTC)
    duties.insert([_sweep(night, night)])


def _sweep(at: datetime, due_at: datetime) -> Duty:
    return Duty("refund_sweep", f"refund_sweep/{at.isoformat()}", due_at, {})
