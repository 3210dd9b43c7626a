"""What would be owed if everybody ended it who may, by the law of each; and which deadlines are ahead."""

from collections import Counter
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from earnest.book import exposing, reach, reads
from earnest.core.refusals import Missing
from earnest.web.console import acting
from earnest.web.console.access import operator
from earnest.web.rights import cited, confirmed, decided_words, right_words, silence_words


@operator
@require_safe
def exposure(request: HttpRequest, slug: str) -> HttpResponse:
    """One offer, as it stands now; a very large one as it was last worked out."""
    try:
        offer = reads.offer(slug).offer
    except Missing as missing:
        return acting.refused(request, missing)
    found = exposing.of(slug)
    context = {
        "offer": offer,
        "exposure": found,
        "touched": lines(found.reaches),
        "covers": reach.cover(found.reaches),
        "deadlines": deadlines(found.reaches),
    }
    return acting.page(request, "exposure.html", context)


@operator
@require_POST
def anew(request: HttpRequest, slug: str) -> HttpResponse:
    """Worked out anew, by the worker."""
    try:
        exposing.ask(reads.offer(slug).offer.slug)
    except Missing as missing:
        return acting.refused(request, missing)
    return redirect("console:exposure", slug)


def lines(found: list[reach.Reach]) -> list[dict[str, Any]]:
    """Each country as a line of a table."""
    return [
        {
            "residence": each.residence,
            "consumer": each.consumer,
            "reservations": each.reservations,
            "paid": sorted(each.paid.items()),
            "total": sorted(each.total.items()),
            "added": sorted((currency, minor) for currency, minor in each.added.items() if minor),
            "incomplete": each.incomplete,
            "rights": [
                {
                    "words": right_words(kind),
                    "article": "" if ground.rule == "house-terms" else cited(ground),
                    "confirmed": confirmed(ground.mark),
                    "n": n,
                }
                for kind, (ground, n) in each.rights.items()
            ],
            "silence": [(silence_words(what, until), n) for (what, until), n in each.silence.items()],
        }
        for each in found
    ]


def deadlines(found: list[reach.Reach]) -> list[tuple[date, str, int]]:
    """Days by which holders must be told of a delay or asked again, and on which silence decides; how many they are."""
    days: Counter[tuple[date, str]] = Counter()
    for each in found:
        for day, n in each.deadlines.items():
            days[day, _("told of a delay, or asked again, by then")] += n
        for (what, day), n in each.silent.items():
            days[day, decided_words(what)] += n
    return [(day, said, n) for (day, said), n in sorted(days.items())]
