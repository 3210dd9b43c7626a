"""Acts in plain sentences, for the timeline of a reservation. A field whose key was destroyed is said to be erased."""

from collections.abc import Callable, Iterable
from typing import Final

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from earnest.book.law_files import packaged
from earnest.core.acts import Act, Erased
from earnest.core.instants import day, instant
from earnest.core.invoice import Invoice, number
from earnest.core.letters.words import TITLES
from earnest.core.offer import window as window_of
from earnest.core.rails import PASSED_ON, TOO_OLD
from earnest.core.refund import HEIRS
from earnest.post.letters_heirs import right
from earnest.post.words import day as in_words
from earnest.post.words import moment, money, window
from earnest.web.telling import fields


class Withheld:
    """Stands where a story has a value that its reader may not see. Nothing can be concluded from it."""

    def __bool__(self) -> bool:
        raise TypeError("a withheld value is neither true nor false")


def said(act: Act) -> str:
    """One act as one sentence."""
    tell = _SENTENCES.get(act.type)
    return tell(act) if tell else act.type


def _text(act: Act, name: str) -> str:
    value: object = act.get(name)
    if isinstance(value, Erased):
        return _("(erased)")
    if isinstance(value, Withheld):
        return _("(withheld)")
    return "" if value is None else str(value)


def _amount(act: Act) -> str:
    return money(act.int("amount_minor"), act.text("currency"))


def _placed(act: Act) -> str:
    quantity = act.int("quantity")
    places = ngettext("%(n)d place", "%(n)d places", quantity) % {"n": quantity}
    return _("Reserved: %(places)s, number %(queue)d in the queue, promised for %(window)s.") % {
        "places": places,
        "queue": act.int("queue"),
        "window": window(window_of(act)),
    }


def _told(act: Act) -> str:
    if act.get("until") is None:
        return _("Told that there is no promised window any more, and no new one yet. Reason: %(why)s") % {
            "why": _text(act, "why")
        }
    return _("Told that the promised window moves to %(window)s. Reason: %(why)s") % {
        "window": window(window_of(act)),
        "why": _text(act, "why"),
    }


def _answered(act: Act) -> str:
    if act.get("silent"):
        return {
            "accept": _("There was no answer, and the law takes that as consent to the new window."),
            "cancel": _("There was no answer, so the law ends the reservation and all comes back."),
        }.get(act.text("answer"), _("There was no answer."))
    return {
        "accept": _("Agreed to the new window."),
        "wait": _("Agreed to wait without a date."),
        "cancel": _("Answered the slip by cancelling."),
    }.get(act.text("answer"), _("Did not agree to the new window."))


def _withdrawn(act: Act) -> str:
    return _("Withdrawn from the contract, by a statement of %(at)s.") % {
        "at": moment(instant(act.text("stated_at")))
    }


def _noticed(act: Act) -> str:
    return _("Formal notice received on %(day)s: deliver by %(until)s.") % {
        "day": in_words(day(act.text("received_on"))),
        "until": in_words(day(act.text("extra_time_ends_on"))),
    }


def _wrote(act: Act) -> str:
    return _("A letter went to the other side: %(title)s.") % {"title": _(TITLES[act.text("letter")])}


def _received(act: Act) -> str:
    how = _("by card") if act.text("rail") == "card" else _("by bank transfer")
    return _("%(amount)s received %(how)s on %(day)s.") % {
        "amount": _amount(act),
        "how": how,
        "day": in_words(instant(act.text("happened_at")).date()),
    }


def _given_back(act: Act) -> str:
    return _("%(amount)s came twice and goes back; nothing else changes.") % {"amount": _amount(act)}


def _asked(act: Act) -> str:
    return _("Asked for %(amount)s.") % {"amount": _amount(act)}


def _ended(act: Act) -> str:
    quantity = act.int("quantity")
    places = ngettext("%(n)d place", "%(n)d places", quantity) % {"n": quantity}
    due = moment(instant(act.text("due_at")))
    if act.type == "maker.gave_up":
        said = _("Ended by the maker: %(places)s. Refunds leave by %(due)s.") % {"places": places, "due": due}
        return f"{said} {_('Reason: %(why)s') % {'why': _text(act, 'why')}}"
    return _("Cancelled: %(places)s. Refunds leave by %(due)s.") % {"places": places, "due": due}


