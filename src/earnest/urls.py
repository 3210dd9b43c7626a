"""The whole map of addresses; each face brings its own."""

from importlib.util import find_spec

from django.urls import URLPattern, URLResolver, include, path

from earnest.web import hooks

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("earnest.web.urls")),
    path("console/", include("earnest.web.console.urls")),
    path("hooks/stripe/", hooks.stripe, name="stripe-hook"),
]
if find_spec("earnest.api.urls"):
    urlpatterns.append(path("api/v1/", include("earnest.api.urls")))
