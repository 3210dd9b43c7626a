"""Refunds: which are due, by the time left on each, and what an operator can say about one."""

from datetime import date, datetime, timedelta
from typing import Any, Final

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from earnest.book import clock, lists, reads
from earnest.core import end_to_end
from earnest.core import refund as refunds
from earnest.core.acts import Erased
from earnest.core.commands.mark_unclaimed import MarkUnclaimed, may_be_marked
from earnest.core.commands.refund import RequestRefund
from earnest.core.commands.report_refund import ReportRefund
from earnest.core.money import major
from earnest.core.refund import Refund
from earnest.core.refusals import Missing, Refusal
from earnest.core.reservation import Reservation
from earnest.rails.stripe import refunds as card
from earnest.web.console import acting, fields, showing, words
from earnest.web.console.access import operator
from earnest.web.console.forms.refund import ArrivedForm, FailedForm, SentForm

#: How long a refund that left is listed while nobody knows that it arrived.
_LISTED: Final = timedelta(days=30)


@operator
@require_safe
def due(request: HttpRequest) -> HttpResponse:
    """Every refund whose money has not left; and those that left and have not arrived."""
    now = clock.now()
    found, nobody = lists.open_refunds(), lists.unclaimed(now)
    views = [showing.view_of(row, now) for row in found.rows]
    context = {
        "now": now,
        "due": [each for each in views if each.refund.status not in (refunds.WAITING, refunds.UNCLAIMED)],
        "waiting": [each for each in views if each.refund.status == refunds.WAITING],
        "unclaimed": [showing.view_of(row, now) for row in nobody.marked],
        "ripe": [showing.view_of(row, now) for row in nobody.ripe],
        "unclaimed_totals": list(nobody.ledger.items()),
        "left": [showing.view_of(row, now) for row in lists.left_refunds(now - _LISTED).rows],
        "total": found.total,
        "shown": len(found.rows),
    }
    return acting.page(request, "refunds.html", context)


@operator
@require_safe
def one(request: HttpRequest, number: str, n: int) -> HttpResponse:
    """One refund: its clock, its way, and what can be done."""
    return shown(request, number, n)


@operator
@require_POST
def requested(request: HttpRequest, number: str, n: int) -> HttpResponse:
    """The first of two operators prepares a payment by hand."""
    command = RequestRefund(number=acting.number(number), refund=n, **acting.who(request))
    said = _("The payment is prepared. Pay it at the bank; another operator then confirms that it is sent.")
    return acting.act(
        request, command, said, _address(number, n), lambda no: shown(request, number, n, refusal=no)
    )


@operator
@require_POST
def unclaimed(request: HttpRequest, number: str, n: int) -> HttpResponse:
    """A year of asking was in vain: it is listed as unclaimed, and stays owed."""
    command = MarkUnclaimed(number=acting.number(number), refund=n, **acting.who(request))
    said = _("It is listed as unclaimed. It stays owed, and is paid when its holder confirms an account.")
    return acting.act(
        request, command, said, _address(number, n), lambda no: shown(request, number, n, refusal=no)
    )


@operator
@require_POST
def now(request: HttpRequest, number: str, n: int) -> HttpResponse:
    """A refund to a card is sent now instead of at its time."""
    try:
        card.send_now(acting.number(number), n, acting.person(request))
    except Refusal as refusal:
        return shown(request, number, n, refusal=refusal)
    messages.success(request, _("The payment provider was asked; what it said is below."))
    return redirect(_address(number, n))


@operator
@require_POST
def sent(request: HttpRequest, number: str, n: int) -> HttpResponse:
    """The second operator: the bank has taken it."""
    return _report(request, number, n, "sent", SentForm, _("The refund is sent; the customer is told."))


@operator
@require_POST
def failed(request: HttpRequest, number: str, n: int) -> HttpResponse:
    """The bank refused it, or sent it back: it is owed again."""
    return _report(request, number, n, "refused", FailedForm, _("It is owed again; the next way is opened."))


@operator
@require_POST
def arrived(request: HttpRequest, number: str, n: int) -> HttpResponse:
    """The holder has it."""
    return _report(request, number, n, "arrived", ArrivedForm, _("The arrival is recorded."))


