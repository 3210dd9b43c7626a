"""Where a holder's invoices are made out to: given in the portal, and given again when they move."""

from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from earnest.core.commands.give_address import GiveAddress
from earnest.core.refusals import Refusal
from earnest.core.reservation import Address
from earnest.post.words import country
from earnest.web.acting import holder, run
from earnest.web.forms import PublicForm
from earnest.web.policy import policy
from earnest.web.portal.views import asks_address, frame, the
from earnest.web.sentences import sentence, status


class AddressForm(PublicForm):
    """One address; what it must have is the core's to say."""

    street = forms.CharField(label=_("Street and number"), max_length=100)
    street_more = forms.CharField(label=_("Second line"), max_length=100, required=False)
    postcode = forms.CharField(label=_("Postcode"), max_length=20, required=False)
    city = forms.CharField(label=_("Town"), max_length=100)

    AUTOCOMPLETE = {  # noqa: RUF012 - read only
        "street": "address-line1",
        "street_more": "address-line2",
        "postcode": "postal-code",
        "city": "address-level2",
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.describe()


@require_http_methods(["GET", "HEAD", "POST"])
@policy("holder")
def give(request: HttpRequest, number: str) -> HttpResponse:
    """The form with what was given before, and what it says."""
    state = the(number)
    if not asks_address(state):
        raise Http404
    known = vars(state.address) if isinstance(state.address, Address) else None
    form, refusal = AddressForm(request.POST or None, initial=known), None
    if request.method == "POST" and form.is_valid():
        try:
            run(request, GiveAddress(**holder(request, state.number), **form.cleaned_data))
        except Refusal as error:
            refusal = error
        else:
            return redirect("reservation", number=state.number)
    answer = status(refusal) if refusal else 422 if form.is_bound else 200
    shown = {
        "form": form,
        "country": country(state.buyer.residence),
        "refusal": sentence(refusal) if refusal else "",
    }
    return render(request, "portal/address.html", frame(state) | shown, status=answer)
