"""`earnest.post`: no tables of its own; the outbox is the book's."""

from django.apps import AppConfig


class PostConfig(AppConfig):
    """Brings templates, their translations, and the duties that write."""

    name = "earnest.post"
    label = "post"

    def ready(self) -> None:
        """Registers what this floor does, and what the rails do."""
        from earnest.accounting import handlers as accounting_handlers
        from earnest.book import exposing as exposing
        from earnest.book import retention as retention
        from earnest.post import asking_accounts as asking_accounts
        from earnest.post import awaiting_heirs as awaiting_heirs
        from earnest.post import by_law as by_law
        from earnest.post import clearing_alarms as clearing_alarms
        from earnest.post import deadlines as deadlines
        from earnest.post import handlers as handlers
        from earnest.post import withdrawals as withdrawals
        from earnest.rails import handlers as rails_handlers

        assert rails_handlers and accounting_handlers