def _owed_by_law(act: Act) -> str:
    """What a text adds to a refund, with the text."""
    rule, until = packaged().rule(_text(act, "law_rule")), act.get("accrued_until")
    said = {
        "interest": _("%(amount)s of interest, counted up to %(day)s, is owed to you besides (%(text)s)."),
        "surcharge": _("%(amount)s is owed to you besides, because the money came back late (%(text)s)."),
    }.get(_text(act, "head"), _("%(amount)s is owed to you besides (%(text)s)."))
    return said % {
        "amount": _amount(act),
        "day": in_words(day(until)) if isinstance(until, str) else _text(act, "accrued_until"),
        "text": rule.cited_in((get_language() or "en")[:2]) if rule else _text(act, "law_rule"),
    }


def _owed(act: Act) -> str:
    if act.get("head") is not None:
        return _owed_by_law(act)
    to = _("to the card") if act.text("route") == "card" else _("to a bank account")
    said = _("%(amount)s is owed back, %(to)s, by %(due)s at the latest.") % {
        "amount": _amount(act),
        "to": to,
        "due": moment(instant(act.text("due_at"))),
    }
    if act.get("why") == PASSED_ON:
        return said + " " + _("An earlier holder paid it.")
    if act.get("why") != TOO_OLD:
        return said
    return said + " " + _("The payment is too old to go back to its card.")


def _sent(act: Act) -> str:
    return _("Refund %(n)d has left; reference %(reference)s.") % {
        "n": act.int("refund"),
        "reference": _text(act, "reference"),
    }


def _held(act: Act) -> str:
    until = act.get("until")
    if act.text("why") == "hold" and isinstance(until, str):
        return _("Refund %(n)d is held until %(until)s, because its account is new.") % {
            "n": act.int("refund"),
            "until": moment(instant(until)),
        }
    if act.text("why") == "account":
        return _("Refund %(n)d waits for a bank account.") % {"n": act.int("refund")}
    if act.text("why") == HEIRS:
        return _("Refund %(n)d waits for the heirs.") % {"n": act.int("refund")}
    if act.text("why") == "dispute":
        return _("Refund %(n)d waits: your bank disputes the payment, and both would pay you.") % {
            "n": act.int("refund")
        }
    return _("Refund %(n)d waits.") % {"n": act.int("refund")}


def _overdue(act: Act) -> str:
    said = {"n": act.int("refund"), "due": moment(instant(act.text("due_at")))}
    if act.text("limit") == "law":
        return _("Refund %(n)d was due by law on %(due)s and has not left.") % said
    return _("Refund %(n)d was promised for %(due)s and has not left.") % said


def _of_refund(sentence: Callable[[], str]) -> Callable[[Act], str]:
    return lambda act: sentence() % {"n": act.int("refund"), "why": _reason(_text(act, "why"))}


def _reason(code: str) -> str:
    """Why a bank or a provider did not do it, for the one who waits for the money."""
    reasons = {
        "account-closed": _("the account is closed"),
        "account-unknown": _("there is no such account"),
        "name-differs": _("the name does not belong to the account"),
        "refused-by-bank": _("the bank refused"),
        "returned-by-holder": _("it was sent back"),
        "expired-or-canceled-card": _("the card has expired or was cancelled"),
        "lost-or-stolen-card": _("the card was lost or stolen"),
        "declined": _("the card's bank declined"),
        "no-reason-given": _("no reason was given"),
        # What banks say in codes (ISO 20022, external status and return reasons).
        "AC01": _("there is no such account"),
        "AC04": _("the account is closed"),
        "AC06": _("the account is blocked"),
        "AG01": _("the account takes no transfers"),
        "BE01": _("the name does not belong to the account"),
        "MD07": _("the holder of the account has died"),
        "MS02": _("it was sent back"),
        "MS03": _("the bank gave no reason"),
        "RC01": _("there is no such bank"),
        "order-withdrawn": _("our bank never had it"),
    }
    return reasons.get(code, code.replace("-", " ").strip("()"))


