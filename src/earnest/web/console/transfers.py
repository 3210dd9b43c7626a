"""Refunds out by transfer: what is due, the payment order in two steps, its file, and the bank's answer."""

from dataclasses import dataclass
from typing import Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from earnest.book import clock, looks, payees
from earnest.book import policy as policies
from earnest.core import payment_order as orders
from earnest.core.payment_order import Order, Transfer
from earnest.core.refund import Refund
from earnest.core.refusals import Refusal, Refused
from earnest.core.reservation import BankDetails, Reservation
from earnest.rails.bank import answering, pain001, paying, taking_in
from earnest.rails.bank.statement import Unreadable
from earnest.web.console import acting, showing, words
from earnest.web.console.access import operator
from earnest.web.console.forms.transfers import AnswerForm, WithdrawForm

#: So many transfers are listed on a page; the file has them all.
_SHOWN: Final = 200


@dataclass(frozen=True)
class Line:
    """One transfer on a page: to whom, and how its refund stands."""

    transfer: Transfer
    refund: Refund | None
    holder: str
    masked: str

    @property
    def badge(self) -> showing.Badge:
        """How the refund stands; of an asking that is over it says so."""
        if self.refund is None or self.refund.attempt > self.transfer.attempt:
            return showing.Badge(_("asked for again since"), "quiet")
        return showing.badge(self.refund.status, words.REFUNDS)

    @property
    def why(self) -> str:
        """Why it waits, in words."""
        if self.refund is None or self.refund.status != "waiting":
            return ""
        return words.say(words.WHYS, self.refund.why)


@operator
@require_safe
def listed(request: HttpRequest) -> HttpResponse:
    """What is due by transfer, and the orders so far."""
    return _listed(request, AnswerForm())


@operator
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """The second step: what exactly will be paid, from which money; by POST the order is made."""
    if request.method != "POST":
        return _preview(request)
    found, seen = paying.due(), request.POST.get("order", "")
    try:
        if found.number != seen:
            raise Refused(
                "order-changed", "What is due has changed since this page was shown. Please look again."
            )
        order = paying.make(found, acting.who(request), short=request.POST.get("short") == "yes")
    except Refusal as refusal:
        return _preview(request, refusal)
    if order.status == orders.PREPARED:
        messages.info(request, _("The order is prepared. Another operator releases it."))
    else:
        messages.success(request, _("The file is made. Give it to the bank once."))
    return redirect(acting.address("console:order", order.number))


@operator
@require_safe
def one(request: HttpRequest, number: str) -> HttpResponse:
    """One order: what it pays, what became of each transfer, and what can be done."""
    return _one(request, number)


@operator
@require_POST
def released(request: HttpRequest, number: str) -> HttpResponse:
    """Another operator releases it."""
    try:
        order = paying.release(number, acting.who(request))
    except Refusal as refusal:
        return _one(request, number, refusal)
    messages.success(request, _("The file is made. Give it to the bank once."))
    return redirect(acting.address("console:order", order.number))


@operator
@require_POST
def withdrawn(request: HttpRequest, number: str) -> HttpResponse:
    """The bank never had it."""
    form = WithdrawForm(request.POST)
    if not form.is_valid():
        return _one(request, number, form=form)
    try:
        paying.withdraw(number, form.cleaned_data["why"], acting.who(request))
    except Refusal as refusal:
        return _one(request, number, refusal, form)
    messages.success(request, _("The order is withdrawn; what the bank has not answered is owed again."))
    return redirect(acting.address("console:order", number))


@operator
@require_safe
def file(request: HttpRequest, number: str) -> HttpResponse:
    """The file for the bank, the same bytes each time."""
    wanted = request.GET.get("format", "")
    format = wanted if wanted in pain001.FORMATS else pain001.FORMATS[0]
    try:
        order = paying.order(number)
        data = paying.file_of(order, format)
    except Refusal as refusal:
        return acting.refused(request, refusal)
    response = HttpResponse(data, content_type="application/xml")
    response["Content-Disposition"] = f'attachment; filename="{order.number}.xml"'
    response["Cache-Control"] = "no-store"
    if request.method != "HEAD":
        looks.note_all({each.number for each in order.transfers}, acting.person(request), "bank")
    return response


