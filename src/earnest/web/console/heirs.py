"""A holder has died, or somebody follows by law: what waits, what is written down of it, and who confirms it."""

from typing import Any, Final

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_http_methods, require_safe

from earnest.book import heirs, reads
from earnest.core.acts import Act, Erased
from earnest.core.commands.heirs import ConfirmSuccessor, CorrectDeath, NameSuccessor, RecordDeath
from earnest.core.reservation import Reservation
from earnest.post.words import moment
from earnest.web.console import acting, endings, words
from earnest.web.console.access import operator
from earnest.web.console.endings import Step
from earnest.web.console.forms.heirs import ConfirmForm, DiedForm, LivesForm, SuccessorForm


def facts_of(state: Reservation) -> list[tuple[str, str]]:
    """What is written down of the death, and of who is to follow."""
    acts = (
        [read.act for read in reads.acts("reservation", state.number)]
        if state.died or state.successor
        else []
    )
    facts = _death(state, acts[state.died.seq]) if state.died else []
    return facts + (_successor(acts[state.successor.seq]) if state.successor else [])


def _death(state: Reservation, act: Act) -> list[tuple[str, str]]:
    assert state.died
    told = [(_("Reported on"), moment(act.at)), (_("Told by"), words.say(words.TELLERS, state.died.told_by))]
    if state.died.refund is not None:
        told.append((_("By the return of"), _("refund %(n)d") % {"n": state.died.refund}))
    if act.get("why") is not None:
        told.append((_("In words"), _known(act, "why")))
    others = heirs.also_theirs(state)
    return told + ([(_("Also of this address"), ", ".join(others))] if others else [])


def _successor(act: Act) -> list[tuple[str, str]]:
    facts = [
        (_("Follows"), _known(act, "name")),
        (_("E-mail"), _known(act, "email")),
        (_("Lives in"), act.text("residence")),
        (_("By what right"), words.say(words.RIGHTS, act.text("right"))),
        (_("Proof"), words.say(words.PROOFS, act.text("proof"))),
        (_("What it says"), _known(act, "seen")),
        (_("Named by"), _known(act, "person").removeprefix("operator:")),
        (_("Named on"), moment(act.at)),
    ]
    if act.get("vat_number") is not None:
        facts.insert(1, (_("VAT number"), _known(act, "vat_number")))
    return facts


def _known(act: Act, name: str) -> str:
    value = act.get(name)
    return _("erased") if isinstance(value, Erased) else str(value or "")


def _confirming(data: Any, state: Reservation) -> forms.Form:
    """Bound to the naming that was on the page: another one since is refused."""
    return ConfirmForm(data, initial={"named": state.successor.seq if state.successor else -1})


def _naming(data: Any, state: Reservation) -> forms.Form:
    right = "inheritance" if state.died else "judgment"
    proof = "european-certificate" if state.died else "court"
    return SuccessorForm(data, initial={"right": right, "proof": proof, "residence": state.residence})


STEPS: Final = {
    "died": Step(
        title=lazy("The holder has died"),
        says=lazy(
            "From now on nothing is paid out and nothing is asked of them: what is owed waits for the heirs, and is "
            "listed. One mail goes to their address, for whoever reads it. You are reminded until it is settled."
        ),
        button=lazy("Record the death"),
        done=lazy("It is recorded; what is owed waits for the heirs."),
        form=lambda data, state: DiedForm(data),
        command=lambda state, data, who: RecordDeath(number=state.number, **data, **who),
        grave=True,
    ),
    "lives": Step(
        title=lazy("The holder lives"),
        says=lazy(
            "The report was wrong. What was held goes on as it was, and the holder is written to. The law's limits "
            "have not waited: the delay was not theirs."
        ),
        button=lazy("Correct it"),
        done=lazy("It is corrected; what was held goes on."),
        form=lambda data, state: LivesForm(data),
        command=lambda state, data, who: CorrectDeath(number=state.number, **data, **who),
        facts=facts_of,
    ),
    "name-heir": Step(
        title=lazy("Name who follows"),
        says=lazy(
            "Whoever follows holds the reservation as it is, with links of their own. What is owed goes to an account "
            "of theirs, never to the earlier holder's card or account. Nothing changes before another operator has "
            "seen the same papers and confirmed it."
        ),
        button=lazy("Write it down"),
        done=lazy("It is written down. Another operator now looks at the papers and confirms it."),
        form=_naming,
        command=lambda state, data, who: NameSuccessor(
            number=state.number,
            consumer=not data["company"],
            **{name: value for name, value in data.items() if name != "company"},
            **who,
        ),
    ),
    "confirm-heir": Step(
        title=lazy("Confirm who follows"),
        says=lazy(
            "You have seen the same papers yourself. From then on the reservation, and all that is owed on it, is "
            "theirs; the earlier holder's links open nothing any more."
        ),
        button=lazy("Confirm it: it is theirs"),
        done=lazy("It is theirs now, and they are written to."),
        form=_confirming,
        command=lambda state, data, who: ConfirmSuccessor(number=state.number, **data, **who),
        grave=True,
        facts=facts_of,
    ),
}


@operator
@require_safe
def listed(request: HttpRequest) -> HttpResponse:
    """All that waits for heirs, or for a second operator."""
    return acting.page(request, "heirs.html", {"waiting": heirs.waiting()})


@operator
@require_http_methods(["GET", "HEAD", "POST"])
def step(request: HttpRequest, number: str, name: str) -> HttpResponse:
    """The page that asks; by POST, the act."""
    return endings.carried_out(request, number, STEPS[name])
