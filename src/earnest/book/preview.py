"""What a command would come to, without carrying it out."""

from django.db import transaction

from earnest.book.loading import Loader
from earnest.core.commands.base import Command, Decision


def decide(command: Command) -> Decision:
    """The decision that `book.door` would write down now. Raises Refusal. Nothing is written."""
    with transaction.atomic():
        loader = Loader([command])
        loader.load()
        return command.decide(loader.world(command))
