"""The only app that owns business tables; its guards are put in place after every `migrate`."""

from typing import Any

from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate


class BookConfig(AppConfig):
    """`earnest.book`."""

    name = "earnest.book"
    label = "book"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """SQLite's table remakes drop triggers, so they are looked at after each migration."""
        post_migrate.connect(_install_guards, sender=self)


def _install_guards(using: str, **kwargs: Any) -> None:
    from earnest.book import guards

    guards.install(connections[using])
