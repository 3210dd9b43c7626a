"""The only app that owns business tables; its guards are put in place after every `migrate`."""

import gc
from typing import Any, Final

from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate

#: Objects that are made before Python looks among them for rings that nobody holds any more. Acts and states are
#: never part of one; looked for every 700 objects, as Python does by itself, that is an eighth of all the work.
RINGS_EVERY: Final = 20_000


class BookConfig(AppConfig):
    """`earnest.book`."""

    name = "earnest.book"
    label = "book"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """SQLite's table remakes drop triggers, so they are looked at after each migration."""
        gc.set_threshold(RINGS_EVERY)
        post_migrate.connect(_install_guards, sender=self)


def _install_guards(using: str, **kwargs: Any) -> None:
    from earnest.book import guards

    guards.install(connections[using])
