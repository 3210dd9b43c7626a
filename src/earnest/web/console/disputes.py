"""Disputes: what banks ask, by when, and one button that hands in the story."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from earnest.book import clock, lists
from earnest.core.dispute import ANSWERABLE
from earnest.core.refusals import Refusal
from earnest.rails.stripe import disputes as card
from earnest.web.console import acting, showing, words
from earnest.web.console.access import operator
from earnest.web.telling.evidence import evidence

NEAR: Final = timedelta(days=2)


@dataclass(frozen=True)
class DisputeView:
    """One dispute as a line shows it."""

    row: lists.DisputeRow
    now: datetime

    @property
    def badge(self) -> showing.Badge:
        """Its status."""
        return showing.badge(self.row.dispute.status, words.DISPUTES)

    @property
    def can_answer(self) -> bool:
        """Whether evidence is still taken, as far as we know."""
        return self.row.dispute.status in ANSWERABLE and self.row.dispute.answered_at is None

    @property
    def is_near(self) -> bool:
        """The evidence is due within two days and was not handed in."""
        due = self.row.dispute.due_at
        return self.can_answer and due is not None and due - self.now <= NEAR


@operator
@require_safe
def listed(request: HttpRequest) -> HttpResponse:
    """Those that wait for us first, by when; then the others."""
    return shown(request)


@operator
@require_safe
def document(request: HttpRequest, number: str, n: int) -> HttpResponse:
    """The document as it would be handed in."""
    try:
        made = evidence(acting.number(number), n)
    except Refusal as refusal:
        return acting.refused(request, refusal)
    response = HttpResponse(made.document, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{acting.number(number)}-{n}.pdf"'
    response["Cache-Control"] = "no-store"
    # It is the story on paper.
    return acting.looked(request, acting.number(number), "story", response)


@operator
@require_POST
def submitted(request: HttpRequest, number: str, n: int) -> HttpResponse:
    """Hand it in: once and for good."""
    given = acting.number(number)
    try:
        made = evidence(given, n)
        card.submit(given, n, acting.person(request), made.document, made.texts)
    except Refusal as refusal:
        return shown(request, refusal)
    messages.success(request, _("The evidence is handed in; the bank decides."))
    return redirect(acting.address("console:disputes"))


def shown(request: HttpRequest, refusal: Refusal | None = None) -> HttpResponse:
    """The page, with a refusal where there is one."""
    now = clock.now()
    views = [DisputeView(row, now) for row in lists.disputes()]
    context = {
        "now": now,
        "waiting": [each for each in views if each.can_answer],
        "others": [each for each in views if not each.can_answer],
    }
    return acting.page(request, "disputes.html", context, refusal=refusal)