def failure(acts: Iterable[Act], refund: int) -> str:
    """Why a refund last did not arrive; nothing where none was refused or came back."""
    kinds = ("refund.refused", "refund.returned")
    told = [act for act in acts if act.type in kinds and act.get("refund") == refund]
    return _reason(_text(told[-1], "why")) if told else ""


def _plain(sentence: Callable[[], str]) -> Callable[[Act], str]:
    return lambda act: sentence()


def _account(act: Act) -> str:
    number = act.get("number")
    end = number[-4:] if isinstance(number, str) else "…"
    return _("A bank account ending in %(end)s was given for refunds.") % {"end": end}


def _verified(act: Act) -> str:
    said = {
        "match": _("Your bank says that name and account belong together."),
        "close-match": _("Your bank says that the name on the account is nearly the one you gave."),
        "no-match": _("Your bank says that the account is in another name than the one you gave."),
    }
    return said.get(act.text("answer"), _("Your bank could not compare name and account."))


def _mailed(act: Act) -> str:
    return _("A mail was sent: %(what)s.") % {"what": mail_name(act.text("template"))}


def _settled(act: Act) -> str:
    against = act.text("against")
    said = {"n": act.int("refund"), "amount": _amount(act)}
    if against == "refund":
        return _("%(amount)s of refund %(n)d was paid as another refund.") % said
    if against == "bank-unmatched":
        return (
            _("%(amount)s of refund %(n)d is not owed: the deposit had been booked here by mistake.") % said
        )
    if against == "receivable":
        return _("%(amount)s of refund %(n)d is set off: your bank had taken as much back from us.") % said
    return _("%(amount)s of refund %(n)d need not be paid any more: your bank has paid it to you.") % said


def _reversed(act: Act) -> str:
    return _("%(amount)s was taken back by the payer's bank.") % {"amount": _amount(act)}


def _corrected(act: Act) -> str:
    return _("A deposit of %(amount)s had been booked by mistake and is taken back. Reason: %(why)s") % {
        "amount": _amount(act),
        "why": _text(act, "why"),
    }


def _disputed(act: Act) -> str:
    if act.get("entries"):
        return _("Your bank disputes the payment of %(amount)s and has taken it from us.") % {
            "amount": _amount(act)
        }
    return _("Your bank asks us about the payment of %(amount)s.") % {"amount": _amount(act)}


def _dispute_closed(act: Act) -> str:
    outcome = act.text("outcome")
    if outcome == "lost":
        return _("Your bank has decided: the money it took stays with you.")
    if outcome == "won":
        return _("Your bank has decided: the payment stands, and the money is here again.")
    return _("Your bank has closed its question; the payment stands.")


def _delivered(act: Act) -> str:
    return _("Delivered on %(day)s.") % {"day": in_words(day(act.text("happened_at")[:10]))}


def _succeeded(act: Act) -> str:
    if act.text("kind") == "renamed":
        return _("The maker's name is now %(name)s; it was %(was)s.") % {
            "name": act.text("name"),
            "was": act.text("was"),
        }
    return _("%(name)s has taken over from %(was)s, with all that is owed.") % {
        "name": act.text("name"),
        "was": act.text("was"),
    }


def document(invoice: Invoice) -> str:
    """What a document is called, with its number."""
    names = {
        "deposit-invoice": _("Deposit invoice %(number)s"),
        "invoice": _("Invoice %(number)s"),
        "credit-note": _("Credit note %(number)s"),
    }
    return names[invoice.series] % {"number": invoice.number}


def _invoiced(act: Act) -> str:
    names = {
        "deposit-invoice": _("Deposit invoice %(number)s of %(amount)s, tax included."),
        "invoice": _("Invoice %(number)s of %(amount)s, tax included."),
        "credit-note": _("Credit note %(number)s of %(amount)s, tax included."),
    }
    called = {
        "number": number(act.text("series"), act.int("year"), act.int("no")),
        "amount": money(act.int("gross_minor"), act.text("currency")),
    }
    return names[act.text("series")] % called


