"""Where providers post their events; the signature on the raw body is the permission."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from earnest.core.refusals import Invalid
from earnest.rails.stripe import events
from earnest.web.policy import policy


@csrf_exempt
@require_POST
@policy("provider")
def stripe(request: HttpRequest) -> HttpResponse:
    """Taken once and answered at once; what it means is found out by a duty."""
    try:
        events.accept(request.body, request.headers.get("Stripe-Signature", ""))
    except Invalid as refusal:
        return HttpResponse(str(refusal), status=400, content_type="text/plain")
    return HttpResponse(status=200)
