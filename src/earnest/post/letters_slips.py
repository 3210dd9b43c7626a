"""The letters about a promise that moves, and about withdrawing from a contract."""

from collections.abc import Callable
from typing import Final

from django.conf import settings
from django.utils.translation import gettext as _

from earnest.book import links, withdrawals
from earnest.core.acts import Act
from earnest.core.commands.refund import usable_account
from earnest.core.instants import instant
from earnest.core.numbers import parse
from earnest.core.off_premises import first_payment
from earnest.core.reservation import Told
from earnest.core.slipping import ACCEPT, CANCEL, CANCELLED, CONSENT, WAIT
from earnest.post.letters import About, Letter, facts_of
from earnest.post.words import moment, money, window

#: A link to a choice is good until it is answered or overtaken: the page sees to that, and no clock.
FOR_EVER: Final = 36_500


def choice(name: str, *, dated: bool = True) -> str:
    """What is chosen, in the holder's own words."""
    return {
        ACCEPT: _("I accept the new date"),
        WAIT: _("I wait, without agreeing to the date") if dated else _("I wait, without a date"),
        CANCEL: _("I cancel, and want everything back"),
    }[name]


def silence(told: Told) -> str:
    """What saying nothing comes to."""
    if told.silence == CONSENT and told.answer_by:
        return _("If you say nothing until %(until)s, the law takes that as consent to the new date.") % {
            "until": moment(told.answer_by)
        }
    if told.silence == CANCELLED and told.answer_by:
        return _(
            "If you say nothing until %(until)s, we cancel the reservation, and all that you paid goes back to you unasked."
        ) % {"until": moment(told.answer_by)}
    return _("Saying nothing changes nothing, and you keep every right.")


def choice_link(about: About, told: Told, name: str) -> str:
    """The page of one choice: bound to the slip, the reservation, its holder and the choice, and no way in."""
    token = links.make(
        "slip", about.state.number, f"{told.slip}-{name}", days=FOR_EVER, holder=about.state.holder
    )
    return f"{settings.EARNEST.base_url}/slip/{token}/"


def slipped(about: About) -> Letter:
    """The promised window moved, or there is no date now."""
    told = next(each for each in about.state.told if each.seq == about.payload["seq"])
    slip = next((each for each in about.offer.slips if each.seq == told.slip), None)
    said = {"title": about.title, "was": window(told.was), "now": window(told.now)}
    if told.now is None:
        first = _("We promised “%(title)s” for %(was)s. That will not hold, and we have no new date.")
    else:
        first = _("We promised “%(title)s” for %(was)s. That will not hold. The new window is %(now)s.")
    paragraphs = [
        first % said,
        _("The reason: %(why)s") % {"why": slip.why if slip and slip.why else "–"},
        _("You may choose below. If you cancel, all of your deposits leave us within 24 hours."),
        silence(told),
    ]
    if not usable_account(about.state) and about.state.payments:
        paragraphs.append(
            _(
                "Cards expire. If you tell us a bank account now, a refund can never get lost: you find the form in your reservation."
            )
        )
    choices = [
        (choice(name, dated=told.now is not None), choice_link(about, told, name)) for name in told.choices
    ]
    subject = _("The promised date has moved: %(number)s") % {"number": about.state.number}
    action = (_("Open the reservation"), about.portal())
    return Letter(subject, paragraphs, action, facts_of(about), choices)


def silence_heard(about: About) -> Letter:
    """Nobody answered, and the law takes that as consent."""
    told = next(each for each in about.state.told if each.slip == about.act.int("slip"))
    paragraphs = [
        _("You did not answer when the promise moved to %(now)s, and the law takes that as consent to it.")
        % {"now": window(told.now)},
        _("You may still cancel at any time before it is delivered, and everything comes back."),
    ]
    subject = _("Your reservation goes on with the new date: %(number)s") % {"number": about.state.number}
    return Letter(subject, paragraphs, (_("Open the reservation"), about.portal()), facts_of(about))


def statement(name: str, contract: str) -> str:
    """The content of a withdrawal, as it was declared; a number as it is given out."""
    said = {"name": name, "contract": parse(contract) or contract}
    return _("I, %(name)s, withdraw from the contract %(contract)s.") % said


def receipt_facts(said: Act, number: str) -> list[tuple[str, str]]:
    """Content, date and time of a statement, on a durable medium (Directive 2011/83/EU art. 11a(4))."""
    return [
        (
            _("Your statement"),
            statement(str(said.get("name")), str(said.get("contract"))),
        ),
        (_("Received on"), moment(said.at)),
        (_("Number of the statement"), number),
    ]


def withdrawn(about: About) -> Letter:
    """The receipt of a withdrawal that was carried out."""
    state = about.state
    paragraphs = [
        _("We confirm that you have withdrawn from the contract for “%(title)s”.") % {"title": about.title},
        _("All that you paid goes back to you; it leaves us within 24 hours."),
    ]
    ending = next((each for each in state.endings if each.seq == about.payload["seq"]), None)
    back = [each for each in state.refunds if ending and each.cause == ending.seq]
    facts = _received(about, state.withdrawals[-1].seq) if state.withdrawals else []
    facts += [(_("Comes back"), money(each.amount_minor, each.currency)) for each in back]
    subject = _("Your withdrawal is confirmed: %(number)s") % {"number": state.number}
    return Letter(subject, paragraphs, (_("Open the reservation"), about.portal()), facts)


def withdrawal_received(about: About) -> Letter:
    """A withdrawal from what has ended, or was delivered: people see to what it means."""
    paragraphs = [
        _("We have received your withdrawal from the contract for “%(title)s”.") % {"title": about.title},
        _(
            "It had ended, or was delivered, before. If something is to be sent back or paid back, we write to you about it."
        ),
    ]
    subject = _("Your withdrawal is received: %(number)s") % {"number": about.state.number}
    facts = _received(about, about.act.seq)
    return Letter(subject, paragraphs, (_("Open the reservation"), about.portal()), facts)


def _received(about: About, seq: int) -> list[tuple[str, str]]:
    """Of the statement that act `seq` received: its day is the one on which it was made."""
    found = next(each for each in about.state.withdrawals if each.seq == seq)
    kept = withdrawals.statement(found.statement)
    if kept is None or kept.erased:
        return [
            (_("Received on"), moment(found.stated_at)),
            (_("Number of the statement"), found.statement),
        ]
    return receipt_facts(kept.said, found.statement)


def money_too_early(about: About) -> Letter:
    """To the operators: a transfer came before money may be taken at all."""
    act, first = about.act, first_payment(about.state, about.offer)
    facts = [
        (_("Amount"), money(act.int("amount_minor"), act.text("currency"))),
        (_("Came on"), moment(instant(act.text("happened_at")))),
    ]
    if first:
        facts.append((_("May be taken from"), moment(first)))
    paragraphs = [
        _(
            "This contract was made away from business premises in France: no money may be taken within seven days (Code de la consommation, L221-10 and L242-7)."
        ),
        _(
            "It came by transfer all the same and is booked. Nobody asked for it; decide whether to send it back."
        ),
    ]
    subject = _("Money came too early: %(number)s") % {"number": about.state.number}
    address = f"{settings.EARNEST.base_url}/console/reservations/{about.state.number}/"
    return Letter(subject, paragraphs, (_("Open the reservation"), address), facts)


SLIP_LETTERS: Final[dict[str, Callable[[About], Letter]]] = {
    letter.__name__: letter
    for letter in (slipped, silence_heard, withdrawn, withdrawal_received, money_too_early)
}
