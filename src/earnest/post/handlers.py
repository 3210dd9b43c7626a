"""The duties that write mails, and those that only let time pass."""

import hashlib
import logging
from email.message import EmailMessage
from email.utils import parseaddr

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection

from earnest.book import clock, door, duties, mode, models, outbox, reads
from earnest.core.commands.ask_deposit import next_instalment
from earnest.core.commands.lapse import Lapse
from earnest.core.commands.record_mail import RecordMail
from earnest.core.commands.refund import EndHold
from earnest.core.commands.release import Release
from earnest.core.commands.slip_promise import TellSlip
from earnest.core.refusals import Refused
from earnest.core.reservation import CONFIRMED, PLACED, Contact
from earnest.post.letters import TO_OPERATORS, About
from earnest.post.message import build, message_id
from earnest.rails.outward import outward

log = logging.getLogger(__name__)

PAGE = 100
BY_WORKER = {"by": "system", "via": "worker", "person": "worker"}


@duties.handles("mail")
def write(duty: duties.Leased) -> None:
    """Make the mail, keep it, hand it over, and record that it went; each step once, whatever dies in between."""
    number, template = duty.payload["number"], duty.payload["template"]
    state = reads.reservation(number)
    about = About(state, reads.offer(state.offer).offer, dict(duty.payload))
    operators = template in TO_OPERATORS
    contact = state.contact
    if not operators and not isinstance(contact, Contact):
        return  # the address was erased; there is nobody to write to
    to = parseaddr(settings.EARNEST.mail_from)[1] if operators else contact.email  # type: ignore[union-attr]
    language = settings.LANGUAGE_CODE if operators else contact.language  # type: ignore[union-attr]
    raw = outbox.kept(duty.key)
    if raw is None:
        seq = duty.payload.get("seq")
        receipt = reads.receipt("reservation", number, seq)
        raw = build(template, duty.key, about, to, language, receipt).as_bytes()
        outbox.keep(duty.key, number, template, language, message_id(duty.key), raw)
    if not mode.current().is_demo:
        _hand_over(raw, to)
    outbox.sent(duty.key, clock.now())
    if not operators:
        _record(number, template, duty.key, raw, to)


def _hand_over(raw: bytes, to: str) -> None:
    """To Django's mail backend, which takes the exact bytes."""
    with outward():
        get_connection(fail_silently=False).send_messages([_Exact(raw, to)])


class _Exact(EmailMultiAlternatives):
    """A message that is sent as it was kept, byte for byte."""

    def __init__(self, raw: bytes, to: str) -> None:
        super().__init__(from_email=settings.EARNEST.mail_from, to=[to])
        self.raw = raw

    def message(self) -> EmailMessage:  # type: ignore[override]
        """What the backend asks for."""
        from email import message_from_bytes
        from email.policy import SMTP

        parsed = message_from_bytes(self.raw, policy=SMTP)
        assert isinstance(parsed, EmailMessage)
        return parsed


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
    door.do_one(EndHold(**BY_WORKER, number=duty.payload["number"], refund=duty.payload["refund"]))


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
        told = sum(isinstance(outcome, door.Done) for outcome in outcomes)
        payload |= {"after": page[-1][0], "told": payload.get("told", 0) + told}
        duties.advance(duty, payload, clock.now())
