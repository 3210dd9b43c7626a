"""Ways in: the link in a mail, and asking for a new one."""

from datetime import timedelta
from typing import Any, Final

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from earnest.book import clock, duties, links, reads
from earnest.core.commands.base import Duty
from earnest.core.numbers import parse
from earnest.core.refusals import Missing
from earnest.core.reservation import Contact
from earnest.web.forms import PublicForm
from earnest.web.policy import policy
from earnest.web.portal.access import let_in

#: At most one new link for a reservation in this time, however often it is asked for.
EVERY: Final = timedelta(minutes=5)
PAGES: Final = {"cancel": "cancel", "pass-on": "pass-on", "transfer": "transfer"}


class FindForm(PublicForm):
    """Number and address; both must fit, and the answer is the same either way."""

    number = forms.CharField(label=_("Reservation number"), max_length=20)
    email = forms.EmailField(label=_("E-mail that you gave"), max_length=254)

    AUTOCOMPLETE = {"number": "off", "email": "email"}  # noqa: RUF012 - read only

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.describe()


@require_http_methods(["GET", "HEAD"])
@policy("public")
def link(request: HttpRequest, token: str) -> HttpResponse:
    """A link from a mail opens the reservation in this browser; it acts on nothing."""
    read = links.read("portal", token)
    if read is None:
        return stale(request)
    to = PAGES.get(read.extra, "reservation")
    return let_in(request, redirect(to, number=read.number), read.number)


@require_http_methods(["GET", "HEAD", "POST"])
@policy("public")
def find(request: HttpRequest) -> HttpResponse:
    """Whether the two fit is never said: if they do, the address of record gets a link."""
    if request.method != "POST":
        return render(request, "portal/find.html", {"form": FindForm()})
    form = FindForm(request.POST)
    if not form.is_valid():
        return render(request, "portal/find.html", {"form": form}, status=422)
    number = parse(form.cleaned_data["number"])
    if number:
        _send_link(number, form.cleaned_data["email"])
    return render(request, "portal/find.html", {"sent": True})


def stale(request: HttpRequest) -> HttpResponse:
    """A link that is too old, or not whole: the page on which a new one is asked for."""
    return render(request, "portal/find.html", {"form": FindForm(), "stale": True}, status=410)


def _send_link(number: str, email: str) -> None:
    """The address is the one on record, never the one that was typed."""
    try:
        state = reads.reservation(number)
    except Missing:
        return
    contact = state.contact
    if not isinstance(contact, Contact) or contact.email.casefold() != email.strip().casefold():
        return
    now = clock.now()
    slot = int(now.timestamp() // EVERY.total_seconds())
    payload = {"number": number, "template": "portal_link"}
    duties.insert([Duty("mail", f"mail/{number}/portal_link/{slot}", now, payload)])
