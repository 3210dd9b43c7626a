"""The letters of a reservation that goes to somebody else: to whom it is offered, and to both holders."""

from collections.abc import Callable
from typing import Final

from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from earnest.book import links
from earnest.core.instants import instant
from earnest.post.letters import About, Letter
from earnest.post.words import moment, money, window

#: Those that do not go to whoever holds the reservation now.
TO_THE_OTHER: Final = "passed_to_you"
TO_THE_EARLIER: Final = ("holder_left", "holder_replaced")


def passed_to_you(about: About) -> Letter:
    """To whom it is offered: what it is, and the one link; nothing happens if they do nothing."""
    state, act = about.state, about.act
    token = links.make("passing", state.number, str(act.seq), days=14, holder=state.holder)
    paragraphs = [
        _("The holder of a reservation for “%(title)s” offers it to you.") % {"title": _title(about)},
        _(
            "With it goes what was paid for it, and what the maker owes. Behind the link you see all of it before you decide. If you do nothing, nothing happens, and the offer ends on %(until)s."
        )
        % {"until": moment(instant(act.text("until")))},
    ]
    facts = [
        (_("Reservation"), state.number),
        (_("Promised for"), window(state.expected)),
        *((_("Paid"), money(minor, currency)) for currency, minor in state.deposits().items()),
    ]
    subject = _("A reservation is offered to you: %(number)s") % {"number": state.number}
    address = f"{settings.EARNEST.base_url}/passing/{token}/"
    return Letter(subject, paragraphs, (_("Look at it and decide"), address), facts)


def passing_on(about: About) -> Letter:
    """To its holder: it was offered, and can be taken back until it is taken."""
    act = about.act
    paragraphs = [
        _(
            "You offered your reservation to %(to)s. It stays yours until they accept, by %(until)s at the latest."
        )
        % {"to": str(act.fields["to"]), "until": moment(instant(act.text("until")))},
        _("If that was not you, take the offer back in your reservation and write to us."),
    ]
    if act.fields["means"]:
        paragraphs.append(
            _(
                "If they agree too, refunds of what you paid may still go to the card or account that you paid from."
            )
        )
    else:
        paragraphs.append(
            _("Once they accept, what you paid is theirs: refunds go to an account of theirs, not to you.")
        )
    subject = _("You offered your reservation to somebody: %(number)s") % {"number": about.state.number}
    return Letter(subject, paragraphs, (_("Open the reservation"), about.portal("pass-on")))


def passing_ended(about: About) -> Letter:
    """To its holder: it stays theirs."""
    said = {
        "taken-back": _("You took the offer of your reservation back."),
        "declined": _("Whoever you offered your reservation to does not take it."),
    }
    paragraphs = [said[about.act.text("why")], _("The reservation is yours as before.")]
    subject = _("Your reservation stays yours: %(number)s") % {"number": about.state.number}
    return Letter(subject, paragraphs, (_("Open the reservation"), about.portal()))


def holder_changed(about: About) -> Letter:
    """To the new holder: it is theirs, with its number and its place."""
    state = about.state
    paragraphs = [
        _(
            "The reservation for “%(title)s” is yours now, with its number, its place and what was paid for it."
        )
        % {"title": _title(about)},
        _("If money goes back one day, we ask you for a bank account of your own.")
        if not about.act.fields["means"]
        else _(
            "If money goes back one day, what was paid before goes where it came from, as you both agreed."
        ),
    ]
    facts = [
        (_("Reservation"), state.number),
        (_("Promised for"), window(state.expected)),
        *((_("Paid"), money(minor, currency)) for currency, minor in state.deposits().items()),
    ]
    subject = _("The reservation is yours: %(number)s") % {"number": state.number}
    return Letter(subject, paragraphs, (_("Open the reservation"), about.portal()), facts)


def holder_left(about: About) -> Letter:
    """To the earlier holder: it is no longer theirs, and neither are its links."""
    paragraphs = [
        _("Your reservation for “%(title)s” has been taken over by whoever you offered it to.")
        % {"title": _title(about)},
        _(
            "Its links no longer open it for you. What we keep about you we delete on request, or at the end of its term."
        ),
    ]
    subject = _("Your reservation has been passed on: %(number)s") % {"number": about.state.number}
    return Letter(subject, paragraphs)


def _title(about: About) -> str:
    return about.offer.version(about.state.version).text((get_language() or "en")[:2]).title


PASSING_LETTERS: Final[dict[str, Callable[[About], Letter]]] = {
    letter.__name__: letter
    for letter in (passed_to_you, passing_on, passing_ended, holder_changed, holder_left)
}
