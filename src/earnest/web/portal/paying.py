"""Paying the next deposit, by card or by transfer."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from earnest.core.refusals import Refusal
from earnest.rails.stripe import checkout
from earnest.web.policy import policy
from earnest.web.portal import transferring
from earnest.web.portal.views import frame, shown, the


@require_POST
@policy("holder")
def pay(request: HttpRequest, number: str) -> HttpResponse:
    """Off to the payment page; pressed twice, it is the same page."""
    state = the(number)
    try:
        address = checkout.start_checkout(state.number)
    except Refusal as refusal:
        return shown(request, the(number), refusal)
    response = HttpResponse(status=303)
    response["Location"] = address
    return response


@require_safe
@policy("holder")
def paid(request: HttpRequest, number: str) -> HttpResponse:
    """Back from the payment page: ask what came of it, in case the webhook is late.

    The one GET that may write, because a browser comes back by GET: it records what Stripe says and nothing that
    the address says, so nobody can make it write anything else.
    """
    state = the(number)
    try:
        checkout.collect(request.GET.get("session", ""))
    except checkout.Mismatch:
        return redirect("reservation", number=state.number)
    except Refusal as refusal:
        return shown(request, the(number), refusal)
    return redirect("reservation", number=state.number)


@require_safe
@policy("holder")
def transfer(request: HttpRequest, number: str) -> HttpResponse:
    """The transfer alone on a page, to be read beside a banking app or printed; the mails that ask for it lead here."""
    state = the(number)
    asked = transferring.asked(state)
    if asked is None:
        return redirect("reservation", number=state.number)
    return render(request, "portal/transfer.html", frame(state) | {"transfer": asked})
