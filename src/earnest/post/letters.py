"""Each mail in words: subject, paragraphs, and the one link it is about.

A letter says what happened, what it means, what there is to do and by when; a signature and the way out stand
under all of them.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from earnest.book import clock, links, reads
from earnest.core import creditor_reference, payee
from earnest.core.acts import Act
from earnest.core.commands.ask_deposit import next_instalment
from earnest.core.commands.paid_twice import twin
from earnest.core.off_premises import first_payment
from earnest.core.offer import Instalment, Offer
from earnest.core.refund import Refund
from earnest.core.reservation import BankDetails, Contact, Reservation
from earnest.post.words import day, moment, money, window


class Overtaken(Exception):
    """What the letter would have said is no longer so, and another letter says what is."""


@dataclass
class Letter:
    """What a template turns into text and HTML. `facts` are label and value, one a line; `choices` words and link."""

    subject: str
    paragraphs: list[str]
    action: tuple[str, str] | None = None
    facts: list[tuple[str, str]] = field(default_factory=list)
    choices: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True)
class About:
    """What a letter may speak of."""

    state: Reservation
    offer: Offer
    payload: dict[str, Any]

    @property
    def title(self) -> str:
        """The offer's name in the reader's language."""
        contact = self.state.contact
        language = contact.language if isinstance(contact, Contact) else "en"
        return self.offer.version(self.state.version).text(language).title

    @property
    def refund(self) -> Refund:
        """The refund that the letter is about."""
        found = self.state.refund(int(self.payload["refund"]))
        if found is None:
            raise ValueError("no such refund")
        return found

    @property
    def act(self) -> Act:
        """The act that the letter is about."""
        return reads.acts("reservation", self.state.number)[int(self.payload["seq"])].act

    def portal(self, page: str = "") -> str:
        """A link that opens the reservation; `page` names one inside it."""
        token = links.make("portal", self.state.number, page, holder=self.state.holder)
        return f"{settings.EARNEST.base_url}/link/{token}/"


def placed(about: About) -> Letter:
    """The place is held; what is to be paid, how and by when."""
    state = about.state
    part, amount_minor = next_instalment(state)
    facts = facts_of(about)
    paragraphs = [
        _("You have reserved “%(title)s”. Your number in the queue is %(queue)d.")
        % {"title": about.title, "queue": state.queue}
    ]
    if wait := may_pay_from(about):
        paragraphs.append(wait)
    elif part and part.rail == "transfer":
        paragraphs.append(
            _("Please transfer %(amount)s with the reference %(number)s. Your place is held until %(until)s.")
            % {
                "amount": money(amount_minor, state.currency),
                "number": state.number,
                "until": moment(state.hold_until),
            }
        )
    elif part:
        paragraphs.append(
            _("The first deposit is %(amount)s, by card. Your place is held until %(until)s.")
            % {"amount": money(amount_minor, state.currency), "until": moment(state.hold_until)}
        )
    link = (_("Open the reservation and pay"), about.portal(_page(part)))
    if wait:
        link = (_("Open the reservation"), about.portal())
    return Letter(_("Your reservation %(number)s") % {"number": state.number}, paragraphs, link, facts)


def may_pay_from(about: About) -> str:
    """That nothing may be paid yet, and from when it may; or nothing."""
    first = first_payment(about.state, about.offer)
    if first is None or first <= clock.now():
        return ""
    return _(
        "The law lets nobody take money within seven days of this contract. You can pay from %(first)s, and not before."
    ) % {"first": moment(first)}


def confirmed(about: About) -> Letter:
    """The first deposit came; the place is the holder's."""
    state = about.state
    paragraphs = [
        _("Your deposit has arrived. Your place for “%(title)s” is confirmed.") % {"title": about.title}
    ]
    part, amount_minor = next_instalment(state)
    if part:
        due = state.placed_at.date().fromordinal(state.placed_at.date().toordinal() + part.due_days)
        paragraphs.append(
            _("The next deposit, %(amount)s, is due on %(due)s. We will remind you.")
            % {"amount": money(amount_minor, state.currency), "due": day(due)}
        )
    else:
        paragraphs.append(_("All deposits are paid. There is nothing to do until we write to you."))
    subject = _("Your place is confirmed: %(number)s") % {"number": state.number}
    return Letter(subject, paragraphs, (_("Open the reservation"), about.portal()), facts_of(about))


