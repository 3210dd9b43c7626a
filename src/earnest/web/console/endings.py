"""Ending and moving on a reservation: each asks once more on a page of its own, and only a POST acts."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_http_methods

from earnest.book import clock, reads
from earnest.core.commands.base import Command
from earnest.core.commands.cancel import Cancel, comes_back
from earnest.core.commands.convert import Convert, Deliver
from earnest.core.commands.erase import Erase
from earnest.core.commands.lapse import Lapse
from earnest.core.commands.paid_twice import GiveBack, twice
from earnest.core.refusals import Missing, Refusal
from earnest.core.reservation import Reservation
from earnest.web.console import acting, fields, showing
from earnest.web.console.access import operator
from earnest.web.console.forms import reservation as filled

Who = dict[str, Any]


@dataclass(frozen=True)
class Step:
    """One thing that can be done to a reservation: its page, its form, its command."""

    title: str | Promise
    says: str | Promise
    button: str | Promise
    done: str | Promise
    form: Callable[[Any, Reservation], forms.Form]
    command: Callable[[Reservation, dict[str, Any], Who], Command]
    grave: bool = False
    pays_back: bool = False
    #: What the page says of it before it is done: label and value.
    facts: Callable[[Reservation], list[tuple[str, str]]] = lambda state: []


def _simple(form: type[forms.Form]) -> Callable[[Any, Reservation], forms.Form]:
    return lambda data, state: form(data)


def _ending(form: type[filled.EndForm]) -> Callable[[Any, Reservation], forms.Form]:
    return lambda data, state: form(data, most=state.quantity)


STEPS = {
    "cancel": Step(
        title=lazy("Cancel for the customer"),
        says=lazy(
            "For a customer who asked you to. All that was paid for the places is owed back at once and "
            "leaves within 24 hours; the customer gets a receipt."
        ),
        button=lazy("Cancel these places"),
        done=lazy("It is cancelled."),
        form=_ending(filled.EndForm),
        command=lambda state, data, who: Cancel(
            number=state.number, quantity=data["quantity"], why=data["why"], **who
        ),
        grave=True,
        pays_back=True,
    ),
    "give-up": Step(
        title=lazy("Give up"),
        says=lazy(
            "You end it, not the customer: you will not deliver. All that was paid for the places is owed "
            "back at once and leaves within 24 hours; the customer reads your reason."
        ),
        button=lazy("Give up these places"),
        done=lazy("It is given up."),
        form=_ending(filled.GiveUpForm),
        command=lambda state, data, who: Cancel(
            number=state.number, quantity=data["quantity"], why=data["why"], gives_up=True, **who
        ),
        grave=True,
        pays_back=True,
    ),
    "give-back": Step(
        title=lazy("Give back what came twice"),
        says=lazy(
            "Two payments of one amount came within a week, and the second was not asked for. If its holder says "
            "that it was a mistake, all that is left of it goes back; the place stays as it is."
        ),
        button=lazy("Give it back"),
        done=lazy("It goes back; the holder is told."),
        form=lambda data, state: filled.TwiceForm(data, payments=twice(state)),
        command=lambda state, data, who: GiveBack(
            number=state.number, payment=int(data["payment"]), why=data["why"], **who
        ),
    ),
    "lapse": Step(
        title=lazy("Lapse"),
        says=lazy(
            "For a deposit that does not come. The place is free for somebody else at once; a part that was "
            "paid goes back."
        ),
        button=lazy("Let it lapse"),
        done=lazy("The place has lapsed."),
        form=_simple(filled.ConfirmForm),
        command=lambda state, data, who: Lapse(number=state.number, **who),
        grave=True,
        pays_back=True,
    ),
    "convert": Step(
        title=lazy("Make it a sale"),
        says=lazy("The wait is over: from now on the deposits count as price."),
        button=lazy("Make it a sale"),
        done=lazy("It is a sale now."),
        form=_simple(filled.SaleForm),
        command=lambda state, data, who: Convert(number=state.number, sale=data["sale"], **who),
    ),
    "deliver": Step(
        title=lazy("Delivered"),
        says=lazy("It was handed over to the customer."),
        button=lazy("Record the delivery"),
        done=lazy("The delivery is recorded."),
        form=_simple(filled.DeliverForm),
        command=lambda state, data, who: Deliver(
            number=state.number, happened_at=fields.instant_of(data["on"], clock.now()), **who
        ),
    ),
    "erase": Step(
        title=lazy("Erase personal data"),
        says=lazy(
            "The key of one class of data is destroyed, and with it every value of that class, for ever. The "
            "acts stay, and the story still verifies: it shows what was erased."
        ),
        button=lazy("Erase for ever"),
        done=lazy("It is erased."),
        form=_simple(filled.EraseForm),
        command=lambda state, data, who: Erase(
            number=state.number, cls=data["cls"], ground=data["ground"], **who
        ),
        grave=True,
    ),
}


@operator
@require_http_methods(["GET", "HEAD", "POST"])
def step(request: HttpRequest, number: str, name: str) -> HttpResponse:
    """The page that asks; by POST, the act."""
    return carried_out(request, number, STEPS[name])


def carried_out(request: HttpRequest, number: str, todo: Step) -> HttpResponse:
    """One step of one reservation: its page, or what came of it."""
    try:
        state = reads.reservation(number)
    except Missing as missing:
        return acting.refused(request, missing)
    form = todo.form(request.POST if request.method == "POST" else None, state)
    if request.method != "POST" or not form.is_valid():
        return _ask(request, state, todo, form)
    return acting.act(
        request,
        todo.command(state, form.cleaned_data, acting.who(request)),
        str(todo.done),
        acting.address("console:reservation", state.number),
        lambda refusal: _ask(request, state, todo, form, refusal),
    )


def _ask(
    request: HttpRequest, state: Reservation, todo: Step, form: forms.Form, refusal: Refusal | None = None
) -> HttpResponse:
    back: dict[str, int] = {}
    if todo.pays_back and state.quantity:
        for payment, minor in comes_back(state, state.quantity):
            back[payment.currency] = back.get(payment.currency, 0) + minor
    context = {
        "state": state,
        "name": showing.name_of(state),
        "todo": todo,
        "form": form,
        "back": sorted(back.items()),
        "facts": todo.facts(state),
    }
    response = acting.page(request, "confirm.html", context, refusal=refusal)
    if form.is_bound and form.errors:
        response.status_code = 422
    return acting.looked(request, state.number, "reservation", response)
