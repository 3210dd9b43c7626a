"""Statements of withdrawal: what came of each, and which a person must see to, and says when they have."""

from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from earnest.book import withdrawals
from earnest.core.commands.withdraw import CLASSES, OPEN, EraseStatement, SeeToWithdrawal
from earnest.core.numbers import parse
from earnest.core.refusals import Refusal
from earnest.web.console import acting, showing, words
from earnest.web.console.access import operator

_SHOWN: Final = 100


@operator
@require_safe
def listed(request: HttpRequest) -> HttpResponse:
    """The newest, the last one first."""
    return _page(request)


@operator
@require_POST
def seen_to(request: HttpRequest, number: str) -> HttpResponse:
    """A person has seen to one, and says how."""
    command = SeeToWithdrawal(statement=number, why=request.POST.get("why", ""), **acting.who(request))
    to = acting.address("console:withdrawals")
    return acting.act(request, command, _("Written down."), to, lambda refusal: _page(request, refusal))


@operator
@require_POST
def erased(request: HttpRequest, number: str) -> HttpResponse:
    """Everything of a statement that names somebody is erased, because they asked."""
    command = EraseStatement(statement=number, classes=CLASSES, **acting.who(request))
    to = acting.address("console:withdrawals")
    return acting.act(request, command, _("It is erased."), to, lambda refusal: _page(request, refusal))


def _page(request: HttpRequest, refusal: Refusal | None = None) -> HttpResponse:
    found = [_line(each) for each in withdrawals.newest(_SHOWN)]
    return acting.page(request, "withdrawals.html", {"statements": found}, refusal=refusal)


def _line(each: withdrawals.Statement) -> dict[str, Any]:
    """What was stated, as it was typed."""
    contract = each.reached or _typed(each, "contract")
    return {
        "number": each.number,
        "at": each.said.at,
        "name": None if "identity" in each.erased else _typed(each, "name"),
        "contract": contract,
        "is_number": parse(contract) is not None,
        "email": _typed(each, "email"),
        "why": each.why,
        "reached": each.reached,
        "is_open": each.outcome in OPEN,
        "is_erased": "contact" in each.erased,
        "may_be_erased": bool(each.outcome)
        and each.outcome not in OPEN
        and not each.reached
        and not set(CLASSES) <= set(each.erased),
        "badge": showing.badge(each.outcome or "waiting", words.WITHDRAWALS),
    }


def _typed(each: withdrawals.Statement, name: str) -> str:
    """As it was typed; empty once it was erased."""
    value = each.said.get(name)
    return value if isinstance(value, str) else ""
