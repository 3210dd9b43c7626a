"""The duties that write mails, and those that only let time pass."""

import hashlib
import logging
from dataclasses import dataclass
from email.utils import parseaddr
from smtplib import SMTPException
from typing import Any, Final

from django.conf import settings
from django.core.mail import get_connection

from earnest.book import clock, door, duties, mode, models, outbox, reads
from earnest.core.commands.answer_slip import HearSilence
from earnest.core.commands.ask_deposit import next_instalment
from earnest.core.commands.lapse import Lapse
from earnest.core.commands.record_mail import RecordMail
from earnest.core.commands.refund import EndHold
from earnest.core.commands.release import Release
from earnest.core.commands.slip_promise import TellSlip
from earnest.core.commands.succeed import TellSuccession
from earnest.core.refusals import Refusal, Refused
from earnest.core.reservation import CONFIRMED, PLACED, Contact, Reservation, contact_of
from earnest.post.letters import TO_OPERATORS, About, Overtaken
from earnest.post.letters_heirs import TO_THE_BEREAVED
from earnest.post.letters_passing import TO_THE_EARLIER, TO_THE_OTHER
from earnest.post.message import Undeliverable, build, message_id
from earnest.post.parcel import Parcel
from earnest.rails.outward import outward

log = logging.getLogger(__name__)

PAGE = 100
BY_WORKER: Final[dict[str, Any]] = {"by": "system", "via": "worker", "person": "worker"}


@dataclass(frozen=True)
class Reader:
    """Who a mail is for; `holder` by whose key it is kept, `named` what the act says of the address (empty: itself)."""

    to: str
    language: str
    is_holder: bool
    holder: int = 0
    named: str = ""


def reader(template: str, state: Reservation, seq: int | None = None) -> Reader | None:
    """The holder, or the maker's own people; nobody where the address was erased.

    Raises Overtaken for a letter about what act `seq` did while the reservation was somebody else's, and for nearly all
    letters to somebody who has died.
    """
    if template in TO_OPERATORS:
        return Reader(parseaddr(settings.EARNEST.mail_from)[1], settings.LANGUAGE_CODE, False)
    if seq is not None and seq < state.span(state.holder)[0]:
        raise Overtaken("the reservation has gone to somebody else since")
    contact, holder, named = state.contact, state.holder, ""
    if state.died and template not in TO_THE_BEREAVED:
        raise Overtaken("its holder has died")
    if template in (TO_THE_OTHER, *TO_THE_EARLIER) and seq is not None:
        acts = [read.act for read in reads.acts("reservation", state.number)]
        if template == TO_THE_OTHER:
            to, language = acts[seq].get("to"), acts[seq].get("to_language")
            return Reader(to, str(language), True, holder) if isinstance(to, str) else None
        holder -= 1
        # The new holder's story shows that it was written, and not to which address.
        contact, named = contact_of(acts[state.span(holder)[0]]), f"holder:{holder}"
    return (
        Reader(contact.email, contact.language, True, holder, named) if isinstance(contact, Contact) else None
    )


@duties.handles("mail")
def write(duty: duties.Leased) -> None:
    """Make the mail, keep it, hand it over, and record that it went; each step once, whatever dies in between."""
    number, template = duty.payload["number"], duty.payload["template"]
    state = reads.reservation(number)
    try:
        to = reader(template, state, duty.payload.get("seq"))
        if to is None:
            return
        if outbox.kept_for(duty.key, to.holder) is False:
            raise Overtaken("it was written to an earlier holder")
        raw = outbox.kept(duty.key) or _make(duty, state, to)
    except Overtaken as why:
        log.info("%s is not written: %s", duty.key, why)
        outbox.withdraw(duty.key)
        return
    except Undeliverable as error:
        raise duties.Park(str(error)) from None
    hand_over(duty.key, raw, to.to)
    if to.is_holder:
        _record(number, template, duty.key, raw, to.named or to.to)


def _make(duty: duties.Leased, state: Reservation, to: Reader) -> bytes:
    number, template = duty.payload["number"], duty.payload["template"]
    about = About(state, reads.offer(state.offer).offer, dict(duty.payload))
    receipt = reads.receipt("reservation", number, duty.payload.get("seq"))
    raw = build(template, duty.key, about, to.to, to.language, receipt).as_bytes()
    said = message_id(duty.key)
    outbox.keep(duty.key, number, template, to.language, said, raw, to_holder=to.is_holder, holder=to.holder)
    return raw


