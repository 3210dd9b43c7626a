"""The letters that a holder may write today: to take away as paper, or to send to the maker, which is then recorded."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from earnest.core.commands.base import Command
from earnest.core.commands.letters import GiveNotice, Resolve, SendLetter
from earnest.core.letters.kinds import ANSWER, END, HOLDER, KINDS, LETTER, NOTICE, STATE
from earnest.core.refusals import Missing, Refusal
from earnest.post import legal_letters, paper_letter
from earnest.web.acting import fresh_key, holder, run
from earnest.web.policy import policy
from earnest.web.portal.papers import file, spoken
from earnest.web.portal.views import frame, the
from earnest.web.sentences import sentence, status


@require_http_methods(["GET", "HEAD", "POST"])
@policy("holder")
def letters(request: HttpRequest, number: str) -> HttpResponse:
    """What can be written today, and why the rest cannot; a button sends what is sent from here."""
    state, refusal = the(number), None
    if request.method == "POST":
        try:
            run(request, _command(request, state.number))
        except Refusal as error:
            refusal = error
        else:
            return redirect("letters", number=state.number)
    found = legal_letters.possible(state.number, HOLDER, spoken())
    shown = {
        "possible": [
            {"code": code, "title": title, "sends": KINDS[code].sends, "once": fresh_key()}
            for code, title, why in found
            if why is None
        ],
        "others": [{"title": title, "why": sentence(why)} for _, title, why in found if why],
        "sent_here": (NOTICE, END, LETTER),
        "by_withdrawing": STATE,
        "by_answering": ANSWER,
        "refusal": sentence(refusal) if refusal else "",
    }
    return render(
        request,
        "portal/letters.html",
        frame(state) | shown,
        status=status(refusal) if refusal else 200,
    )


@require_safe
@policy("holder")
def paper(request: HttpRequest, number: str, code: str) -> HttpResponse:
    """One of them as PDF, as of today. Raises Http404 for what there is not, or not today."""
    return made(the(number).number, code, HOLDER)


def made(number: str, code: str, sender: str) -> HttpResponse:
    """A letter of one side as PDF. Raises Http404."""
    if code not in KINDS or KINDS[code].sender != sender:
        raise Http404
    try:
        said = legal_letters.letter(number, code, spoken())
    except Refusal:
        raise Http404 from None
    return file(paper_letter.pdf(said), f"{number}-{code}.pdf", "application/pdf")


def _command(request: HttpRequest, number: str) -> Command:
    """Raises Missing for a letter that is not sent from here."""
    kind, who = KINDS.get(request.POST.get("letter", "")), holder(request, number)
    if kind is None or kind.sender != HOLDER or kind.sends not in (NOTICE, END, LETTER):
        raise Missing("no-letter-here", "This letter is not sent from here.")
    if kind.sends == NOTICE:
        return GiveNotice(**who)
    if kind.sends == END:
        return Resolve(**who)
    return SendLetter(**who, letter=kind.code, language=spoken())
