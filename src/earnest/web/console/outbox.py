"""The outbox: every mail as it was made, shown so that nothing in it can act on the console."""

import base64
import re
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from typing import Final

from django.conf import settings
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe

from earnest.book import lists, mode, outbox
from earnest.core.refusals import Missing
from earnest.web.console import acting, showing, words
from earnest.web.console.access import operator

#: A mail brings inline styles and the picture that travels in it: no script, no form, no frame, nothing fetched.
MAIL_CSP: Final = (
    "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'self'"
)
#: A page hands its frame a word that says: this look is written down. It is the operator's own, and soon worth nothing.
_SALT: Final = "earnest.console.frame"
_FRAME_SECONDS: Final = 60
_HEADERS: Final = ("From", "To", "Subject", "Date", "Message-ID", "Content-Language")


@dataclass(frozen=True)
class MailView:
    """A mail in a list."""

    row: lists.MailRow

    @property
    def title(self) -> str:
        """Which mail it is."""
        return words.say(words.MAILS, self.row.template)

    @property
    def badge(self) -> showing.Badge:
        """Whether it went out."""
        return showing.badge(self.row.status, words.MAIL_STATUSES)


@operator
@require_safe
def listed(request: HttpRequest) -> HttpResponse:
    """All mails, the newest first, fifty a page."""
    older = request.GET.get("older", "")
    found = lists.mails(older=int(older) if older.isascii() and older.isdigit() and len(older) < 16 else 0)
    mails = [MailView(row) for row in found.rows]
    context = {"mails": mails, "older": found.older, "demo": mode.current().is_demo}
    return acting.page(request, "outbox.html", context)


@operator
@require_safe
def one(request: HttpRequest, pk: int) -> HttpResponse:
    """One mail: headers, the picture that its HTML makes, its text, and its links."""
    try:
        row, message = _read(pk)
    except Missing as missing:
        return acting.refused(request, missing)
    text = _part(message, "plain")
    context = {
        "mail": MailView(row),
        "headers": [(name, message[name]) for name in _HEADERS if message[name]],
        "text": text,
        "links": _links(text) if mode.current().is_demo else [],
        "masked": not mode.current().is_demo,
        "seen": signing.dumps([pk, acting.person(request)], salt=_SALT),
    }
    return _looked(request, row, acting.page(request, "mail.html", context))


@operator
@require_safe
@xframe_options_sameorigin
def html(request: HttpRequest, pk: int) -> HttpResponse:
    """The HTML part alone, for a sandboxed frame; its own policy holds where there is no frame.

    The frame of a page belongs to the look at the page; whoever comes here by another way looks anew.
    """
    try:
        row, message = _read(pk)
    except Missing as missing:
        raise Http404 from missing
    response = HttpResponse(_pictured(message), content_type="text/html; charset=utf-8")
    response["Content-Security-Policy"] = MAIL_CSP
    response["Cache-Control"] = "no-store"
    return response if _is_noted(request, pk) else _looked(request, row, response)


def _looked(request: HttpRequest, row: lists.MailRow, response: HttpResponse) -> HttpResponse:
    """A mail about a reservation was looked at; one to operators is nobody's data."""
    return acting.looked(request, row.number, "mail", response) if row.number else response


def _is_noted(request: HttpRequest, pk: int) -> bool:
    try:
        word = signing.loads(request.GET.get("seen", ""), salt=_SALT, max_age=_FRAME_SECONDS)
    except signing.BadSignature:
        return False
    return bool(word == [pk, acting.person(request)])


def _read(pk: int) -> tuple[lists.MailRow, EmailMessage]:
    row, key = lists.mail(pk)
    raw = outbox.kept(key)
    if raw is None:
        raise Missing("mail-erased", _("This mail was erased."))
    message = message_from_bytes(raw, policy=SMTP)
    if not isinstance(message, EmailMessage):
        raise Missing("no-mail", "There is no such mail.")
    return row, message


def _part(message: EmailMessage, kind: str) -> str:
    found = message.get_body((kind,))
    content = found.get_content() if found else ""
    return _masked(content) if isinstance(content, str) else ""


def _pictured(message: EmailMessage) -> str:
    """The HTML with the pictures that travel beside it (`cid:`) put into it, as a mail program shows them."""
    html = _part(message, "html")
    for part in message.walk():
        name, data = str(part.get("Content-ID", "")).strip("<>"), part.get_payload(decode=True)
        if name and part.get_content_type() == "image/png" and isinstance(data, bytes):
            html = html.replace(f"cid:{name}", f"data:image/png;base64,{base64.b64encode(data).decode()}")
    return html


def _masked(text: str) -> str:
    """Without the tokens of its links, save in a demonstration.

    A link opens a reservation as its holder: who reads it could give a bank account and confirm it.
    """
    if mode.current().is_demo:
        return text
    ours = re.escape(settings.EARNEST.base_url)
    return re.sub(rf"({ours}/(?:[a-z-]+/)+)[A-Za-z0-9._~=-]{{24,}}", r"\1…", text)


def _links(text: str) -> list[str]:
    ours = re.escape(settings.EARNEST.base_url)
    return list(dict.fromkeys(re.findall(rf"{ours}/\S+", text)))
