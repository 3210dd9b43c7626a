"""Credits that named nobody: whose they may be, and what an operator says they are."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from earnest.book import clock, credits, ledger, lists
from earnest.book.credits import Settled
from earnest.core import entries
from earnest.core.commands.base import Command
from earnest.core.commands.settle_credit import (
    AssignCredit,
    ConfirmReturn,
    DropReturn,
    ExplainCredit,
    ReturnCredit,
)
from earnest.core.matching import NAMED, Proposal
from earnest.core.refusals import Missing, Refusal
from earnest.core.reservation import Reservation
from earnest.rails.bank import lists as expected
from earnest.rails.bank import proposals, unmatched
from earnest.web.acting import whole
from earnest.web.console import acting, showing, words
from earnest.web.console.access import operator
from earnest.web.console.forms.credit import PARTS, AssignForm, ConfirmForm, ExplainForm, WhyForm


@operator
@require_safe
def listed(request: HttpRequest) -> HttpResponse:
    """Every credit that nobody has settled, the oldest first, and those that are to be sent back."""
    page = credits.unmatched(max(0, whole(request.GET.get("after", "0"))))
    proposed = proposals.of(page.rows, proposals.alike()) if page.rows else []
    held = ledger.balances()
    context = {
        "rows": [
            (credit, [_said(each) for each in found[:2]])
            for credit, found in zip(page.rows, proposed, strict=True)
        ],
        "more": page.more,
        "total": credits.count(),
        "sums": [
            (minor, currency)
            for (account, currency), minor in sorted(held.items())
            if account == entries.UNMATCHED and minor
        ],
        "returning": credits.returning(),
        "now": clock.now(),
    }
    return acting.page(request, "credits.html", context)


@operator
@require_safe
def one(request: HttpRequest, account: str, seq: int) -> HttpResponse:
    """One credit: what its payer wrote, for whom it may be, and what can be done."""
    return _shown(request, account, seq)


@operator
@require_POST
def assigned(request: HttpRequest, account: str, seq: int) -> HttpResponse:
    """It is for a reservation, or for several."""
    try:
        credit = credits.one(account, seq).credit
    except Missing as missing:
        return acting.refused(request, missing)
    form = AssignForm(request.POST, amount_minor=credit.amount_minor, currency=credit.currency)
    if form.is_valid():
        known = {state.number for state in lists.states([number for number, _ in form.shares])}
        for n, (number, _minor) in enumerate(form.shares, 1):
            if number not in known:
                form.add_error(f"number_{n}", _("There is no reservation of that number."))
    command = AssignCredit(
        account=account, credit=seq, shares=getattr(form, "shares", ()), why=_why(form), **acting.who(request)
    )
    return _settle(request, command, "assign", form, _("The credit is assigned."))


@operator
@require_POST
def explained(request: HttpRequest, account: str, seq: int) -> HttpResponse:
    """It is no customer's."""
    form = ExplainForm(request.POST)
    source = form.cleaned_data.get("source", "") if form.is_valid() else ""
    command = ExplainCredit(account=account, credit=seq, source=source, why=_why(form), **acting.who(request))
    return _settle(request, command, "explain", form, _("The credit is explained."))


@operator
@require_POST
def returned(request: HttpRequest, account: str, seq: int) -> HttpResponse:
    """The first of two operators prepares to send it back."""
    form = WhyForm(request.POST)
    form.is_valid()
    command = ReturnCredit(account=account, credit=seq, why=_why(form), **acting.who(request))
    said = _("It is to be sent back. Pay it at the bank; another operator then confirms that it is sent.")
    return _settle(request, command, "back", form, said)


@operator
@require_POST
def confirmed(request: HttpRequest, account: str, seq: int) -> HttpResponse:
    """The second operator: the bank has taken it."""
    form = ConfirmForm(request.POST)
    reference = form.cleaned_data["reference"] if form.is_valid() else ""

    def command(request_seq: int) -> Command:
        who = acting.who(request)
        return ConfirmReturn(account=account, credit=seq, request=request_seq, reference=reference, **who)

    return _end_return(request, account, seq, command, form, _("The credit is sent back."))


