"""Statements of withdrawal, as they were made, what came of each, and what of them is still there."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import or_

from django.db.models import Q

from earnest.book import lists, models, reads
from earnest.core.acts import Act
from earnest.core.commands.withdraw import CLASSES, KIND
from earnest.core.refusals import Missing


@dataclass(frozen=True)
class Statement:
    """One statement: its number, the act that filed it, and what came of it (empty: nothing yet).

    `reached`: the number of the reservation that it fits, or empty. `erased`: the classes that are gone. `last`: when
    it was last dealt with, which an erasure is not.
    """

    number: str
    said: Act
    last: datetime
    outcome: str = ""
    reached: str = ""
    erased: tuple[str, ...] = ()
    #: How a person saw to it; empty where nobody did, or it was erased.
    why: str = ""


def statement(number: str) -> Statement | None:
    """The one of that number, or None."""
    try:
        found = [read.act for read in reads.acts(KIND, number)]
    except Missing:
        return None
    if not found:
        return None
    answered = [act for act in found if act.type == "withdrawal.answered"]
    why = answered[-1].get("why") if answered else None
    return Statement(
        number,
        found[0],
        (answered[-1] if answered else found[0]).at,
        answered[-1].text("outcome") if answered else "",
        str(answered[0].get("number") or "") if answered else "",
        tuple(act.text("class") for act in found if act.type == "withdrawal.erased"),
        why if isinstance(why, str) else "",
    )


def newest(most: int) -> list[Statement]:
    """The newest statements, the last one first."""
    found = (statement(number) for number in lists.numbers(KIND, "withdrawal.stated", most))
    return [each for each in found if each]


def with_something_left(after: str = "", before: datetime | None = None) -> Iterator[Statement]:
    """Statements of which a class is still there, by number from one on; `before`: made before that."""
    keys = models.SubjectKey.objects.filter(subject__kind=KIND, subject__number__gt=after)
    some = keys.filter(reduce(or_, (Q(**{f"{cls}__isnull": False}) for cls in CLASSES)))
    if before is not None:
        some = some.filter(subject__acts__seq=0, subject__acts__at__lte=before)
    for number in some.order_by("subject__number").values_list("subject__number", flat=True).iterator():
        found = statement(number)
        if found:
            yield found


def by_email(email: str) -> list[Statement]:
    """Statements with that address for the receipt. Each is opened: they are few, and go after their term."""
    wanted = email.strip().casefold()
    return [each for each in with_something_left() if str(each.said.get("email")).casefold() == wanted]
