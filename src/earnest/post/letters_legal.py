"""The mails that carry a letter of the law: to the maker what a holder wrote, to the holder what the maker wrote."""

from collections.abc import Callable
from typing import Final

from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from earnest.core.instants import day as read_day
from earnest.post import legal_letters
from earnest.post.letters import About, Letter
from earnest.post.words import day


def letter_to_maker(about: About) -> Letter:
    """What a holder wrote, for the maker's own people."""
    address = f"{settings.EARNEST.base_url}/console/reservations/{about.state.number}/"
    return _carried(about, (_("Open the reservation"), address))


def letter_to_holder(about: About) -> Letter:
    """What the maker wrote."""
    return _carried(about, (_("Open the reservation"), about.portal()))


def notice_received(about: About) -> Letter:
    """To the holder: their formal notice has come, until when the extra time runs, and what follows."""
    act = about.act
    until = day(read_day(act.text("extra_time_ends_on")))
    paragraphs = [
        _("We have received your formal notice for “%(title)s”.") % {"title": about.title},
        _("The extra time ends on %(until)s. If nothing is delivered by then, you can end the contract.")
        % {"until": until},
    ]
    subject = _("Your formal notice is received: %(number)s") % {"number": about.state.number}
    facts = [(_("Received on"), day(read_day(act.text("received_on"))))]
    return Letter(subject, paragraphs, (_("Open the reservation"), about.portal()), facts)


def _carried(about: About, action: tuple[str, str]) -> Letter:
    language = "fr" if (get_language() or "").startswith("fr") else "en"
    said = legal_letters.of_act(about.act, about.state, about.offer, language)
    facts = [*said.sums, *((_("Together"), total) for total in said.totals)]
    sources = [each.citation for each in said.sources]
    paragraphs = [*said.paragraphs, *(["; ".join(sources) + "."] if sources else []), said.note]
    return Letter(f"{said.title}: {said.number}", paragraphs, action, facts)


LEGAL_LETTERS: Final[dict[str, Callable[[About], Letter]]] = {
    letter.__name__: letter for letter in (letter_to_maker, letter_to_holder, notice_received)
}
