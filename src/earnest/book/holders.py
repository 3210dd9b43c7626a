"""Who held a reservation when: an act is sealed under the keys of whoever has it once the act is done."""

from bisect import bisect_right
from collections.abc import Sequence
from typing import Final

from earnest.book import chapters, ids, models, sql
from earnest.core.acts import CLASSES, Act

CHANGED: Final = "reservation.holder_changed"
#: Sealed under a holder's keys, and about somebody else: of these a holder opens only what the contract itself is.
OF_ANOTHER: Final = ("reservation.successor_named",)


def fresh_keys() -> dict[str, bytes | None]:
    """The keys of somebody who holds something from now on."""
    return chapters.new_keys(ids.token(chapters.KEY_BYTES * len(CLASSES)))


def changes(key: bytes) -> list[int]:
    """The acts by which a subject went to its next holder, in their order."""
    found = models.Act.objects.filter(subject=key, type=CHANGED).order_by("seq")
    return list(found.values_list("seq", flat=True))


def current(number: str) -> int | None:
    """Who holds a reservation now (0 the first), or None where there is none of that number."""
    found = sql.one(
        "SELECT MAX(k.person) FROM subject_key k JOIN subject s ON s.key = k.subject_id "
        "WHERE s.kind = 'reservation' AND s.number = %s",
        number,
    )
    return found[0] if found else None


def found_by(index: bytes) -> list[tuple[str, int]]:
    """(number, holder) of whatever somebody holds or has held whose address has this blind index."""
    now = models.Reservation.objects.filter(contact_index=index).order_by("-placed_at")
    held = [(number, current(number) or 0) for number in now.values_list("number", flat=True)]
    before = models.SubjectKey.objects.filter(contact_index=index).order_by("subject__number", "person")
    return [*held, *before.values_list("subject__number", "person")]


def holder_at(changed: Sequence[int], seq: int) -> int:
    """Whose keys seal act `seq`; a change itself is the next holder's."""
    return bisect_right(changed, seq)


def span(key: bytes, holder: int) -> tuple[int, int | None]:
    """The acts of a holder: from the first up to (None: there is no end) the one that is no longer theirs."""
    changed = changes(key)
    since = changed[holder - 1] if holder else 0
    return since, changed[holder] if holder < len(changed) else None


def named(act: Act) -> int:
    """Whose data an act erased; before anybody followed there was only the first."""
    holder = act.get("holder")
    return holder if isinstance(holder, int) else 0


def remember(key: bytes, holder: int) -> None:
    """By which address an earlier holder is found who asks what is held about them; goes with their contact key.

    Before the row takes on the index of whoever follows.
    """
    index = models.Reservation.objects.filter(subject=key).values_list("contact_index", flat=True).first()
    models.SubjectKey.objects.filter(subject=key, person=holder).update(contact_index=index)
