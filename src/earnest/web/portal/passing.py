"""Passing a reservation on: offered by its holder in the portal, looked at and taken through the link in a mail."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods, require_POST

from earnest.book import clock, links, reads
from earnest.book import policy as policies
from earnest.core import statement
from earnest.core.commands.pass_on import DECLINED, TAKEN_BACK, ChangeHolder, EndHolderOffer, OfferHolder
from earnest.core.refusals import Refusal
from earnest.core.reservation import Reservation
from earnest.web.acting import fresh_key, holder, run, speaker
from earnest.web.forms import PublicForm, countries
from earnest.web.policy import policy
from earnest.web.portal.access import let_in
from earnest.web.portal.doors import stale
from earnest.web.portal.views import frame, the
from earnest.web.sentences import sentence, status
from earnest.web.storefront.forms import KINDS

LANGUAGES = (("en", "English"), ("fr", "Français"))


class PassOnForm(PublicForm):
    """To whom, and whether the money may still come back here."""

    email = forms.EmailField(label=_("Their e-mail"), max_length=254)
    language = forms.ChoiceField(label=_("Their language"), choices=LANGUAGES)
    means = forms.BooleanField(
        label=_("If they agree too, what I paid may still go back to my card or account"), required=False
    )

    HELP = {  # noqa: RUF012 - read only
        "email": _("They get one link, and see what they would take over before they decide."),
        "means": _("Otherwise it goes to an account of theirs, and what you paid is between the two of you."),
    }
    AUTOCOMPLETE = {"email": "off"}  # noqa: RUF012 - read only

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.describe()


class TakeOverForm(PublicForm):
    """Who takes it over; their address is the one that the link was sent to."""

    name = forms.CharField(label=_("Your name"), max_length=200)
    residence = forms.ChoiceField(label=_("Country where you live"))
    language = forms.ChoiceField(label=_("Language of our mails"), choices=LANGUAGES)
    kind = forms.ChoiceField(
        label=_("You take it over"), choices=KINDS, initial="person", widget=forms.RadioSelect
    )
    vat_number = forms.CharField(label=_("VAT number"), max_length=20, required=False)
    means = forms.BooleanField(
        label=_("What was paid before me may go back to whoever paid it"), required=False
    )
    agreed = forms.BooleanField(label=_("I take over the reservation with these terms"))

    HELP = {  # noqa: RUF012 - read only
        "vat_number": _("Only for a company."),
        "means": _("Without this, all of it comes to an account of yours."),
    }
    AUTOCOMPLETE = {"name": "name", "residence": "country"}  # noqa: RUF012 - read only

    def __init__(self, *args: Any, means: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        language = (get_language() or "en")[:2]
        self.fields["residence"].choices = countries(language)  # type: ignore[attr-defined]
        self.fields["language"].initial = language
        if not means:
            del self.fields["means"]
        self.describe()


@require_http_methods(["GET", "HEAD", "POST"])
@policy("holder")
def pass_on(request: HttpRequest, number: str) -> HttpResponse:
    """The form, or the offer that stands."""
    state = the(number)
    form, refusal = PassOnForm(request.POST or None), None
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        command = OfferHolder(
            **holder(request, state.number),
            email=given["email"],
            language=given["language"],
            means=given["means"],
        )
        try:
            run(request, command)
        except Refusal as error:
            refusal = error
        else:
            return redirect("pass-on", number=state.number)
    answer = status(refusal) if refusal else 422 if form.is_bound else 200
    return render(request, "portal/pass_on.html", _frame(state, form, refusal), status=answer)


@require_POST
@policy("holder")
def keep(request: HttpRequest, number: str) -> HttpResponse:
    """The holder takes the offer back."""
    state = the(number)
    if state.passing:
        said = EndHolderOffer(
            **holder(request, state.number),
            offered=state.passing.seq,
            why=TAKEN_BACK,
        )
        try:
            run(request, said)
        except Refusal as refusal:
            context = _frame(state, PassOnForm(), refusal)
            return render(request, "portal/pass_on.html", context, status=status(refusal))
    return redirect("pass-on", number=state.number)


@cache_control(private=True, no_store=True)
@require_http_methods(["GET", "HEAD", "POST"])
@policy("public")
def take(request: HttpRequest, token: str) -> HttpResponse:
    """What somebody would take over; only the button on the page takes it, or declines."""
    read = links.read("passing", token)
    if read is None or not read.extra.isdecimal():
        return stale(request)
    state, offered = the(read.number), int(read.extra)
    passing = state.passing
    if passing is None or passing.seq != offered or passing.until <= clock.now():
        return render(request, "portal/passing_over.html", {"state": state}, status=410)
    whoever = speaker(state.number, read.holder + 1)
    form = TakeOverForm(request.POST or None, means=passing.means)
    refusal: Refusal | None = None
    try:
        if request.method == "POST" and "decline" in request.POST:
            run(request, EndHolderOffer(**whoever, offered=offered, why=DECLINED))
            return render(request, "portal/passing_over.html", {"state": state, "declined": True})
        if request.method == "POST" and form.is_valid():
            run(request, _change(form, whoever, offered))
            return let_in(request, redirect("reservation", number=state.number), state.number)
    except Refusal as error:
        refusal = error
    context = _taken_over(state, form, refusal)
    answer = status(refusal) if refusal else 422 if form.is_bound else 200
    return render(request, "portal/take_over.html", context, status=answer)


def _change(form: TakeOverForm, whoever: dict[str, Any], offered: int) -> ChangeHolder:
    given = form.cleaned_data
    return ChangeHolder(
        **whoever,
        offered=offered,
        name=given["name"],
        residence=given["residence"],
        language=given["language"],
        consumer=given["kind"] == "person",
        vat_number=given["vat_number"] if given["kind"] == "company" else "",
        means=bool(given.get("means")),
    )


def _frame(state: Reservation, form: PassOnForm, refusal: Refusal | None) -> dict[str, Any]:
    passing = state.passing if state.passing and state.passing.until > clock.now() else None
    offered = reads.acts("reservation", state.number)[passing.seq].act if passing else None
    return frame(state) | {
        "form": form,
        "passing": passing,
        "to": offered.fields["to"] if offered else "",
        "may": policies.current().may_pass_on,
        "refusal": sentence(refusal) if refusal else "",
    }


def _taken_over(state: Reservation, form: TakeOverForm, refusal: Refusal | None) -> dict[str, Any]:
    """What a stranger may see of it: the contract, and nothing of whoever offers it."""
    around = frame(state)
    version = around["offer"].version(state.version)
    return {
        "state": state,
        "title": around["text"].title,
        "terms": version.text(state.terms_language).terms,
        "variant": version.variant(state.variant),
        "plan": statement.plan(state),
        "paid": sorted(state.deposits().items()),
        "position": reads.position(state),
        "form": form,
        "once": fresh_key(),
        "refusal": sentence(refusal) if refusal else "",
    }
