"""The page of one choice that a slip gives: opened by its link in the mail, without being let in anywhere.

Looking at it does nothing, however often a mail scanner looks; only its button answers.
"""

from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods

from earnest.book import links, reads
from earnest.core.commands.answer_slip import AnswerSlip
from earnest.core.commands.cancel import comes_back
from earnest.core.refusals import Missing, Refusal
from earnest.core.reservation import LIVING, Reservation, Told
from earnest.core.slipping import ANSWERS, CANCEL
from earnest.post.letters_slips import choice, silence
from earnest.web.acting import fresh_key, run, speaker
from earnest.web.policy import policy
from earnest.web.portal.doors import stale
from earnest.web.sentences import sentence, status

#: How it stands with a choice.
OPEN, DONE, OTHER, OVERTAKEN, OVER = "open", "done", "other", "overtaken", "over"
_GONE: Final = (OVERTAKEN, OVER)


@cache_control(private=True, no_store=True)
@require_http_methods(["GET", "HEAD", "POST"])
@policy("public")
def choose(request: HttpRequest, token: str) -> HttpResponse:
    """What is chosen, what that means, and one button."""
    read = links.read("slip", token)
    slip, _, name = read.extra.partition("-") if read else ("", "", "")
    if read is None or not slip.isdecimal() or name not in ANSWERS:
        return stale(request)
    try:
        state = reads.reservation(read.number)
    except Missing:
        return stale(request)
    told = next((each for each in state.told if each.slip == int(slip)), None)
    if told is None:
        return stale(request)
    stands, refusal = standing(state, told, name), None
    if request.method == "POST" and stands == OPEN:
        command = AnswerSlip(**speaker(state.number, read.holder), slip=told.slip, answer=name, newest=True)
        try:
            run(request, command)
        except Refusal as error:
            refusal = error
        else:
            return redirect("slip-choice", token=token)
    answer = status(refusal) if refusal else 410 if stands in _GONE else 200
    context = _context(state, told, name, stands) | {"refusal": sentence(refusal) if refusal else ""}
    return render(request, "portal/choice.html", context, status=answer)


def standing(state: Reservation, told: Told, name: str) -> str:
    """Whether the choice can still be made, and if not, why."""
    if told.answer == name:
        return DONE
    if told is not state.told[-1]:
        return OVERTAKEN
    if state.status not in LIVING or state.died:
        return OVER
    return OTHER if told.answer else OPEN


def _context(state: Reservation, told: Told, name: str, stands: str) -> dict[str, Any]:
    """What is needed to choose, and nothing of who they are."""
    offer = reads.offer(state.offer).offer
    slip = next((each for each in offer.slips if each.seq == told.slip), None)
    dated = told.now is not None
    sums: dict[str, int] = {}
    if name == CANCEL and state.quantity:
        for payment, minor in comes_back(state, state.quantity):
            sums[payment.currency] = sums.get(payment.currency, 0) + minor
    return {
        "title": offer.version(state.version).text((get_language() or "en")[:2]).title,
        "told": told,
        "why": slip.why if slip and slip.why else "",
        "name": name,
        "words": choice(name, dated=dated),
        "answered": choice(told.answer, dated=dated) if told.answer in told.choices else "",
        "silence": silence(told),
        "sums": sorted(sums.items()),
        "stands": stands,
        "once": fresh_key(),
    }