def deposit_received(about: About) -> Letter:
    """Money came."""
    state = about.state
    payment = state.payment(int(about.payload["seq"]))
    amount = money(payment.amount_minor, payment.currency) if payment else ""
    paragraphs = [_("We have received %(amount)s for your reservation.") % {"amount": amount}]
    if state.status in ("lapsed", "cancelled"):
        paragraphs.append(
            _(
                "The reservation was no longer standing, so all of it goes back to you. If you still want the place, and it is free, say so in your reservation before the refund has left."
            )
        )
    elif state.status == "paid up":
        paragraphs.append(_("All deposits are paid. There is nothing to do until we write to you."))
    back = [refund for refund in state.refunds if refund.cause == about.payload["seq"]]
    if back and state.status not in ("lapsed", "cancelled"):
        paragraphs.append(
            _("That is more than was asked, or in another currency. What is too much goes back to you.")
        )
    elif payment and (earlier := twin(state, payment)):
        paragraphs.append(
            _(
                "The same amount had come on %(day)s, and this one was not asked for yet. It counts towards your next deposits. If you paid twice by mistake, write to us and it goes back."
            )
            % {"day": day(earlier.happened_at.date())}
        )
    facts = facts_of(about) + [(_("Comes back"), _comes_back(refund)) for refund in back]
    facts += [(_("Leaves us by"), moment(refund.due_at)) for refund in back[:1]]
    subject = _("Deposit received: %(number)s") % {"number": state.number}
    return Letter(subject, paragraphs, (_("Open the reservation"), about.portal()), facts)


def succeeded(about: About) -> Letter:
    """The maker has another name, or another company has taken over."""
    act = about.act
    names = {"name": act.text("name"), "was": act.text("was"), "title": about.title}
    if act.text("kind") == "renamed":
        first = (
            _("The maker of “%(title)s”, %(was)s, is now called %(name)s. It is the same company.") % names
        )
    else:
        first = _("%(name)s has taken over from %(was)s, who promised you “%(title)s”.") % names
    paragraphs = [
        first,
        _(
            "Your reservation, its number, your place and your deposits are as they were, and what is owed to you is owed on. Both have signed for it in the record."
        ),
        _("You may cancel at any time, as before."),
    ]
    subject = _("Who has your reservation now: %(number)s") % {"number": about.state.number}
    return Letter(subject, paragraphs, (_("Your reservation"), about.portal()), facts_of(about))


def remind(about: About) -> Letter:
    """A deposit is not there yet."""
    state = about.state
    part, amount_minor = next_instalment(state)
    assert part is not None
    due = state.placed_at.date().fromordinal(state.placed_at.date().toordinal() + part.due_days)
    if state.status == "placed":
        when = _("Your place is held until %(until)s; after that it is given back.") % {
            "until": moment(state.hold_until)
        }
    else:
        when = _("It is due on %(due)s. Your place is safe: a confirmed place never lapses by itself.") % {
            "due": day(due)
        }
    paragraphs = [
        _("A deposit of %(amount)s for “%(title)s” has not arrived yet.")
        % {"amount": money(amount_minor, state.currency), "title": about.title},
        when,
    ]
    if part.rail == "transfer":
        paragraphs.append(_("Transfer it with the reference %(number)s.") % {"number": state.number})
    subject = _("A deposit is waiting: %(number)s") % {"number": state.number}
    return Letter(
        subject, paragraphs, (_("Open the reservation and pay"), about.portal(_page(part))), facts_of(about)
    )


def lapsed(about: About) -> Letter:
    """The place was given back."""
    paragraphs = [
        _("The first deposit for “%(title)s” did not arrive in time, so the place was given back.")
        % {"title": about.title},
        _("You owe nothing. You are welcome to reserve again."),
    ]
    back = [refund for refund in about.state.refunds if refund.cause == about.payload["seq"]]
    facts = [(_("Comes back"), _comes_back(refund)) for refund in back]
    if back:
        paragraphs.append(
            _("All of the money below leaves us by %(due)s at the latest.") % {"due": moment(back[0].due_at)}
        )
    subject = _("Your reservation has lapsed: %(number)s") % {"number": about.state.number}
    return Letter(subject, paragraphs, (_("Open the reservation"), about.portal()), facts)


