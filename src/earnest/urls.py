"""The whole map of addresses; each face brings its own."""

from django.urls import URLPattern, URLResolver, include, path

from earnest.web import hooks

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("earnest.web.urls")),
    path("console/", include("earnest.web.console.urls")),
    path("api/v1/", include("earnest.api.urls")),
    path("hooks/stripe/", hooks.stripe, name="stripe-hook"),
]
