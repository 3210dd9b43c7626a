"""Withdrawing from a contract: a function for everybody, on every page, in two steps, and with a receipt to keep.

Nothing here looks for the contract: whoever states it is answered the same, whatever they named, and a duty sees to the
rest. So the page cannot tell anybody that a reservation exists (Directive 2011/83/EU art. 11a; `core/labels.py`).
"""

from datetime import timedelta
from typing import Any, Final

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods, require_safe

from earnest.book import ids, limits, links, mode, reads, withdrawals
from earnest.core.commands.withdraw import CONTRACT_MOST, KIND, NAME_MOST, StateWithdrawal
from earnest.core.numbers import parse
from earnest.core.refusals import Refusal
from earnest.core.reservation import Contact, Identity
from earnest.post.letters_slips import receipt_facts, statement
from earnest.web.acting import fresh_key, run
from earnest.web.forms import PublicForm
from earnest.web.policy import policy
from earnest.web.portal.access import may_open
from earnest.web.portal.doors import stale
from earnest.web.sentences import sentence, status

#: Statements from one address in an hour; each may cause a mail to somebody else.
MOST: Final = 20
_HOUR: Final = timedelta(hours=1)


class WithdrawForm(PublicForm):
    """What the law lets be asked for: who, which contract, and where the receipt goes."""

    name = forms.CharField(label=lazy("Your name"), max_length=NAME_MOST)
    contract = forms.CharField(label=lazy("Reservation number"), max_length=CONTRACT_MOST)
    email = forms.EmailField(label=lazy("E-mail for the receipt"), max_length=254)

    HELP = {  # noqa: RUF012 - read only
        "contract": lazy(
            "It stands in every mail from us. If you do not have it, write what you reserved, and when."
        ),
        "email": lazy("Best the one that you gave when you reserved."),
    }
    AUTOCOMPLETE = {"name": "name", "contract": "off", "email": "email"}  # noqa: RUF012 - read only

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.describe()


@cache_control(private=True, no_store=True)
@require_http_methods(["GET", "HEAD", "POST"])
@policy("public")
def withdraw(request: HttpRequest) -> HttpResponse:
    """The first step asks, the second shows the statement, and its button makes it."""
    if request.method != "POST":
        return render(request, "withdrawal/form.html", {"form": WithdrawForm(initial=_known(request))})
    form, language = WithdrawForm(request.POST), (get_language() or "en")[:2]
    if not form.is_valid() or "change" in request.POST:
        code = 422 if form.errors else 200
        return render(request, "withdrawal/form.html", {"form": form}, status=code)
    given = form.cleaned_data
    said = StateWithdrawal(by="customer", via="web", statement=ids.number(), **given, language=language)
    context = {"form": form, "said": statement(given["name"], given["contract"])}
    if "confirm" not in request.POST:
        return render(request, "withdrawal/confirm.html", context | {"once": fresh_key()})
    if not _may_state(request):
        too_many = _(
            "Too many statements came from here. Please wait an hour, or write to us: a mail counts as well."
        )
        return render(request, "withdrawal/form.html", {"form": form, "refusal": too_many}, status=429)
    try:
        done = run(request, said, actor="visitor")
    except Refusal as refusal:
        answer = {"form": form, "refusal": sentence(refusal)}
        return render(request, "withdrawal/form.html", answer, status=status(refusal))
    return redirect("withdrawn", token=links.sign(KIND, done.number))


@cache_control(private=True, no_store=True)
@require_safe
@policy("public")
def receipt(request: HttpRequest, token: str) -> HttpResponse:
    """Content, date and time, to be printed or saved; the same whatever came of it."""
    found = _found(token)
    if found is None:
        return stale(request)
    facts = receipt_facts(found.said, found.number)
    return render(request, "withdrawal/receipt.html", {"facts": facts, "token": token})


@cache_control(private=True, no_store=True)
@require_safe
@policy("public")
def saved(request: HttpRequest, token: str) -> HttpResponse:
    """The receipt as a text file."""
    found = _found(token)
    if found is None:
        return stale(request)
    maker = mode.data().get("maker") or mode.origin()
    lines = [f"{label}\n    {value}\n" for label, value in receipt_facts(found.said, found.number)]
    body = "\n".join((_("Receipt of your withdrawal"), f"{maker}, {mode.origin()}", "", *lines))
    answer = HttpResponse(body, content_type="text/plain; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{found.number}.txt"'
    return answer


def _found(token: str) -> withdrawals.Statement | None:
    number = links.signed(KIND, token)
    found = withdrawals.statement(number) if number else None
    return None if found is None or found.erased else found


def _known(request: HttpRequest) -> dict[str, str]:
    """What this browser was let into is filled in for whoever holds it, and nothing for anybody else."""
    number = parse(request.GET.get("number", ""))
    if not number or not may_open(request, number):
        return {"contract": request.GET.get("number", "")[:20]}
    state = reads.reservation(number)
    who, reached = state.identity, state.contact
    return {
        "contract": number,
        "name": who.name if isinstance(who, Identity) else "",
        "email": reached.email if isinstance(reached, Contact) else "",
    }


def _may_state(request: HttpRequest) -> bool:
    """Counts one more from this address in the hour after the first, whichever process answers."""
    return limits.count("withdrawal", request.META.get("REMOTE_ADDR", ""), _HOUR) <= MOST