def _erased(act: Act) -> str:
    return _("Personal data erased: %(class)s.") % {"class": fields.class_named(act.text("class"))}


def _passing(act: Act) -> str:
    return _("Offered to somebody else, until %(until)s.") % {"until": moment(instant(act.text("until")))}


def _passing_ended(act: Act) -> str:
    if act.text("why") == "declined":
        return _("The offer to somebody else was declined.")
    return _("The offer to somebody else was taken back.")


def _holder_died(act: Act) -> str:
    told_by = {
        "bank": _("A bank says that the holder has died."),
        "relative": _("A relative says that the holder has died."),
        "notary": _("A notary says that the holder has died."),
        "authority": _("An authority says that the holder has died."),
    }
    said = told_by.get(act.text("told_by"), _("The holder is said to have died."))
    return said + " " + _("Nothing is paid out before the heirs are known.")


def _named(act: Act) -> str:
    proofs = {
        "european-certificate": _("a European Certificate of Succession"),
        "notary-deed": _("a notary's deed"),
        "court": _("a court's decision"),
        "company-register": _("the register of companies"),
    }
    return _(
        "Who follows the holder is written down: %(right)s, by %(proof)s. Another operator must confirm it."
    ) % {
        "right": right(act.text("right")),
        "proof": proofs.get(act.text("proof"), _("another proof")),
    }


def _holder_changed(act: Act) -> str:
    by_law = act.get("right")
    if isinstance(by_law, str):
        return _("It went to holder %(n)d, %(right)s; two operators saw the papers.") % {
            "n": act.int("holder") + 1,
            "right": right(by_law),
        }
    said = _("Taken over by holder %(n)d, with what was paid for it.") % {"n": act.int("holder") + 1}
    if not act.fields["means"]:
        return said
    return said + " " + _("Refunds of earlier payments may still go where the money came from.")


def mail_name(template: str) -> str:
    """What a mail is called among people."""
    names = {
        "placed": _("your reservation"),
        "confirmed": _("your place is confirmed"),
        "deposit_received": _("deposit received"),
        "slipped": _("the promised date has moved"),
        "silence_heard": _("no answer was taken as consent"),
        "withdrawn": _("your withdrawal is confirmed"),
        "withdrawal_received": _("your withdrawal is received"),
        "notice_received": _("your formal notice is received"),
        "letter_to_holder": _("a letter to you"),
        "letter_to_maker": _("a letter to the maker"),
        "remind": _("a deposit is waiting"),
        "lapsed": _("the reservation lapsed"),
        "cancelled": _("cancellation received"),
        "taken_back": _("cancellation taken back"),
        "refund_sent": _("your refund has left"),
        "refund_returned": _("a correction about your refund"),
        "given_back": _("what you paid twice goes back"),
        "account_needed": _("where shall your refund go?"),
        "refund_held": _("your refund is held for two days"),
        "account_ask": _("a bank account, before it is needed"),
        "refund_overdue": _("your refund is late"),
        "deposit_corrected": _("a correction of a deposit"),
        "unclaimed": _("your money is still here"),
        "account_given": _("please confirm your bank account"),
        "account_confirmed": _("bank account confirmed"),
        "amended": _("the reservation was amended"),
        "converted": _("the reservation became an order"),
        "portal_link": _("a link to the reservation"),
        "succeeded": _("who has your reservation now"),
        "passed_to_you": _("the reservation is offered to you"),
        "passing_on": _("you offered the reservation to somebody"),
        "passing_ended": _("the reservation stays yours"),
        "holder_changed": _("the reservation is yours now"),
        "holder_left": _("the reservation was passed on"),
        "holder_died": _("to whoever reads the mails of the holder"),
        "death_corrected": _("a correction: the holder lives"),
        "successor_named": _("papers about your reservation"),
        "holder_replaced": _("the reservation has gone to somebody else"),
        "succeeded_to_you": _("the reservation is yours now"),
    }
    return names.get(template, template)


