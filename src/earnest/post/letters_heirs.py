"""The letters of a reservation whose holder has died, or that goes to somebody else by law."""

from collections.abc import Callable
from typing import Final

from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from earnest.book import heirs
from earnest.core.commands.heirs import COMPANY, INHERITANCE, JUDGMENT
from earnest.core.refund import ASKED_FOR
from earnest.core.reservation import Reservation
from earnest.post.letters import About, Letter, Overtaken
from earnest.post.words import moment, money, window

#: All that is still written to the address of somebody who has died: one letter for whoever reads it, and what is asked
#: for there.
TO_THE_BEREAVED: Final = ("holder_died", "cancelled", "portal_link")


def holder_died(about: About) -> Letter:
    """To whoever reads the mailbox: what stands still, what heirs need, and what to do if it is not so."""
    said = {"title": _title(about)}
    told = (
        _("A bank told us that the holder of a reservation for “%(title)s” has died.")
        if about.act.text("told_by") == "bank"
        else _("We were told that the holder of a reservation for “%(title)s” has died.")
    )
    paragraphs = [
        told % said,
        _(
            "If that is so, you have our sympathy. Nothing is lost: the place, what was paid and what is owed wait for the heirs. Until we know who they are, we pay nothing out and send no more mails."
        ),
        _(
            "If you are an heir, write to us and show us a proof, such as a notary's deed, a court's certificate or a European Certificate of Succession."
        ),
        _("If it is not so, write to us at once, and all goes on as before."),
    ]
    subject = _("About the reservation %(number)s") % {"number": about.state.number}
    return Letter(subject, paragraphs, (_("Open the reservation"), about.portal()))


def death_corrected(about: About) -> Letter:
    """To the holder, who lives."""
    paragraphs = [
        _("We had been told that you had died. That was wrong, and we are sorry."),
        _("Everything goes on as before. What is owed to you is owed on, and is paid as it was to be paid."),
    ]
    subject = _("A correction: your reservation %(number)s") % {"number": about.state.number}
    return Letter(subject, paragraphs, (_("Open the reservation"), about.portal()))


def successor_named(about: About) -> Letter:
    """To a living holder: papers say that it is somebody else's; nothing has changed yet."""
    paragraphs = [
        _("We were shown papers by which your reservation for “%(title)s” goes to somebody else: %(right)s.")
        % {"title": _title(about), "right": right(about.act.text("right"))},
        _(
            "Another of us looks at them before anything changes. If you know nothing of it, write to us at once."
        ),
    ]
    subject = _("Papers about your reservation %(number)s") % {"number": about.state.number}
    return Letter(subject, paragraphs, (_("Open the reservation"), about.portal()))


def holder_replaced(about: About) -> Letter:
    """To the earlier holder, who lives: it is no longer theirs, and they did not give it."""
    paragraphs = [
        _("Your reservation for “%(title)s” is somebody else's now: %(right)s.")
        % {"title": _title(about), "right": right(about.act.text("right"))},
        _("Its links no longer open it for you. If you hold that to be wrong, write to us."),
        _("What we keep about you we delete on request, or at the end of its term."),
    ]
    subject = _("Your reservation has gone to somebody else: %(number)s") % {"number": about.state.number}
    return Letter(subject, paragraphs)


def succeeded_to_you(about: About) -> Letter:
    """To whoever follows: it is theirs, as it was, and what is owed is owed to them."""
    state = about.state
    owed = state.owed_back()
    paragraphs = [
        _("The reservation for “%(title)s” is yours now: %(right)s. Two of us have seen the papers.")
        % {"title": _title(about), "right": right(about.act.text("right"))},
        _("It keeps its number, its place, its terms and what was paid for it. You may cancel at any time."),
    ]
    if owed:
        paragraphs.append(
            _(
                "What is owed back goes to a bank account of yours, and to no card or account of the earlier holder. Please tell us yours in the reservation, never by mail."
            )
        )
    facts = [
        (_("Reservation"), state.number),
        (_("Promised for"), window(state.expected)),
        *((_("Paid"), money(minor, currency)) for currency, minor in state.deposits().items()),
        *((_("Owed back"), money(minor, currency)) for currency, minor in owed.items()),
    ]
    subject = _("The reservation is yours: %(number)s") % {"number": state.number}
    return Letter(subject, paragraphs, (_("Open the reservation"), about.portal()), facts)


def find_heirs(about: About) -> Letter:
    """To the operators: somebody must find out to whom it is owed now."""
    state = about.state
    died = state.died
    if died is None or died.seq != int(about.payload["seq"]):
        raise Overtaken("somebody has followed, or it was not so")
    paragraphs = [
        _(
            "The holder of a reservation has died. Nothing is paid out and nothing is asked of them; the promise of 24 hours stands still."
        ),
        _(
            "Find out who the heirs are and see their proof. One operator names who follows, another confirms. If the report is wrong, correct it in the console."
        ),
    ]
    if under_way(state):
        paragraphs.append(
            _(
                "A refund to them is under way. If the bank or the provider can still stop it, stop it there and record that it was refused."
            )
        )
    others = heirs.also_theirs(state)
    if others:
        paragraphs.append(
            _(
                "Other reservations have the same address: %(numbers)s. If they are of the same person, record the death there too."
            )
            % {"numbers": ", ".join(others)}
        )
    facts = [
        (_("Reported on"), moment(died.at)),
        *((_("Paid"), money(minor, currency)) for currency, minor in state.deposits().items()),
        *((_("Owed back"), money(minor, currency)) for currency, minor in state.owed_back().items()),
    ]
    subject = _("Waits for heirs: %(number)s") % {"number": state.number}
    return Letter(subject, paragraphs, (_("Open the reservation"), _console(about)), facts)


def confirm_successor(about: About) -> Letter:
    """To the operators: another one must look at the papers."""
    successor = about.state.successor
    if successor is None or successor.seq != int(about.payload["seq"]):
        raise Overtaken("it was confirmed, or somebody else was named")
    paragraphs = [
        _("It is written down who follows the holder of a reservation: %(right)s.")
        % {"right": right(successor.right)},
        _(
            "Another operator must see the same papers and confirm it in the console. Until then nothing changes."
        ),
    ]
    subject = _("Who follows is to be confirmed: %(number)s") % {"number": about.state.number}
    return Letter(subject, paragraphs, (_("Open the reservation"), _console(about)))


def under_way(state: Reservation) -> bool:
    """Whether money has been asked for that may still reach whoever has died."""
    return any(each.status in ASKED_FOR for each in state.refunds)


def right(code: str) -> str:
    """By what right somebody follows, within a sentence."""
    said = {
        INHERITANCE: _("by inheritance"),
        JUDGMENT: _("by a court's decision"),
        COMPANY: _("by the succession of a company"),
    }
    return said.get(code, code)


def _console(about: About) -> str:
    return f"{settings.EARNEST.base_url}/console/reservations/{about.state.number}/"


def _title(about: About) -> str:
    return about.offer.version(about.state.version).text((get_language() or "en")[:2]).title


HEIR_LETTERS: Final[dict[str, Callable[[About], Letter]]] = {
    letter.__name__: letter
    for letter in (
        holder_died,
        death_corrected,
        successor_named,
        holder_replaced,
        succeeded_to_you,
        find_heirs,
        confirm_successor,
    )
}
