"""One mail as bytes: text and HTML, the same each time for the same duty, with the receipt at its foot."""

import hashlib
from collections.abc import Callable
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation

from earnest.book import clock, mode
from earnest.core.reservation import LIVING
from earnest.post import codes
from earnest.post.every_letter import LETTERS
from earnest.post.letters import TO_OPERATORS, About, Letter
from earnest.post.letters_passing import TO_THE_EARLIER, TO_THE_OTHER

BOUNDARY = "earnest-{}"
INNER = "earnest-within-{}"
#: RFC 2392: how the HTML names the picture that travels with it.
CODE = "receipt@{}"


class Undeliverable(ValueError):
    """An address that no mail server of ours can write to."""


def build(template: str, key: str, about: About, to: str, language: str, receipt: str) -> EmailMessage:
    """The message. Raises ValueError for a header that would break in two, Undeliverable for such an address."""
    with translation.override(language):
        letter = LETTERS[template](about)
        words: dict[str, Any] = {
            "letter": letter,
            "number": about.state.number,
            "maker": maker(),
            "lang": language,
        }
        # What opens a reservation, or proves it, is its holder's and nobody else's.
        if template not in TO_OPERATORS:
            if template != TO_THE_OTHER:
                words["receipt"] = receipt
                words["code"] = CODE.format(mode.origin())
            theirs = template not in (TO_THE_OTHER, *TO_THE_EARLIER)
            words["cancel"] = about.portal("cancel") if theirs and about.state.status in LIVING else ""
        return _written(letter, words, key, to, language)


def to_operators(write: Callable[[], Letter], key: str, to: str, language: str) -> EmailMessage:
    """As `build`, for a letter to the maker's own people that is about no single reservation."""
    return to_whoever(write, key, to, language)


def to_whoever(write: Callable[[], Letter], key: str, to: str, language: str) -> EmailMessage:
    """A letter that nothing of a reservation stands under: no receipt, and no way in."""
    with translation.override(language):
        letter = write()
        return _written(letter, {"letter": letter, "maker": maker(), "lang": language}, key, to, language)


def _written(letter: Letter, words: dict[str, Any], key: str, to: str, language: str) -> EmailMessage:
    text = render_to_string("post/letter.txt", words)
    html = render_to_string("post/letter.html", words)
    message = EmailMessage(policy=SMTP)
    message["From"] = Address(maker(), addr_spec=parseaddr(settings.EARNEST.mail_from)[1])
    message["To"] = Address(addr_spec=deliverable(to))
    message["Subject"] = letter.subject
    message["Date"] = format_datetime(clock.now())
    message["Message-ID"] = message_id(key)
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(text, cte="quoted-printable")
    message.add_alternative(html, subtype="html", cte="quoted-printable")
    if words.get("receipt"):
        _draw(message, words["receipt"], key)
    # Only now: Python moves what is of the content into the first part when there comes a second.
    message["Content-Language"] = language
    # A boundary that is drawn at random would make every copy of a mail another one.
    message.set_boundary(BOUNDARY.format(abs(hash_of(key))))
    return message


def _draw(message: EmailMessage, receipt: str, key: str) -> None:
    """The receipt's code beside the HTML (RFC 2387); its text stands below it, for whoever shows no pictures."""
    page = message.get_body(("html",))
    assert isinstance(page, EmailMessage)
    page.add_related(
        codes.png(receipt),
        "image",
        "png",
        cid=f"<{CODE.format(mode.origin())}>",
        disposition="inline",
        filename="receipt.png",
    )
    page.set_boundary(INNER.format(hash_of(key)))


def deliverable(address: str) -> str:
    """The address as every mail server understands it (RFC 5890 for its domain). Raises Undeliverable."""
    local, _, domain = address.rpartition("@")
    try:
        domain = domain.encode("idna").decode()
    except UnicodeError:
        raise Undeliverable("the domain of the address is none") from None
    if not local.isascii() or not local.isprintable():
        raise Undeliverable("the address has letters that mail servers do not agree on")
    return f"{local}@{domain}"


def message_id(key: str) -> str:
    """The same for the same duty, so that a mail sent twice is one mail to whoever receives it."""
    return f"<{hash_of(key):x}@{mode.origin()}>"


def hash_of(key: str) -> int:
    """A number from a duty's key."""
    return int.from_bytes(hashlib.sha256(key.encode()).digest()[:10], "big")


def maker() -> str:
    """The seller's name as people read it."""
    return mode.data().get("maker") or mode.origin()
