"""A bank account for refunds: given in the portal, confirmed through the address of record."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods

from earnest.book import links
from earnest.core.commands.give_account import ConfirmAccount, GiveAccount
from earnest.core.refusals import Missing, Refusal
from earnest.core.reservation import BankDetails
from earnest.web.acting import fresh_key, holder, run, speaker
from earnest.web.forms import PublicForm, countries
from earnest.web.policy import policy
from earnest.web.portal.access import let_in
from earnest.web.portal.doors import stale
from earnest.web.portal.views import frame, the
from earnest.web.sentences import sentence, status


class AccountForm(PublicForm):
    """An IBAN, or country, number and routing code; which of them is needed is the core's to say."""

    holder_name = forms.CharField(label=_("Name on the account"), max_length=140)
    iban = forms.CharField(label=_("IBAN"), max_length=60, required=False)
    country = forms.ChoiceField(label=_("Or: country of the account"), required=False)
    account_number = forms.CharField(label=_("Account number"), max_length=60, required=False)
    routing = forms.CharField(label=_("Routing code"), max_length=30, required=False)

    HELP = {"routing": _("In the United States the nine-digit ABA number.")}  # noqa: RUF012 - read only
    AUTOCOMPLETE = dict.fromkeys(("holder_name", "iban", "account_number", "routing"), "off")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["country"].choices = countries((get_language() or "en")[:2])  # type: ignore[attr-defined]
        self.describe()


@require_http_methods(["GET", "HEAD", "POST"])
@policy("holder")
def give(request: HttpRequest, number: str) -> HttpResponse:
    """The form, and what it says."""
    state = the(number)
    if request.method != "POST":
        context = frame(state) | {"form": AccountForm()}
        return render(request, "portal/account.html", context)
    form = AccountForm(request.POST)
    refusal: Refusal | None = None
    if form.is_valid():
        given = form.cleaned_data
        command = GiveAccount(
            **holder(request, state.number),
            holder=given["holder_name"],
            iban=given["iban"],
            country=given["country"],
            account_number=given["account_number"],
            routing=given["routing"],
        )
        try:
            run(request, command)
        except Refusal as error:
            refusal = error
        else:
            return render(request, "portal/account_given.html", frame(the(number)))
    context = frame(state) | {"form": form, "refusal": sentence(refusal) if refusal else ""}
    return render(request, "portal/account.html", context, status=status(refusal) if refusal else 422)


@cache_control(private=True, no_store=True)
@require_http_methods(["GET", "HEAD", "POST"])
@policy("public")
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """The link in the mail shows the account; only the button on the page confirms it."""
    read = links.read("account", token)
    if read is None or not read.extra.isdecimal():
        return stale(request)
    state = the(read.number)
    account = next((each for each in state.accounts if each.n == int(read.extra)), None)
    details = account.details if account else None
    context = {
        "state": state,
        "account": account,
        "details": details if isinstance(details, BankDetails) else None,
        "once": fresh_key(),
    }
    if request.method != "POST":
        return render(request, "portal/account_confirm.html", context)
    try:
        run(request, ConfirmAccount(**speaker(read.number, read.holder), account=int(read.extra)))
    except (Refusal, Missing) as refusal:
        context |= {"refusal": sentence(refusal)}
        return render(request, "portal/account_confirm.html", context, status=status(refusal))
    return let_in(request, redirect("reservation", number=read.number), read.number)