def cancelled(about: About) -> Letter:
    """The receipt of a cancellation, with what comes back and by when."""
    state = about.state
    ending = state.ending(int(about.payload["seq"]))
    assert ending is not None
    who = {
        "customer": _("You have cancelled your reservation of “%(title)s”."),
        "maker": _("We have ended your reservation of “%(title)s”."),
    }.get(ending.by, _("Your reservation of “%(title)s” was cancelled."))
    back = [refund for refund in state.refunds if refund.cause == ending.seq]
    facts = [
        (_("Reservation"), state.number),
        (_("Received on"), moment(ending.at)),
        (
            _("Places"),
            ngettext("%(n)d place", "%(n)d places", ending.quantity) % {"n": ending.quantity},
        ),
    ]
    facts += [(_("Comes back"), _comes_back(refund)) for refund in back]
    paragraphs = [who % {"title": about.title}]
    if found := about.offer.giveup(ending.giveup or 0):
        paragraphs.append(_("Our reason: %(why)s") % {"why": found.why or _("(erased)")})
    if state.died:
        paragraphs.append(
            _(
                "We were told that the holder of this reservation has died. If that is wrong, write to us at once: the day of this cancellation counts. If it is right, the heirs can take the cancellation back."
            )
        )
    elif back:
        paragraphs.append(
            _("All of the money below leaves us by %(due)s at the latest.") % {"due": moment(ending.due_at)}
        )
        if ending.by != "maker":
            paragraphs.append(_("You can take the cancellation back until the refund has left."))
    else:
        paragraphs.append(_("Nothing had been paid, so nothing is owed."))
    subject = _("Cancellation received: %(number)s") % {"number": state.number}
    return Letter(subject, paragraphs, (_("Open the reservation"), about.portal()), facts)


def taken_back(about: About) -> Letter:
    """A cancellation was taken back."""
    paragraphs = [
        _("Your reservation of “%(title)s” stands again, at its old place.") % {"title": about.title},
        _("Your deposits stay with us for it, and nothing is refunded. You can cancel again at any time."),
    ]
    subject = _("Cancellation taken back: %(number)s") % {"number": about.state.number}
    return Letter(subject, paragraphs, (_("Open the reservation"), about.portal()), facts_of(about))


def refund_sent(about: About) -> Letter:
    """Money has left; arriving is another matter."""
    sent = next((each for each in about.state.refunds if each.sent_seq == about.payload["seq"]), None)
    if sent is None:
        raise Overtaken("it came back and was sent again")
    facts = [
        (_("Amount"), money(sent.amount_minor, sent.currency)),
        (_("Sent on"), moment(sent.sent_at or sent.owed_at)),
        (_("Reference"), sent.reference),
        (_("Route"), _("to your card") if sent.route == "card" else _("to your bank account")),
    ]
    paragraphs = [
        _("Your refund of %(amount)s has left us.") % {"amount": money(sent.amount_minor, sent.currency)},
        _(
            "Banks need up to ten working days to show it. If it does not arrive, write to us with the reference: until it has arrived we are not done."
        ),
    ]
    subject = _("Your refund has left: %(number)s") % {"number": about.state.number}
    return Letter(subject, paragraphs, (_("Open the reservation"), about.portal()), facts)


def refund_returned(about: About) -> Letter:
    """A correction: what had left came back."""
    act = about.act
    refund = about.state.refund(act.int("refund"))
    assert refund is not None
    facts = [
        (_("Amount"), money(refund.amount_minor, refund.currency)),
        (_("Act that is corrected"), str(act.int("said"))),
    ]
    paragraphs = [
        _(
            "We wrote to you that a refund had left. It has come back to us, so that no longer holds: the money is owed to you again."
        ),
        _(
            "We send it by another way. If we need a bank account from you, you find the form in your reservation."
        ),
    ]
    subject = _("A correction: your refund came back, %(number)s") % {"number": about.state.number}
    return Letter(subject, paragraphs, (_("Open the reservation"), about.portal()), facts)


def account_needed(about: About) -> Letter:
    """A refund waits to be told where to go."""
    refund = about.refund
    paragraphs = [
        _why_not_paid(about, refund),
        _(
            "Please tell us a bank account in your reservation. Never send it by mail: an account in a mail is not used."
        ),
        _("There is no last day for this: it stays owed to you until it is paid."),
    ]
    subject = _("Where shall your refund go? %(number)s") % {"number": about.state.number}
    return Letter(subject, paragraphs, (_("Give a bank account"), about.portal()))


