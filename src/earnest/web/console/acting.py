"""How a page acts: the operator's wish becomes a command, the command an outcome, the outcome a page."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from earnest.book import door, looks
from earnest.core.commands.base import Command
from earnest.core.numbers import parse
from earnest.core.refusals import Refusal
from earnest.web import acting as shared
from earnest.web.sentences import sentence, status


def who(request: HttpRequest) -> dict[str, Any]:
    """What every command says of its speaker."""
    return {"by": "maker", "via": "console", "person": person(request)}


def person(request: HttpRequest) -> str:
    """The operator, as acts name them."""
    return f"operator:{request.user.get_username()}"


def number(written: str) -> str:
    """A reservation's number from an address, as it is given out; what is none will not be found."""
    return parse(written) or written


def address(name: str, *args: object) -> str:
    """The path of a page."""
    return reverse(name, args=args)


def run(request: HttpRequest, command: Command) -> door.Done | door.Nothing:
    """Carry out a command from a form, once however often it is sent. Raises Refusal."""
    return shared.run(request, command, person(request))


def act(
    request: HttpRequest,
    command: Command,
    said: str,
    to: str,
    again: Callable[[Refusal], HttpResponse],
) -> HttpResponse:
    """Carry out a command and go `to` a page that says `said`; `again` shows a refusal in its place."""
    try:
        outcome = run(request, command)
    except Refusal as refusal:
        return again(refusal)
    if isinstance(outcome, door.Nothing):
        messages.info(request, _("Nothing was written: it was so already."))
    else:
        messages.success(request, said)
    return redirect(to)


def page(
    request: HttpRequest,
    template: str,
    context: dict[str, Any] | None = None,
    *,
    refusal: Refusal | None = None,
) -> HttpResponse:
    """A page of the console; with a refusal it says its sentence and has its status."""
    code = 200
    if refusal is not None:
        messages.error(request, sentence(refusal))
        code = status(refusal)
    known = {
        "key_field": shared.KEY_FIELD,
        "fresh_key": shared.fresh_key(),
        "menu": _menu(request),
        "LANGUAGE_CODE": get_language(),
    }
    response = render(request, f"console/{template}", {**known, **(context or {})}, status=code)
    response["Cache-Control"] = "no-store"
    return response


def looked(request: HttpRequest, number: str, what: str, response: HttpResponse) -> HttpResponse:
    """The one way in which what a person gave leaves a page of the console: that it was looked at is written down.

    Once for each answer with something in it; what cannot be written down is not shown. `what` is one of `looks.WHAT`.
    """
    if request.method != "HEAD":
        looks.note(number, person(request), what)
    return response


def _menu(request: HttpRequest) -> list[tuple[str, str, bool]]:
    """(address, words, whether this page is in it) of each part of the console."""
    home = reverse("console:today")
    parts = (
        ("today", _("Today")),
        ("offers", _("Offers")),
        ("reservations", _("Reservations")),
        ("refunds", _("Refunds")),
        ("disputes", _("Disputes")),
        ("credits", _("Credits")),
        ("outbox", _("Outbox")),
        ("keys", _("API keys")),
        ("record", _("Record")),
    )
    found = [(reverse(f"console:{name}"), words) for name, words in parts]
    return [
        (path, words, request.path == path or (path != home and request.path.startswith(path)))
        for path, words in found
    ]


def refused(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """A page for what cannot be shown at all."""
    response = page(request, "refused.html", {"what": sentence(refusal)})
    response.status_code = status(refusal)
    return response
