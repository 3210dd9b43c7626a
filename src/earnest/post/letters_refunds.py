"""Letters about money that is late, and about where it could go."""

from collections.abc import Callable
from typing import Final

from django.conf import settings
from django.utils.translation import gettext as _

from earnest.core.commands.paid_twice import twin
from earnest.core.commands.refund import usable_account
from earnest.core.deadline import LAW
from earnest.core.instants import instant
from earnest.core.refund import UNCLAIMED, WAITING
from earnest.post.letters import About, Letter, Overtaken
from earnest.post.words import day, moment, money


def refund_overdue(about: About) -> Letter:
    """A deadline has passed and the money is still here: said as it is."""
    act = about.act
    refund = about.state.refund(act.int("refund"))
    assert refund is not None
    if refund.sent_at is not None and refund.status in ("sent", "arrived"):
        raise Overtaken("the money has left")
    amount = money(refund.amount_minor, refund.currency)
    due = moment(instant(act.text("due_at")))
    action = (_("Open the reservation"), about.portal())
    if act.text("limit") == LAW:
        first = _("The law's limit for paying back your %(amount)s was %(due)s. It has not left us.")
    else:
        first = _(
            "We promised that your %(amount)s would leave us by %(due)s. It has not. That is our fault, not yours."
        )
    paragraphs = [first % {"amount": amount, "due": due}]
    if refund.status == WAITING and refund.why == "account":
        paragraphs.append(
            _(
                "It waits for a bank account from you: as soon as you confirm one in your reservation it goes on."
            )
        )
        action = (_("Give a bank account"), about.portal())
    else:
        paragraphs.append(
            _(
                "All of it stays owed to you. Our people have been alarmed, and the delay stands in the record."
            )
        )
    if act.text("limit") != LAW:
        paragraphs.append(_("The law's limit is %(limit)s.") % {"limit": moment(refund.legal_due_at)})
    subject = _("Your refund is late: %(number)s") % {"number": about.state.number}
    return Letter(subject, paragraphs, action)


def account_ask(about: About) -> Letter:
    """Before it is needed: an account, in case the card does not live as long as the promise."""
    if usable_account(about.state):
        raise Overtaken("an account is confirmed")
    paragraphs = [
        _(
            "Nothing is wrong, and nothing is being paid back. Your deposit for “%(title)s” came by card, "
            "and cards expire."
        )
        % {"title": about.title},
        _(
            "If you tell us a bank account now and confirm it, a refund can never get lost. "
            "Never send it by mail: an account in a mail is not used."
        ),
    ]
    subject = _("A bank account, before it is needed: %(number)s") % {"number": about.state.number}
    return Letter(subject, paragraphs, (_("Give a bank account"), about.portal()))


def unclaimed(about: About) -> Letter:
    """Nobody has said where it shall go, for a year: it is kept, and stays theirs."""
    refund = about.state.refund(about.act.int("refund"))
    assert refund is not None
    if refund.status != UNCLAIMED:
        raise Overtaken("it is claimed")
    paragraphs = [
        _("We owe you %(amount)s and have not known for a year where to send it.")
        % {"amount": money(refund.amount_minor, refund.currency)},
        _("It stays yours and is listed as unclaimed; it never becomes ours."),
        _("Whenever you confirm a bank account in your reservation, it is paid there."),
    ]
    subject = _("Your money is still here: %(number)s") % {"number": about.state.number}
    return Letter(subject, paragraphs, (_("Give a bank account"), about.portal()))


def deposit_corrected(about: About) -> Letter:
    """What we had said of a deposit was wrong: what was, why, and what follows for the holder."""
    act = about.act
    why, currency = act.get("why"), act.text("currency")
    paragraphs = [
        _("We had booked %(amount)s as a deposit of yours. That was a mistake of ours, and is taken back.")
        % {"amount": money(act.int("amount_minor"), currency)},
        _("Our reason: %(why)s") % {"why": why if isinstance(why, str) else _("(erased)")},
    ]
    if not act.get("moved_to") and act.int("right_minor"):
        paragraphs.append(
            _("Booked is now %(amount)s, as our bank says.")
            % {"amount": money(act.int("right_minor"), currency)}
        )
    if act.int("receivable_minor"):
        paragraphs.append(
            _(
                "%(amount)s of it had been paid back to you already. It was not yours, and we count it as owed to us."
            )
            % {"amount": money(act.int("receivable_minor"), currency)}
        )
    paragraphs.append(_("If you did pay, write to us with the day and the amount."))
    subject = _("Correction of a deposit: %(number)s") % {"number": about.state.number}
    return Letter(subject, paragraphs, (_("Open the reservation"), about.portal()))


def paid_twice(about: About) -> Letter:
    """To the operators: somebody may have paid one deposit twice."""
    state = about.state
    payment = state.payment(about.act.seq)
    earlier = twin(state, payment) if payment else None
    if payment is None or earlier is None:
        raise Overtaken("it goes back, or the other one has")
    paragraphs = [
        _(
            "Two payments of one amount came within a week, and the second was not asked for. "
            "It counts as a deposit meanwhile, and its holder was told."
        ),
        _("Ask the holder. If it was a mistake, give it back in the console; nothing else changes."),
    ]
    facts = [
        (_("Amount"), money(payment.amount_minor, payment.currency)),
        (_("Came first"), f"{day(earlier.happened_at.date())}, {earlier.reference}"),
        (_("Came again"), f"{day(payment.happened_at.date())}, {payment.reference}"),
    ]
    subject = _("Paid twice? %(number)s") % {"number": state.number}
    address = f"{settings.EARNEST.base_url}/console/reservations/{state.number}/"
    return Letter(subject, paragraphs, (_("Open the reservation"), address), facts)


def given_back(about: About) -> Letter:
    """What came twice goes back; the place stays."""
    act = about.act
    amount = money(act.int("amount_minor"), act.text("currency"))
    paragraphs = [
        _("You paid %(amount)s twice, so it goes back to you. Your reservation stays as it is.")
        % {"amount": amount}
    ]
    back = [each for each in about.state.refunds if each.cause == act.seq]
    facts = [(_("Leaves us by"), moment(each.due_at)) for each in back]
    subject = _("What you paid twice goes back: %(number)s") % {"number": about.state.number}
    return Letter(subject, paragraphs, (_("Open the reservation"), about.portal()), facts)


REFUND_LETTERS: Final[dict[str, Callable[[About], Letter]]] = {
    letter.__name__: letter
    for letter in (refund_overdue, account_ask, unclaimed, deposit_corrected, paid_twice, given_back)
}
