"""The letters that the maker may write today: as paper, or sent to the holder by mail, which is then recorded."""

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from earnest.book import reads
from earnest.core.commands.letters import SendLetter
from earnest.core.letters.kinds import MAKER
from earnest.core.refusals import Missing, Refusal
from earnest.core.reservation import Contact
from earnest.post import legal_letters
from earnest.web.console import acting
from earnest.web.console.access import operator
from earnest.web.portal.letters import made
from earnest.web.portal.papers import spoken
from earnest.web.sentences import sentence


@operator
@require_http_methods(["GET", "HEAD", "POST"])
def letters(request: HttpRequest, number: str) -> HttpResponse:
    """What can be written today, and why the rest cannot; a button sends one in the holder's language."""
    try:
        state = reads.reservation(number)
    except Missing:
        raise Http404 from None

    def page(refusal: Refusal | None = None) -> HttpResponse:
        found = legal_letters.possible(state.number, MAKER, spoken())
        shown = {
            "number": state.number,
            "possible": [(code, title) for code, title, why in found if why is None],
            "others": [(title, sentence(why)) for _code, title, why in found if why],
        }
        return acting.page(request, "letters.html", shown, refusal=refusal)

    if request.method != "POST":
        return page()
    language = state.contact.language if isinstance(state.contact, Contact) else "en"
    who = acting.who(request)
    command = SendLetter(**who, number=state.number, letter=request.POST.get("letter", ""), language=language)
    to = acting.address("console:letters", state.number)
    return acting.act(request, command, _("The letter is on its way."), to, page)


@operator
@require_safe
def paper(request: HttpRequest, number: str, code: str) -> HttpResponse:
    """One of them as PDF, as of today."""
    try:
        state = reads.reservation(number)
    except Missing:
        raise Http404 from None
    return acting.looked(request, state.number, "document", made(state.number, code, MAKER))
