"""`earnest.web`: pages, their design, and their translations."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    """Compiles the message catalogues that are older than their source."""

    name = "earnest.web"
    label = "web"

    def ready(self) -> None:
        """Django reads `.mo` files; the repository holds only what people write."""
        from earnest.web import catalogs

        catalogs.compile_stale()