def _why_not_paid(about: About, refund: Refund) -> str:
    said = {"amount": money(refund.amount_minor, refund.currency)}
    details = next((each.details for each in about.state.accounts if each.n == refund.failed_account), None)
    if not isinstance(details, BankDetails):
        return _("We owe you %(amount)s, and it cannot go back the way it came.") % said
    return _(
        "We owe you %(amount)s. The account ending in %(end)s could not be paid: the bank refused it or sent it back."
    ) % {**said, "end": details.number[-4:]}


def refund_held(about: About) -> Letter:
    """A refund to a new account is held for two days."""
    refund = about.refund
    paragraphs = [
        _(
            "Your refund of %(amount)s goes to an account that is new to us, so it is held until %(until)s. This protects you if somebody else gave that account."
        )
        % {
            "amount": money(refund.amount_minor, refund.currency),
            "until": moment(refund.until or refund.due_at),
        },
        _("If it was not you, write to us at once."),
    ]
    subject = _("Your refund is held for now: %(number)s") % {"number": about.state.number}
    return Letter(subject, paragraphs, (_("Open the reservation"), about.portal()))


def account_given(about: About) -> Letter:
    """Somebody gave an account; only the address of record can confirm it."""
    account = next(each for each in about.state.accounts if each.n == about.act.int("account"))
    token = links.make("account", about.state.number, str(account.n), days=14, holder=about.state.holder)
    paragraphs = [
        _("A bank account ending in %(end)s was given for refunds of your reservation.")
        % {"end": _end(account.details)},
        _("Nothing is paid to it before you confirm it. If it was not you, do not confirm, and write to us."),
    ]
    subject = _("Please confirm your bank account: %(number)s") % {"number": about.state.number}
    address = f"{settings.EARNEST.base_url}/account/confirm/{token}/"
    return Letter(subject, paragraphs, (_("Look at the account and confirm it"), address))


def account_confirmed(about: About) -> Letter:
    """The account is confirmed."""
    account = next(each for each in about.state.accounts if each.n == about.act.int("account"))
    paragraphs = [
        _("The bank account ending in %(end)s is confirmed for refunds.") % {"end": _end(account.details)}
    ]
    subject = _("Bank account confirmed: %(number)s") % {"number": about.state.number}
    return Letter(subject, paragraphs, (_("Open the reservation"), about.portal()))


def amended(about: About) -> Letter:
    """The holder accepted a newer version."""
    paragraphs = [_("Your reservation now follows the newer terms that you accepted.")]
    subject = _("Your reservation was amended: %(number)s") % {"number": about.state.number}
    return Letter(subject, paragraphs, (_("Open the reservation"), about.portal()), facts_of(about))


def converted(about: About) -> Letter:
    """The reservation became a sale."""
    paragraphs = [
        _(
            "The wait is over: your reservation of “%(title)s” has become an order. Your deposits count towards its price."
        )
        % {"title": about.title}
    ]
    rest, facts = about.state.rest_minor(), facts_of(about)
    link = (_("Open the reservation"), about.portal())
    if rest > 0:
        paragraphs.append(
            _(
                "%(rest)s of it are still to be paid. Please transfer them and write %(number)s as the reference."
            )
            % {"rest": money(rest, about.state.currency), "number": about.state.number}
        )
        facts += _transfer(about.state, rest)
        link = (_("Open the reservation and pay"), about.portal("transfer"))
    subject = _("Your reservation has become an order: %(number)s") % {"number": about.state.number}
    return Letter(subject, paragraphs, link, facts)


def portal_link(about: About) -> Letter:
    """A new link was asked for."""
    paragraphs = [
        _("Somebody asked for a link to this reservation. If it was not you, there is nothing to do.")
    ]
    subject = _("The link to your reservation %(number)s") % {"number": about.state.number}
    return Letter(subject, paragraphs, (_("Open the reservation"), about.portal()))


