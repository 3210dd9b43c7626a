"""The pages of one reservation."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.http import require_POST, require_safe

from earnest.book import clock, looks, reads
from earnest.book import policy as policies
from earnest.core import rails, statement
from earnest.core.commands.amend import AcceptVersion
from earnest.core.commands.answer_slip import AnswerSlip
from earnest.core.commands.ask_deposit import next_instalment
from earnest.core.commands.take_back import cannot_take_back, last_ending, refunds_of
from earnest.core.dispute import ANSWERABLE
from earnest.core.instants import text
from earnest.core.numbers import parse
from earnest.core.offer import Offer
from earnest.core.refusals import Missing, Refusal
from earnest.core.reservation import CONFIRMED, LIVING, PAID_UP, Payment, Reservation
from earnest.post.letters_slips import silence
from earnest.web import rights
from earnest.web.acting import fresh_key, holder, run, whole
from earnest.web.policy import policy
from earnest.web.portal import transferring, words
from earnest.web.sentences import sentence, status

RECENT = 8
#: Looks on the page of all acts.
LOOKS = 50


@require_safe
@policy("holder")
def reservation(request: HttpRequest, number: str) -> HttpResponse:
    """Where it stands, what is owed, what comes next."""
    return shown(request, the(number))


@require_safe
@policy("holder")
def acts(request: HttpRequest, number: str) -> HttpResponse:
    """Every act, with the receipt of each; and when somebody of the maker's looked."""
    state = the(number)
    told = [
        {
            "read": read,
            "text": words.said(read.act),
            "receipt": reads.receipt("reservation", state.number, read.act.seq),
        }
        for read in reads.acts("reservation", state.number, state.holder)
    ]
    times = state.times(state.holder)
    seen = [{"at": each.at, "what": words.seen(each.what)} for each in looks.at(state.number, LOOKS, *times)]
    shown = {"acts": told, "looks": seen, "looks_total": looks.count(state.number, *times)}
    return render(request, "portal/acts.html", frame(state) | shown)


@require_POST
@policy("holder")
def answer(request: HttpRequest, number: str, slip: int) -> HttpResponse:
    """The holder agrees to a new window, or does not."""
    state = the(number)
    command = AnswerSlip(
        **holder(request, state.number),
        slip=slip,
        answer=request.POST.get("answer", ""),
    )
    try:
        run(request, command)
    except Refusal as refusal:
        return shown(request, state, refusal)
    return redirect("reservation", number=state.number)


@require_POST
@policy("holder")
def version(request: HttpRequest, number: str) -> HttpResponse:
    """The holder accepts a newer version of the offer."""
    state = the(number)
    command = AcceptVersion(
        **holder(request, state.number),
        version=whole(request.POST.get("version", "")),
    )
    try:
        run(request, command)
    except Refusal as refusal:
        return shown(request, state, refusal)
    return redirect("reservation", number=state.number)


def the(number: str) -> Reservation:
    """The reservation of an address that was let in. Raises Http404."""
    try:
        return reads.reservation(parse(number) or "")
    except Missing:
        raise Http404 from None


def frame(state: Reservation) -> dict[str, Any]:
    """What every page of a reservation has around it."""
    read = reads.offer(state.offer)
    return {
        "state": state,
        "offer": read.offer,
        "text": read.offer.version(state.version).text(_language(state)),
        "lives": state.status in LIVING,
        "once": fresh_key(),
        "failed": _failed(state),
    }


def _failed(state: Reservation) -> dict[int, str]:
    """Refund -> why it could not be paid, of those that wait for another account after they were tried."""
    waiting = [each.n for each in state.refunds if each.failed_account is not None]
    told = [read.act for read in reads.acts("reservation", state.number)] if waiting else []
    return {n: words.failure(told, n) for n in waiting}


