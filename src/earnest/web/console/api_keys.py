"""Keys to the API: made here, shown once, revoked here."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from earnest.api import keys
from earnest.book import lists
from earnest.core.refusals import Invalid
from earnest.web import acting as shared
from earnest.web.console import acting
from earnest.web.console.access import operator
from earnest.web.console.forms.api_key import ApiKeyForm
from earnest.web.sentences import sentence

_USED = "api_key_form"


@operator
@require_http_methods(["GET", "HEAD", "POST"])
def listed(request: HttpRequest) -> HttpResponse:
    """All keys; by POST, a new one, which this answer alone shows."""
    form = ApiKeyForm(request.POST if request.method == "POST" else None)
    if request.method != "POST":
        return _page(request, form)
    if not form.is_valid():
        return _page(request, form, status=422)
    once = request.POST.get(shared.KEY_FIELD, "")
    if once and request.session.get(_USED) == once:
        messages.info(request, _("That key was made already; it is shown only once."))
        return redirect("console:keys")
    try:
        made = keys.make(form.cleaned_data["label"], form.cleaned_data["scopes"], acting.person(request))
    except Invalid as refusal:
        form.add_error(None, sentence(refusal))
        return _page(request, form, status=422)
    request.session[_USED] = once
    return _page(request, ApiKeyForm(), made)


@operator
@require_POST
def revoked(request: HttpRequest, prefix: str) -> HttpResponse:
    """From now on the key opens nothing."""
    keys.revoke(prefix)
    messages.success(request, _("The key is revoked: it opens nothing any more."))
    return redirect("console:keys")


def _page(request: HttpRequest, form: ApiKeyForm, made: str = "", status: int = 200) -> HttpResponse:
    response = acting.page(request, "keys.html", {"keys": lists.api_keys(), "form": form, "made": made})
    response.status_code = status
    return response