@operator
@require_POST
def dropped(request: HttpRequest, account: str, seq: int) -> HttpResponse:
    """It is not sent back after all."""
    form = forms.Form(request.POST)

    def command(request_seq: int) -> Command:
        return DropReturn(account=account, credit=seq, request=request_seq, **acting.who(request))

    return _end_return(request, account, seq, command, form, _("It is unmatched again."))


def _end_return(
    request: HttpRequest,
    account: str,
    seq: int,
    command: Callable[[int], Command],
    form: forms.Form,
    said: str,
) -> HttpResponse:
    if not form.is_valid():
        return _shown(request, account, seq, given={"confirm_form": form})
    return acting.act(
        request,
        command(whole(request.POST.get("request", ""))),
        said,
        acting.address("console:credits"),
        lambda refusal: _shown(request, account, seq, refusal=refusal, given={"confirm_form": form}),
    )


def _settle(request: HttpRequest, command: Any, name: str, form: forms.Form, said: str) -> HttpResponse:
    """Carry out a decision about a credit; its shares reach their reservations at once."""
    given = {f"{name}_form": form}
    if not form.is_valid():
        return _shown(request, command.account, command.credit, given=given)
    answer = acting.act(
        request,
        command,
        said,
        acting.address("console:credits"),
        lambda refusal: _shown(request, command.account, command.credit, refusal=refusal, given=given),
    )
    if isinstance(command, AssignCredit) and answer.status_code == 302:
        unmatched.take_now(command.account, command.credit)
    return answer


def _shown(
    request: HttpRequest,
    account: str,
    seq: int,
    *,
    refusal: Refusal | None = None,
    given: dict[str, forms.Form] | None = None,
) -> HttpResponse:
    """The page of one credit; with a refusal, or with a form that was not good."""
    try:
        found = credits.one(account, seq)
    except Missing as missing:
        return acting.refused(request, missing)
    context = _context(request, found) | (given or {})
    response = acting.page(request, "credit.html", context, refusal=refusal)
    if given and refusal is None:
        response.status_code = 422
    return response


def _context(request: HttpRequest, found: Settled) -> dict[str, Any]:
    credit = found.credit
    (proposed,) = proposals.of([credit], proposals.alike()) if found.is_open else ((),)
    states = {state.number: state for state in lists.states([each.number for each in proposed])}
    likely = [each.number for each in proposed if each.why == NAMED] or [each.number for each in proposed[:1]]
    asked = next((act for act in found.acts if act.seq == found.request), None)
    return {
        "credit": credit,
        "settled": found,
        "acts": [(words.say(words.ACTS, act.type), act) for act in found.acts],
        "proposals": [
            (_said(each), _state(states[each.number])) for each in proposed if each.number in states
        ],
        "assign_form": AssignForm(
            amount_minor=credit.amount_minor,
            currency=credit.currency,
            initial={f"number_{n}": number for n, number in enumerate(likely[:PARTS], 1)},
        ),
        "explain_form": ExplainForm(),
        "back_form": WhyForm(),
        "confirm_form": ConfirmForm(),
        "prepared_here": asked is not None and asked.get("person") == acting.person(request),
        "now": clock.now(),
    }


def _said(each: Proposal) -> tuple[str, str]:
    """(number, why) in the reader's language."""
    return each.number, words.say(words.PROPOSALS, each.why)


def _state(state: Reservation) -> dict[str, Any]:
    waits = expected.waiting_for(state)
    return {
        "badge": showing.badge(state.status, words.STATUSES),
        "waits_minor": waits.amount_minor,
        "currency": waits.currency,
    }


def _why(form: forms.Form) -> str:
    return str(form.cleaned_data.get("why", "")) if form.is_valid() else ""
