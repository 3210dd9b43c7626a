"""The app that brings the command line; it has no tables."""

from django.apps import AppConfig


class EarnestConfig(AppConfig):
    name = "earnest"
    label = "earnest"
    verbose_name = "Earnest"
