"""Keys to the API: made here, shown once, revoked here."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from earnest.book import lists
from earnest.web.console import acting
from earnest.web.console.access import operator


@operator
@require_safe
def listed(request: HttpRequest) -> HttpResponse:
    """All keys."""
    return acting.page(request, "keys.html", {"keys": lists.api_keys()})
