"""What explains the archive that answers a person's request."""

from django.utils.translation import gettext as _

from earnest.book.person import Held


def readme(found: Held, maker: str) -> str:
    """In the active language."""
    lines = [
        _("What %(maker)s holds about you") % {"maker": maker},
        "",
        _("For each of your reservations there is a folder with its number:"),
        _("story.html: everything that happened, to read in a browser, without a network"),
        _("story.earnest.json: the same for programs; anybody can check that nothing was left out of it"),
        _("mails: every mail that we wrote to you, as it was sent"),
        _("who-looked.csv: who on our side opened your data, and when"),
        *(
            [_("withdrawal-…: what you stated when you withdrew from a contract, and its receipt")]
            if found.statements
            else []
        ),
        "",
        _("Reservations: %(numbers)s") % {"numbers": ", ".join(found.numbers) or _("none")},
        "",
        _(
            "You may ask us to correct, erase or restrict data, or complain to your data protection authority."
        ),
    ]
    return "\n".join(lines) + "\n"