def shown(request: HttpRequest, state: Reservation, refusal: Refusal | None = None) -> HttpResponse:
    """The page, with a refusal's sentence on it where there is one."""
    context = frame(state)
    offer = context["offer"]
    part, due_minor = next_instalment(state)
    payable_from = transferring.payable_from(state) if part else None
    plan = statement.plan(state)
    newest = reads.acts("reservation", state.number, state.holder)
    ending = last_ending(state)
    variant = offer.version(state.version).variant(state.variant)
    context |= {
        "refusal": sentence(refusal) if refusal else "",
        "position": reads.position(state) if state.status in LIVING else None,
        "variant": variant,
        "part": part if state.status in ("placed", "confirmed") and not payable_from else None,
        "payable_from": payable_from,
        "due_minor": due_minor,
        "plan": plan,
        "next": next((each for each in plan if not each.is_paid), None),
        "payments": [(each, way_back(state, each)) for each in state.payments],
        "paid": sorted(state.deposits().items()),
        "paid_back": sorted(statement.paid_back(state).items()),
        "owed": sorted(state.owed_back().items()),
        "disputed": next((each for each in reversed(state.disputes) if each.status in ANSWERABLE), None),
        "receivables": sorted(state.receivables().items()),
        "ending": ending,
        "can_take_back": ending is not None
        and not cannot_take_back(state, ending, refunds_of(state, ending)),
        "slips": [{"told": told, "why": _why(offer, told.slip)} for told in state.told],
        "asks_address": asks_address(state),
        "may_pass_on": policies.current().may_pass_on and state.status in (CONFIRMED, PAID_UP),
        "unanswered": [told for told in state.told if not told.answer],
        "silence": silence(state.told[-1]) if state.told else "",
        "rights": rights.view(state, offer) if state.status in LIVING and not state.died else None,
        "newer": _newer(state, offer),
        "account": state.accounts[-1] if len(state.accounts) >= state.first_account else None,
        "recent": [{"read": read, "text": words.said(read.act)} for read in _recent(newest)],
        "acts_total": len(newest),
        "receipt": reads.receipt("reservation", state.number),
        "transfer": transferring.asked(state),
        "documents": [(each, words.document(each)) for each in reversed(state.invoices_of(state.holder))],
        "as_of": text(clock.now()),
        "this_page": reverse("reservation", kwargs={"number": state.number}),
    }
    if state.died:
        # Nobody is asked for anything, and nobody can answer for whoever has died.
        context |= {
            "part": None,
            "unanswered": [],
            "newer": None,
            "can_take_back": False,
            "may_pass_on": False,
        }
    return render(request, "portal/reservation.html", context, status=status(refusal) if refusal else 200)


def asks_address(state: Reservation) -> bool:
    """Whether the holder's address is needed: the maker writes invoices, and it can still stand on one."""
    return state.died is None and bool(policies.current().seller_country) and "identity" not in state.erased


def way_back(state: Reservation, payment: Payment) -> rails.Route:
    """How a payment would go back today."""
    days = policies.current().card_refund_days
    return rails.first(payment, clock.now(), days, passed_on=state.passed_on(payment))


def _recent(told: list[reads.ActRead]) -> list[reads.ActRead]:
    """The newest acts, the last one first; that mails were sent is told on the page with every act."""
    return [read for read in reversed(told) if read.act.type != "mail.sent"][:RECENT]


def _why(offer: Offer, slip: int) -> str:
    """The reason of a slip, in the maker's words."""
    return next((str(each.why) for each in offer.slips if each.seq == slip and each.why), "")


def _newer(state: Reservation, offer: Any) -> Any:
    """A newer version that differs in more than the window, which slips tell about."""
    newest, bound = offer.current, offer.version(state.version)
    same = (newest.plan, newest.variants, newest.texts, newest.sale) == (
        bound.plan,
        bound.variants,
        bound.texts,
        bound.sale,
    )
    return None if same or state.status not in ("placed", "confirmed", "paid up") else newest


def _language(state: Reservation) -> str:
    return (get_language() or state.terms_language)[:2]