def shown(
    request: HttpRequest,
    number: str,
    n: int,
    *,
    refusal: Refusal | None = None,
    forms_given: dict[str, forms.Form] | None = None,
) -> HttpResponse:
    """The page of one refund; with a refusal, or with a form that was not good."""
    try:
        state = reads.reservation(number)
        refund = state.refund(n)
        if refund is None:
            raise Missing("no-refund", "There is no refund %(n)d on this reservation.", n=n)
    except Missing as missing:
        return acting.refused(request, missing)
    context = _context(request, state, refund) | (forms_given or {})
    response = acting.page(request, "refund.html", context, refusal=refusal)
    if forms_given and refusal is None:
        response.status_code = 422
    what = "bank" if context["shows_account"] else "refund"
    return acting.looked(request, state.number, what, response)


def _report(
    request: HttpRequest, number: str, n: int, outcome: str, form_class: type[forms.Form], said: str
) -> HttpResponse:
    """What the bank says becomes a report about the attempt that the operator had before them."""
    form, at = form_class(request.POST), clock.now()
    attempt = request.POST.get("attempt", "")
    if not form.is_valid() or not (attempt.isascii() and attempt.isdigit() and len(attempt) < 6):
        return shown(request, number, n, forms_given={f"{outcome}_form": form})
    data = form.cleaned_data
    command = ReportRefund(
        number=acting.number(number),
        refund=n,
        attempt=int(attempt),
        outcome=outcome,
        happened_at=_when(data.get("on"), at),
        reference=data.get("reference", ""),
        why=data.get("why", ""),
        **acting.who(request),
    )
    return acting.act(
        request,
        command,
        said,
        _address(number, n),
        lambda refusal: shown(request, number, n, refusal=refusal, forms_given={f"{outcome}_form": form}),
    )


def _context(request: HttpRequest, state: Reservation, refund: Refund) -> dict[str, Any]:
    now, name = clock.now(), showing.name_of(state)
    view = showing.RefundView(state.number, state.offer, name, refund, now)
    account = showing.account_of(state, refund)
    # The one place where a bank account is shown in full, and then looking at it is a look of its own kind.
    details = None if account is None or isinstance(account.details, Erased) else account.details
    me = acting.person(request)
    told = showing.timeline(reads.acts("reservation", state.number))
    acts = [each for each in told if each.act.get("refund") == refund.n]
    steps = _steps(refund, me, now)
    return {
        "state": state,
        "name": name,
        "shows_account": details is not None and steps["shows_details"],
        "view": view,
        "refund": refund,
        "payment": state.payment(refund.payment),
        "account": account,
        "details": details,
        "verified": words.say(words.VERIFIED, account.verified) if account and account.verified else "",
        "doubted": account is not None and account.verified in ("no-match", "close-match"),
        "steps": steps,
        "masked": "" if details is None else showing.masked(details),
        "plain_amount": major(refund.amount_minor, refund.currency),
        "reference_text": f"{state.number}/{refund.n}",
        "end_to_end": end_to_end.of(state.number, refund.n, refund.attempt),
        "prepared_by": refund.requested_by.removeprefix("operator:") if refund.route == "hand" else "",
        "acts": acts,
        "now": now,
        "sent_form": SentForm(),
        "refused_form": FailedForm(),
        "arrived_form": ArrivedForm(),
    }


def _steps(refund: Refund, me: str, now: datetime) -> dict[str, bool]:
    """Which forms make sense; the core decides again when one is sent."""
    asked = refund.status in (refunds.REQUESTED, refunds.UNKNOWN)
    by_hand = refund.route == "hand"
    steps = {
        "send_now": refund.route == "card" and refund.status == refunds.OWED,
        "prepare": by_hand and refund.status == refunds.OWED,
        "by_hand_asked": by_hand and asked,
        "in_order": by_hand and asked and bool(refund.order),
        "confirm": by_hand and asked and not (refund.order and refund.requested_by == me),
        "failed": (by_hand and asked and not refund.order)
        or refund.status in (refunds.SENT, refunds.ARRIVED),
        "arrived": refund.status == refunds.SENT,
        "mark_unclaimed": may_be_marked(refund, now),
    }
    return {
        **steps,
        "any": any(steps.values()),
        "other_confirms": by_hand and asked and refund.requested_by == me,
        "shows_details": by_hand and asked and not refund.order,
    }


def _when(day: date | None, now: datetime) -> datetime:
    return fields.instant_of(day, now) if day else now


def _address(number: str, n: int) -> str:
    return acting.address("console:refund", acting.number(number), n)
