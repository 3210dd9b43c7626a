"""What goes with a key: everything in the book that it covered, in the transaction of the act that says so.

The state row and its blind index go with the state itself, which the same act folds to ERASED.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

from django.db import connection, transaction
from django.db.models import QuerySet

from earnest.book import holders, models
from earnest.core.acts import CLASSES

#: Class -> the mails that repeat what it holds; an address stands at the head of every one of them.
#: `account_*` name the end of an account, `slipped` repeats the reason of a slip; those about a statement of
#: withdrawal are nothing but the statement.
MAILS: Final[dict[str, tuple[str, ...] | None]] = {
    "identity": ("withdrawal_filed", "withdrawal_to_see_to"),
    "contact": None,
    "bank": ("account_given", "account_confirmed"),
    "money": (),
    "text": ("slipped",),
}


class Gone(NamedTuple):
    """One class of one holder of a subject whose key is destroyed."""

    subject: bytes
    number: str
    cls: str
    holder: int = 0


def clear(gone: Sequence[Gone]) -> None:
    """Destroy keys and all that they covered, in the caller's transaction. Raises ValueError for no class."""
    if not gone:
        return
    for each in gone:
        if each.cls not in CLASSES:
            raise ValueError(f"no class {each.cls}")
        index = {"contact_index": None} if each.cls == "contact" else {}
        theirs = models.SubjectKey.objects.filter(subject=each.subject, person=each.holder)
        theirs.update(**{each.cls: None}, **index)
        _values(each).delete()
        _mails(each)
    numbers = {each.number for each in gone}
    # The hash of a request can be tried out with what somebody guesses was in it. Without it the key is still
    # known: the same request again is refused, and does not act a second time.
    answers = models.Answer.objects.filter(
        answer__kind__in=("reservation", "withdrawal"), answer__number__in=numbers
    )
    answers.exclude(body_hash="").update(body_hash="")
    # What a mail server or a bank said may repeat an address or an account.
    models.Duty.objects.filter(payload__number__in=numbers).exclude(last_error="").update(last_error="")
    transaction.on_commit(_overwrite, robust=True)


def _values(gone: Gone) -> QuerySet[models.ActOpen]:
    """What is sealed in the acts of the holder."""
    since, until = holders.span(gone.subject, gone.holder)
    found = models.ActOpen.objects.filter(act__subject=gone.subject, act__seq__gte=since, cls=gone.cls)
    return found if until is None else found.filter(act__seq__lt=until)


def mails_of(subject: bytes, cls: str, holder: int) -> QuerySet[models.Mail]:
    """The stored mails that repeat what a class of a holder of a subject holds."""
    found = models.Mail.objects.filter(subject=subject, holder=holder)
    templates = MAILS[cls]
    return found if templates is None else found.filter(template__in=templates)


def _mails(gone: Gone) -> None:
    found = mails_of(gone.subject, gone.cls, gone.holder)
    if gone.cls in ("contact", "identity"):
        found.exclude(status="sent").update(status="erased")
    found.update(sealed=None, error="")


def _overwrite() -> None:
    """SQLite's write-ahead log holds the pages as they were until it is emptied; PostgreSQL's VACUUM is its own."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
