"""The list of reservations, and the page of one."""

from datetime import datetime
from typing import Any, Final
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from earnest.book import clock, lists, looks, reads
from earnest.book import policy as policies
from earnest.core import rails
from earnest.core.commands.paid_twice import twice
from earnest.core.commands.receive_deposit import ReceiveDeposit
from earnest.core.off_premises import too_early
from earnest.core.refusals import Missing, Refusal
from earnest.core.reservation import (
    CANCELLED,
    CONFIRMED,
    CONVERTED,
    DELIVERED,
    LAPSED,
    LIVING,
    PAID_UP,
    PLACED,
    Reservation,
)
from earnest.web.console import acting, heirs, outbox, showing, words
from earnest.web.console.access import operator
from earnest.web.console.forms.reservation import CLASS_NAMES, PaymentForm

#: Looks on the page of a reservation, and on the page of all of them.
_NEWEST: Final = 5
_LOOKS: Final = 500
_ANSWER_TONES: Final = {"accept": "good", "refuse": "bad", "cancel": "bad"}


@operator
@require_safe
def listed(request: HttpRequest) -> HttpResponse:
    """Filtered by offer and status, searched by number or whole e-mail address, fifty a page."""
    asked = {name: request.GET.get(name, "").strip()[:254] for name in ("offer", "status", "search")}
    older, newer = (request.GET.get(name, "")[:60] for name in ("older", "newer"))
    try:
        found = lists.reservations(
            offer=asked["offer"], status=asked["status"], search=asked["search"], older=older, newer=newer
        )
    except Refusal as refusal:
        return acting.page(request, "reservations.html", _list_context(asked), refusal=refusal)
    if len(found.rows) == 1 and asked["search"] and not (older or newer):
        return redirect("console:reservation", found.rows[0].state.number)
    context = {
        **_list_context(asked),
        "rows": showing.rows_of(found.rows, clock.now()),
        "newer": found.newer,
        "older": found.older,
    }
    return acting.page(request, "reservations.html", context)


def _list_context(asked: dict[str, str]) -> dict[str, Any]:
    filters = {name: value for name, value in asked.items() if value}
    return {
        "asked": asked,
        "filters": filters,
        "query": f"{urlencode(filters)}&" if filters else "",
        "total": lists.count(**asked),
        "offers": [(read.offer.slug, read.offer.slug) for read in reads.offers()],
        "statuses": showing.choices(words.STATUSES, words.STATUSES),
    }


@operator
@require_safe
def one(request: HttpRequest, number: str) -> HttpResponse:
    """Everything there is to one reservation."""
    return shown(request, number)


@operator
@require_safe
def looked(request: HttpRequest, number: str) -> HttpResponse:
    """Who of us looked at it, and when; the newest first."""
    try:
        state = reads.reservation(number)
    except Missing as missing:
        return acting.refused(request, missing)
    context = {
        "number": state.number,
        "looks": showing.looks_of(looks.at(state.number, _LOOKS)),
        "total": looks.count(state.number),
    }
    return acting.page(request, "looks.html", context)


@operator
@require_POST
def received(request: HttpRequest, number: str) -> HttpResponse:
    """A transfer that the bank shows is recorded."""
    now = clock.now()
    form = PaymentForm(request.POST)
    if not form.is_valid():
        return shown(request, number, payment=form, status=422)
    return acting.act(
        request,
        ReceiveDeposit(number=acting.number(number), paid=form.paid(now), **acting.who(request)),
        _("The payment is recorded."),
        acting.address("console:reservation", acting.number(number)),
        lambda refusal: shown(request, number, payment=form, refusal=refusal),
    )


@operator
@require_safe
def receipt(request: HttpRequest, kind: str, number: str, seq: int) -> HttpResponse:
    """The signed receipt of one act, as text."""
    try:
        note = reads.receipt(kind, number, seq)
    except Missing as refusal:
        raise Http404 from refusal
    return HttpResponse(note, content_type="text/plain; charset=utf-8")


def shown(
    request: HttpRequest,
    number: str,
    *,
    payment: PaymentForm | None = None,
    refusal: Refusal | None = None,
    status: int = 200,
) -> HttpResponse:
    """The page; with a form that was not good, or with a refusal."""
    try:
        state = reads.reservation(number)
    except Missing as missing:
        return acting.refused(request, missing)
    now = clock.now()
    context = _context(state, now) | {"payment_form": payment or _payment_form(state, now)}
    response = acting.page(request, "reservation.html", context, refusal=refusal)
    if status != 200:
        response.status_code = status
    return acting.looked(request, state.number, "reservation", response)


def _context(state: Reservation, now: datetime) -> dict[str, Any]:
    offer = reads.offer(state.offer).offer
    name = showing.name_of(state)
    due, paid = state.due_minor(), state.paid_minor()
    return {
        "state": state,
        "name": name,
        "badge": showing.badge(state.status, words.STATUSES),
        "living": state.status in LIVING,
        "offer": offer,
        "bound": offer.version(state.version),
        "variant": offer.version(state.version).variant(state.variant),
        "position": reads.position(state),
        "plan": showing.plan_of(state, now),
        "due_minor": due,
        "paid_minor": paid,
        "left_minor": max(0, due - paid),
        "owed_back": sorted(state.owed_back().items()),
        "paid_back": showing.paid_back(state),
        "early": [each.seq for each in too_early(state, offer)],
        "payments": [
            (
                each,
                state.left_of(each),
                words.say(words.RAILS, each.rail),
                rails.first(each, now, policies.current().card_refund_days, passed_on=state.passed_on(each)),
            )
            for each in state.payments
        ],
        "refunds": showing.refunds_of(state, name, now),
        "told": [
            (each, words.say(words.ANSWERS, each.answer), _ANSWER_TONES.get(each.answer, "quiet"))
            for each in reversed(state.told)
        ],
        "accounts": [showing.AccountView(each) for each in reversed(state.accounts)],
        "erased": [CLASS_NAMES[cls] for cls in state.erased],
        "acts": showing.timeline(reads.acts("reservation", state.number)),
        "looks": showing.looks_of(looks.at(state.number, _NEWEST)),
        "looks_total": looks.count(state.number),
        "mails": [outbox.MailView(row) for row in lists.mails(number=state.number).rows],
        "may": _may(state),
        "heirs": heirs.facts_of(state),
        "twice": [each.seq for each in twice(state)],
        "now": now,
    }


def _may(state: Reservation) -> dict[str, bool]:
    """Which buttons make sense; the core decides again when one is pressed."""
    ended = state.status in (CANCELLED, LAPSED, DELIVERED)
    return {
        "end": not ended,
        "lapse": state.status in (PLACED, CONFIRMED),
        "convert": state.status in (CONFIRMED, PAID_UP),
        "deliver": state.status == CONVERTED,
        "erase": ended,
        "die": state.died is None,
        "follow": not state.restricted,
    }


def _payment_form(state: Reservation, now: datetime) -> PaymentForm:
    return PaymentForm(initial={"currency": state.currency, "on": now.date()})