def hand_over(key: str, raw: bytes, to: str) -> None:
    """A mail that was kept goes to Django's mail backend, byte for byte, unless it went already."""
    mails = models.Mail.objects.filter(key=key)
    if not mode.current().is_demo and not mails.filter(status="sent").exists():
        try:
            with outward():
                get_connection(fail_silently=False).send_messages([Parcel(raw, to)])
        except (OSError, SMTPException) as error:
            mails.update(error=str(error)[:500])
            raise
    outbox.sent(key, clock.now())


def _record(number: str, template: str, key: str, raw: bytes, to: str) -> None:
    said = message_id(key)
    once = door.Idempotency("worker", "mail.sent", said, "")
    command = RecordMail(
        **BY_WORKER,
        number=number,
        template=template,
        message_id=said,
        sha256=hashlib.sha256(raw).hexdigest(),
        to=to,
    )
    door.do_one(command, once)


@duties.handles("remind")
def remind(duty: duties.Leased) -> None:
    """Only if that deposit is still not there and the place still lives."""
    state = reads.reservation(duty.payload["number"])
    part, _ = next_instalment(state)
    if part is None or part.n > duty.payload["instalment"] or state.status not in (PLACED, CONFIRMED):
        return
    payload = {**duty.payload, "template": "remind"}
    write(duties.Leased(duty.id, "mail", duty.key, duty.due_at, payload, duty.attempts, duty.lease_no))


@duties.handles("lapse")
def lapse(duty: duties.Leased) -> None:
    """The place was not paid for in time."""
    number = duty.payload["number"]
    try:
        door.do_one(Lapse(**BY_WORKER, number=number))
    except Refused as refusal:
        if refusal.code != "hold-runs":
            raise
        raise duties.Later(reads.reservation(number).hold_until) from None


@duties.handles("release")
def release(duty: duties.Leased) -> None:
    """A cancelled place has been kept long enough."""
    door.do_one(Release(**BY_WORKER, number=duty.payload["number"], cause=duty.payload["cause"]))


@duties.handles("hold_over")
def hold_over(duty: duties.Leased) -> None:
    """The hold on a new account is over."""
    number, n = duty.payload["number"], duty.payload["refund"]
    try:
        door.do_one(EndHold(**BY_WORKER, number=number, refund=n))
    except Refused as refusal:
        refund = reads.reservation(number).refund(n)
        if refusal.code != "hold-runs" or refund is None or refund.until is None:
            raise
        raise duties.Later(refund.until) from None


@duties.handles("tell_slip")
def tell_slip(duty: duties.Leased) -> None:
    """Page through the holders of an offer; what was told stays told, and a new worker goes on where one stopped."""
    payload = dict(duty.payload)
    waiting = models.Reservation.objects.filter(offer__slug=payload["offer"]).order_by("queue_no")
    while True:
        page = list(
            waiting.filter(queue_no__gt=payload.get("after", 0)).values_list("queue_no", "number")[:PAGE]
        )
        if not page:
            return
        outcomes = door.do(
            [door.Request(TellSlip(**BY_WORKER, number=number, slip=payload["slip"])) for _, number in page]
        )
        for outcome in outcomes:
            if isinstance(outcome, Refusal):
                raise outcome  # who was told is not told again, and nobody is passed over
        told = sum(isinstance(outcome, door.Done) for outcome in outcomes)
        payload |= {"after": page[-1][0], "told": payload.get("told", 0) + told}
        duties.advance(duty, payload, clock.now())


@duties.handles("slip_silence")
def hear_silence(duty: duties.Leased) -> None:
    """The day has come until which a slip could be answered."""
    number, slip = duty.payload["number"], duty.payload["slip"]
    try:
        door.do_one(HearSilence(**BY_WORKER, number=number, slip=slip))
    except Refused as refusal:
        until = next((each.answer_by for each in reads.reservation(number).told if each.slip == slip), None)
        if refusal.code != "answer-runs" or until is None:
            raise
        raise duties.Later(until) from None


@duties.handles("tell_succession")
def tell_succession(duty: duties.Leased) -> None:
    """Page through all holders of the book; what was told stays told."""
    payload = dict(duty.payload)
    said: dict[str, Any] = {name: payload[name] for name in ("seq", "was", "name", "kind")}
    everybody = models.Reservation.objects.order_by("number")
    while page := list(
        everybody.filter(number__gt=payload.get("after", "")).values_list("number", flat=True)[:PAGE]
    ):
        outcomes = door.do(
            [door.Request(TellSuccession(**BY_WORKER, number=number, **said)) for number in page]
        )
        for outcome in outcomes:
            if isinstance(outcome, Refusal):
                raise outcome
        payload |= {"after": page[-1]}
        duties.advance(duty, payload, clock.now())