def seen(what: str) -> str:
    """At what somebody of the maker's looked. Who it was is not said: that is their own data, and a court has held
    that dates and purposes are owed and names are not (CJEU, C-579/21, 22 June 2023)."""
    names = {
        "reservation": _("your reservation"),
        "story": _("its story"),
        "mail": _("a mail to you"),
        "refund": _("a refund"),
        "bank": _("your bank account, in full"),
        "document": _("an invoice or credit note"),
        "statement": _("the statement of deposits and refunds"),
    }
    return names[what]


_SENTENCES: Final[dict[str, Callable[[Act], str]]] = {
    "reservation.placed": _placed,
    "reservation.confirmed": _plain(lambda: _("The place is confirmed.")),
    "reservation.lapsed": _plain(lambda: _("Lapsed: the first deposit did not come in time.")),
    "reservation.amended": _plain(lambda: _("Newer terms were accepted.")),
    "reservation.released": _plain(lambda: _("The place was given back to the queue.")),
    "reservation.holder_offered": _passing,
    "reservation.holder_offer_ended": _passing_ended,
    "reservation.holder_changed": _holder_changed,
    "reservation.holder_died": _holder_died,
    "reservation.death_corrected": _plain(
        lambda: _("The holder lives: the report of their death was wrong, and everything goes on.")
    ),
    "reservation.successor_named": _named,
    "reservation.converted": _plain(lambda: _("The reservation became an order.")),
    "reservation.delivered": _delivered,
    "promise.told": _told,
    "promise.answered": _answered,
    "deposit.asked": _asked,
    "deposit.received": _received,
    "deposit.given_back": _given_back,
    "cancellation.requested": _ended,
    "maker.gave_up": _ended,
    "withdrawal.received": _withdrawn,
    "notice.received": _noticed,
    "letter.sent": _wrote,
    "cancellation.taken_back": _plain(lambda: _("The cancellation was taken back.")),
    "refund.owed": _owed,
    "refund.requested": _of_refund(lambda: _("Refund %(n)d is being sent.")),
    "refund.unknown": _of_refund(
        lambda: _("Refund %(n)d: no answer yet from the provider; it is being asked about.")
    ),
    "refund.sent": _sent,
    "refund.arrived": _of_refund(lambda: _("Refund %(n)d has arrived.")),
    "refund.refused": _of_refund(lambda: _("Refund %(n)d was refused (%(why)s); it is owed again.")),
    "refund.returned": _of_refund(lambda: _("Refund %(n)d came back (%(why)s); it is owed again.")),
    "refund.corrected": _of_refund(lambda: _("Correction: refund %(n)d had been said to have left.")),
    "refund.held": _held,
    "refund.overdue": _overdue,
    "refund.unclaimed": _of_refund(lambda: _("Refund %(n)d is unclaimed; it stays owed.")),
    "refund.settled": _settled,
    "deposit.reversed": _reversed,
    "correction.proposed": _plain(lambda: _("The maker looks into a deposit that may be booked wrongly.")),
    "correction.withdrawn": _plain(lambda: _("The deposit stands as it was booked.")),
    "deposit.corrected": _corrected,
    "dispute.warned": _plain(lambda: _("A card network warned us about this payment; nothing has changed.")),
    "dispute.opened": _disputed,
    "dispute.answered": _plain(lambda: _("We sent your bank the story of this reservation.")),
    "dispute.closed": _dispute_closed,
    "account.given": _account,
    "account.confirmed": _plain(lambda: _("The bank account was confirmed.")),
    "account.verified": _verified,
    "mail.sent": _mailed,
    "address.given": _plain(lambda: _("An address for invoices was given.")),
    "invoice.issued": _invoiced,
    "erasure.done": _erased,
    "maker.succeeded": _succeeded,
    "restriction.set": _plain(lambda: _("The data is kept as it is, because something is disputed.")),
    "restriction.lifted": _plain(lambda: _("The dispute is over; the data is treated as usual again.")),
}