@operator
@require_POST
def answered(request: HttpRequest) -> HttpResponse:
    """What the bank gave: its answer to an order, or a statement."""
    form = AnswerForm(request.POST, request.FILES)
    if not form.is_valid():
        return _listed(request, form, code=422)
    given = form.cleaned_data["file"]
    who = acting.who(request) | {"by": "bank"}
    try:
        taken = taking_in.take(given.file, str(given.name), who)
    except Unreadable as error:
        form.add_error("file", _("This file is refused: %(why)s.") % {"why": error})
        return _listed(request, form, code=422)
    except Refusal as refusal:
        return _listed(request, AnswerForm(), refusal)
    if taken.answer is not None:
        return _listed(request, AnswerForm(), answer=taken.answer)
    return _listed(request, AnswerForm(), outcomes=taken.outcomes)


def _listed(
    request: HttpRequest,
    form: AnswerForm,
    refusal: Refusal | None = None,
    *,
    code: int = 200,
    answer: list[answering.Line] | None = None,
    outcomes: list[tuple[str, int]] | None = None,
) -> HttpResponse:
    found = paying.due()
    context = {
        "found": found,
        "left": [(each, words.say(words.LEFT_OUT, each.why)) for each in found.left[:_SHOWN]],
        "orders": [(each, _order_badge(each)) for each in paying.newest()],
        "form": form,
        "answer": [(each, words.say(words.ANSWERED, each.outcome)) for each in answer or ()],
        "outcomes": [(count, words.say(words.BOOKINGS, outcome)) for outcome, count in outcomes or ()],
        "taken": answer is not None or outcomes is not None,
    }
    response = acting.page(request, "transfers.html", context, refusal=refusal)
    response.status_code = response.status_code if refusal else code
    return response


def _preview(request: HttpRequest, refusal: Refusal | None = None) -> HttpResponse:
    found, policy = paying.due(), policies.current()
    transfers = found.transfers
    why = orders.needs_second(
        transfers, found.funds.currency, policy.order_limit_major, policy.account_limit_major
    )
    context = {
        "found": found,
        "lines": _lines(transfers),
        "more": max(len(transfers) - _SHOWN, 0),
        "second": why,
        "on": paying.banking_day(clock.now()),
    }
    return acting.page(request, "transfer_new.html", context, refusal=refusal)


def _one(
    request: HttpRequest, number: str, refusal: Refusal | None = None, form: WithdrawForm | None = None
) -> HttpResponse:
    try:
        order = paying.order(number)
    except Refusal as missing:
        return acting.refused(request, missing)
    me = acting.person(request)
    prepared, is_released = order.status == orders.PREPARED, order.status == orders.RELEASED
    context = {
        "order": order,
        "badge": _order_badge(order),
        "lines": _lines(order.transfers),
        "more": max(len(order.transfers) - _SHOWN, 0),
        "prepared_by": order.prepared_by.removeprefix("operator:"),
        "released_by": order.released_by.removeprefix("operator:"),
        "other_releases": prepared and order.prepared_by == me,
        "can_release": prepared and order.prepared_by != me,
        "is_released": is_released,
        "other_withdraws": is_released and order.released_by == me,
        "can_withdraw": prepared or (is_released and order.released_by != me),
        "form": form or WithdrawForm(),
        "formats": pain001.FORMATS,
    }
    response = acting.page(request, "transfer_order.html", context, refusal=refusal)
    if form is not None and form.errors:
        response.status_code = 422
    return response


def _lines(transfers: tuple[Transfer, ...]) -> list[Line]:
    shown = transfers[:_SHOWN]
    states = payees.states({each.number for each in shown})
    return [_line(states[each.number], each) for each in shown]


def _line(state: Reservation, transfer: Transfer) -> Line:
    details = next((each.details for each in state.accounts if each.n == transfer.account), None)
    known = details if isinstance(details, BankDetails) else None
    return Line(
        transfer,
        state.refund(transfer.refund),
        known.holder if known else "",
        showing.masked(known) if known else "",
    )


def _order_badge(order: Order) -> showing.Badge:
    return showing.badge(order.status, words.ORDERS)
