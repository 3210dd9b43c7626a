"""Reservations whose holder has died, or is followed by law: since when they wait, and what is to be done."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from earnest.book import keys, models, reads, rows
from earnest.core.reservation import Contact, Identity, Reservation

_OPENED_BY: Final = ("reservation.holder_died", "reservation.successor_named")


@dataclass(frozen=True)
class Waiting:
    """One reservation. `name` is the holder's, None where it was erased; `since` when it began to wait."""

    state: Reservation
    name: str | None
    since: datetime

    @property
    def to_confirm(self) -> bool:
        """Somebody is named to follow, and another operator must confirm it; else the heirs are to be found."""
        return self.state.successor is not None


def waiting() -> list[Waiting]:
    """All of them, the oldest first. Deaths are few, so each is looked at."""
    return sorted(_found(), key=lambda each: (each.since, each.state.number))


def also_theirs(state: Reservation) -> list[str]:
    """Other reservations of the same address, of whose holder nobody has said that they died."""
    address = _address(state)
    if not address:
        return []
    numbers = dict.fromkeys(number for number, _ in reads.by_email(address) if number != state.number)
    others = [reads.reservation(number) for number in numbers]
    return [each.number for each in others if each.died is None and _address(each) == address]


def _address(state: Reservation) -> str:
    return state.contact.email.casefold() if isinstance(state.contact, Contact) else ""


def _found() -> Iterator[Waiting]:
    opened = models.Act.objects.filter(type__in=_OPENED_BY).values("subject")
    read = models.Reservation.objects.filter(subject__in=opened)
    listed: list[Mapping[str, Any]] = list(read.values("subject_id", "state", "identity", "contact", "bank"))
    secrets = rows.load_keys({bytes(row["subject_id"]) for row in listed}, keys.current().unwrap)
    for row in listed:
        key = bytes(row["subject_id"])
        state = rows.read_reservation(row, key, secrets[key])
        begun = state.died or state.successor
        if begun is not None:
            name = state.identity.name if isinstance(state.identity, Identity) else None
            yield Waiting(state, name, begun.at)
