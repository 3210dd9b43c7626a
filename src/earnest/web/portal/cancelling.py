"""Cancelling: what comes back is shown before the second click, and the receipt right after it."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from earnest.book import clock, reads
from earnest.book import policy as policies
from earnest.core import rails
from earnest.core.commands.cancel import Cancel, comes_back
from earnest.core.commands.refund import usable_account
from earnest.core.commands.take_back import TakeBack, cannot_take_back, last_ending, refunds_of
from earnest.core.refund import ARRIVED, SENT, SETTLED, UNCLAIMED, WAITING
from earnest.core.refusals import Refusal
from earnest.core.reservation import LIVING, Reservation
from earnest.web import rights
from earnest.web.acting import holder, run
from earnest.web.acting import whole as whole_number
from earnest.web.policy import policy
from earnest.web.portal.views import frame, shown, the, way_back
from earnest.web.sentences import sentence, status


@require_http_methods(["GET", "HEAD", "POST"])
@policy("holder")
def cancel(request: HttpRequest, number: str) -> HttpResponse:
    """The first click leads here, the second acts. No reason is asked."""
    state = the(number)
    if request.method != "POST":
        if state.status not in LIVING:
            return redirect("cancelled", number=state.number)
        return render(
            request, "portal/cancel.html", _preview(state, whole_number(request.GET.get("quantity", "")))
        )
    # Saying nothing means all of them; something that is no number must not.
    wanted = request.POST.get("quantity", "")
    quantity = (whole_number(wanted) or -1) if wanted else 0
    try:
        run(request, Cancel(**holder(request, state.number), quantity=quantity))
    except Refusal as refusal:
        context = _preview(state, 0) | {"refusal": sentence(refusal)}
        return render(request, "portal/cancel.html", context, status=status(refusal))
    return redirect("cancelled", number=state.number)


@require_safe
@policy("holder")
def cancelled(request: HttpRequest, number: str) -> HttpResponse:
    """The receipt: when it was received, what comes back and by when."""
    state = the(number)
    ending = last_ending(state)
    if ending is None:
        return redirect("reservation", number=state.number)
    back = refunds_of(state, ending)
    # One that waits has a day of its own, which its own box tells.
    moving = [each for each in back if each.status not in (WAITING, UNCLAIMED, SETTLED)]
    context = frame(state) | {
        "ending": ending,
        "back": back,
        "moving": moving,
        "due_at": max((each.due_at for each in moving), default=ending.due_at),
        "can_take_back": cannot_take_back(state, ending, back) is None and not state.died,
        "has_left": all(each.status in (SENT, ARRIVED) for each in moving),
        "needs_account": any(each.status == "waiting" and each.why == "account" for each in back),
        "receipt": reads.receipt("reservation", state.number, ending.seq),
    }
    return render(request, "portal/cancelled.html", context)


@require_POST
@policy("holder")
def take_back(request: HttpRequest, number: str) -> HttpResponse:
    """A change of mind, while the money is still here."""
    state = the(number)
    try:
        run(request, TakeBack(**holder(request, state.number)))
    except Refusal as refusal:
        return shown(request, the(number), refusal)
    return redirect("reservation", number=state.number)


def _preview(state: Reservation, quantity: int) -> dict[str, Any]:
    places = quantity if 1 <= quantity <= state.quantity else state.quantity
    parts = [
        {"payment": payment, "amount_minor": minor, "way": way_back(state, payment)}
        for payment, minor in comes_back(state, places)
    ]
    around = frame(state)
    whole = places == state.quantity and not state.died
    return around | {
        "law": rights.view(state, around["offer"]) if whole else None,
        "quantity": places,
        "parts": parts,
        "account": usable_account(state),
        "by_bank": any(part["way"].name != rails.CARD for part in parts),  # type: ignore[attr-defined]
        "due_at": clock.now() + policies.current().refund_promise,
    }
