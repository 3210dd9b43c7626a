"""Who looked at whose data: written when an operator opens it, and given to the person who asks."""

from earnest.book import chapters, clock, mode, models
from earnest.core.commands.base import Ref


def note(number: str, who: str, what: str) -> None:
    """`what` is a code: reservation, story, mail, bank."""
    key = chapters.key_of(mode.origin(), Ref("reservation", number))
    models.Look.objects.create(subject_id=key, who=who, what=what, at=clock.now())
