"""A deposit that was booked wrongly: what it should have been, and the second operator's word."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from earnest.book import reads
from earnest.core.commands.correct_deposit import ConfirmCorrection, ProposeCorrection, WithdrawCorrection
from earnest.core.refusals import Missing, Refusal
from earnest.core.reservation import Payment, Reservation
from earnest.web.console import acting, showing
from earnest.web.console.access import operator
from earnest.web.console.forms.correction import CorrectionForm


@operator
@require_http_methods(["GET", "HEAD", "POST"])
def propose(request: HttpRequest, number: str, seq: int) -> HttpResponse:
    """The page that asks what it should have been; by POST, the correction or its proposal."""
    try:
        state = reads.reservation(number)
        payment = state.payment(seq)
        if payment is None:
            raise Missing("no-payment", "There is no such payment on this reservation.")
    except Missing as missing:
        return acting.refused(request, missing)
    told = reads.acts("reservation", state.number)[payment.seq].act
    given = request.POST if request.method == "POST" else None
    form = CorrectionForm(given, payment=payment, by_bank=told.by == "bank")
    if request.method != "POST" or not form.is_valid():
        return _page(request, state, payment, form)
    command = ProposeCorrection(
        number=state.number,
        payment=payment.seq,
        right_minor=form.right_minor or 0,
        to=form.cleaned_data["to"],
        why=form.cleaned_data["why"],
        **acting.who(request),
    )
    return acting.act(
        request,
        command,
        _("It is written down; a large one waits for another operator."),
        acting.address("console:correction", state.number, payment.seq),
        lambda refusal: _page(request, state, payment, form, refusal),
    )


@operator
@require_POST
def confirmed(request: HttpRequest, number: str, seq: int, proposal: int) -> HttpResponse:
    """The second operator's word."""
    command = ConfirmCorrection(
        number=acting.number(number), proposal=proposal, payment=seq, **acting.who(request)
    )
    said = _("The deposit is taken back, and booked as it should have been.")
    return _act(request, command, said, number, seq)


@operator
@require_POST
def withdrawn(request: HttpRequest, number: str, seq: int, proposal: int) -> HttpResponse:
    """The deposit was right after all."""
    command = WithdrawCorrection(number=acting.number(number), proposal=proposal, **acting.who(request))
    return _act(request, command, _("The correction is withdrawn; the deposit stands."), number, seq)


def _act(
    request: HttpRequest, command: ConfirmCorrection | WithdrawCorrection, said: str, number: str, seq: int
) -> HttpResponse:
    to = acting.address("console:correction", acting.number(number), seq)
    return acting.act(request, command, said, to, lambda refusal: acting.refused(request, refusal))


def _page(
    request: HttpRequest,
    state: Reservation,
    payment: Payment,
    form: CorrectionForm,
    refusal: Refusal | None = None,
) -> HttpResponse:
    waiting = [each for each in state.corrections if (each.payment, each.status) == (payment.seq, "proposed")]
    context = {
        "state": state,
        "name": showing.name_of(state),
        "payment": payment,
        "form": form,
        "waiting": waiting[0] if waiting else None,
        "by": waiting[0].by.removeprefix("operator:") if waiting else "",
        "why": reads.acts("reservation", state.number)[waiting[0].seq].act.get("why") if waiting else "",
        "is_mine": bool(waiting) and waiting[0].by == acting.person(request),
        "is_over": bool(payment.reversed_minor or payment.receivable_minor),
    }
    response = acting.page(request, "correction.html", context, refusal=refusal)
    if form.is_bound and form.errors:
        response.status_code = 422
    return response