def pay_by_hand(about: About) -> Letter:
    """To the operators: a refund that no rail carries."""
    refund = about.refund
    facts = [
        (_("Amount"), money(refund.amount_minor, refund.currency)),
        (_("Pay by"), moment(refund.due_at)),
    ]
    paragraphs = [
        _("A refund is to be paid by bank, by two operators. The account is in the console, never in a mail.")
    ]
    subject = _("Refund to be paid by hand: %(number)s") % {"number": about.state.number}
    address = f"{settings.EARNEST.base_url}/console/refunds/"
    return Letter(subject, paragraphs, (_("Open the refunds"), address), facts)


def dispute_opened(about: About) -> Letter:
    """To the operators: a bank asks, or a network has taken the money, and there is a date for the answer."""
    found = about.state.disputes[int(about.payload["dispute"]) - 1]
    facts = [(_("Amount"), money(found.amount_minor, found.currency)), (_("Reason"), found.reason)]
    if found.due_at:
        facts.append((_("Evidence is due by"), moment(found.due_at)))
    said = {
        "warned": _("A card network warns that this payment may be fraud. Nothing was taken."),
        "asked": _("The customer's bank asks about this payment. Nothing was taken yet."),
    }
    taken = _("The customer's bank disputes this payment, and the network has taken the money.")
    subject = _("A payment is questioned: %(number)s") % {"number": about.state.number}
    address = f"{settings.EARNEST.base_url}/console/disputes/"
    return Letter(subject, [said.get(found.status, taken)], (_("Open the disputes"), address), facts)


LETTERS: Final[dict[str, Callable[[About], Letter]]] = {
    letter.__name__: letter
    for letter in (
        placed,
        confirmed,
        deposit_received,
        succeeded,
        remind,
        lapsed,
        cancelled,
        taken_back,
        refund_sent,
        refund_returned,
        account_needed,
        refund_held,
        account_given,
        account_confirmed,
        amended,
        converted,
        portal_link,
        pay_by_hand,
        dispute_opened,
    )
}

#: Those that go to the maker's own people.
TO_OPERATORS: Final = (
    "pay_by_hand",
    "dispute_opened",
    "find_heirs",
    "confirm_successor",
    "paid_twice",
    "money_too_early",
    "letter_to_maker",
)


def facts_of(about: About) -> list[tuple[str, str]]:
    """The reservation in a few lines: number, promise, what is paid, and how to pay what is not."""
    state = about.state
    part, minor = next_instalment(state)
    facts = [
        (_("Reservation"), state.number),
        (_("Promised for"), window(state.expected)),
    ]
    for currency, paid in state.deposits().items():
        facts.append((_("Paid"), money(paid, currency)))
    if (
        part
        and part.rail == "transfer"
        and state.status in ("placed", "confirmed")
        and not may_pay_from(about)
    ):
        facts += _transfer(state, minor)
    return facts


def _page(part: Instalment | None) -> str:
    """The page on which a deposit is paid."""
    return "transfer" if part and part.rail == "transfer" else ""


def _transfer(state: Reservation, amount_minor: int) -> list[tuple[str, str]]:
    """To whom, how much and with which reference, each on a line of its own to be copied."""
    line = settings.EARNEST.bank_account
    to = payee.read(line) if line else None
    if to is None:
        return [(_("Transfer to"), line), (_("Reference"), state.number)] if line else []
    facts = [
        (_("To transfer"), money(amount_minor, state.currency)),
        (_("Transfer to"), to.name),
        ("IBAN", to.grouped),
    ]
    if to.bic:
        facts.append(("BIC", to.bic))
    reference = creditor_reference.grouped(creditor_reference.of(state.number))
    return [*facts, (_("Reference"), reference)]


def _comes_back(refund: Refund) -> str:
    amount = money(refund.amount_minor, refund.currency)
    if refund.waits_for_heirs:
        return _("%(amount)s, as soon as we know the heirs") % {"amount": amount}
    if refund.status == "waiting" and refund.why == "account":
        return _("%(amount)s, as soon as you tell us a bank account") % {"amount": amount}
    if refund.status == "waiting" and refund.until:
        return _("%(amount)s, after a hold until %(until)s") % {
            "amount": amount,
            "until": moment(refund.until),
        }
    if refund.route == "card":
        return _("%(amount)s, to the card that was used") % {"amount": amount}
    return _("%(amount)s, to your bank account") % {"amount": amount}


def _end(details: object) -> str:
    return details.number[-4:] if isinstance(details, BankDetails) else "…"
