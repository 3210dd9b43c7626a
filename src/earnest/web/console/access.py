"""Who may enter: login, logout, and the choice of a password after a one-time one."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Final, TypeVar

from django.contrib import messages
from django.contrib.auth import authenticate, login, logout, update_session_auth_hash
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from earnest.web.console import operators, throttle
from earnest.web.console.acting import page
from earnest.web.console.forms.access import LoginForm, PasswordForm
from earnest.web.policy import policy

View = TypeVar("View", bound=Callable[..., HttpResponse])
MUST_CHOOSE: Final = "must_choose_password"


def operator(view: View) -> View:
    """A page for operators, who have chosen their password."""

    @wraps(view)
    def chosen(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.session.get(MUST_CHOOSE):
            return redirect("console:password")
        return view(request, *args, **kwargs)

    return policy("operator")(chosen)  # type: ignore[return-value]


@policy("public")
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def log_in(request: HttpRequest) -> HttpResponse:
    """The door. Wrong five times from one place, it stays shut for a quarter of an hour."""
    if request.user.is_authenticated and request.method != "POST":
        return redirect("console:today")
    form = LoginForm(request.POST or None)
    status = 200
    if request.method == "POST" and form.is_valid():
        name, address = form.cleaned_data["name"], request.META.get("REMOTE_ADDR", "")
        if throttle.is_blocked(name, address):
            form.add_error(None, _("Too many attempts; try again in a quarter of an hour."))
            status = 429
        else:
            user = authenticate(request, username=name, password=form.cleaned_data["password"])
            if isinstance(user, User):
                throttle.succeeded(name, address)
                return _enter(request, user)
            throttle.failed(name, address)
            form.add_error(None, _("The name or the password is wrong."))
            status = 401
    elif request.method == "POST":
        status = 422
    response = page(request, "login.html", {"form": form, "next": _next(request)})
    response.status_code = status
    return response


@policy("public")
@require_POST
def log_out(request: HttpRequest) -> HttpResponse:
    """Ends the session; by POST, so that no page can do it to an operator."""
    logout(request)
    return redirect("console:login")


@policy("operator")
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def password(request: HttpRequest) -> HttpResponse:
    """A password of one's own."""
    user: Any = request.user
    form = PasswordForm(request.POST or None, user=user)
    if request.method == "POST" and form.is_valid():
        operators.choose(user, form.cleaned_data["new"])
        update_session_auth_hash(request, user)
        request.session.pop(MUST_CHOOSE, None)
        messages.success(request, _("Your password is changed."))
        return redirect("console:today")
    context = {"form": form, "must": bool(request.session.get(MUST_CHOOSE))}
    response = page(request, "password.html", context)
    response.status_code = 422 if request.method == "POST" else 200
    return response


def _enter(request: HttpRequest, user: User) -> HttpResponse:
    login(request, user)  # gives the session another key
    if operators.has_one_time_password(user):
        request.session[MUST_CHOOSE] = True
        return redirect("console:password")
    return redirect(_next(request) or "console:today")


def _next(request: HttpRequest) -> str:
    """Where the operator was going, if that is a page of ours."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if ours and wanted.startswith("/console/") else ""
