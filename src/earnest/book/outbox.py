"""The outbox: every mail as it was made, sealed under its holder's contact key."""

from datetime import datetime

from earnest.book import chapters, clock, keys, mode, models, rows
from earnest.core.commands.base import Ref
from earnest.record import sealed


def kept(key: str) -> bytes | None:
    """The exact bytes of a mail that was made, or None."""
    row = models.Mail.objects.filter(key=key).values_list("subject_id", "holder", "sealed").first()
    if row is None or row[2] is None:
        return None
    secret = (None if row[0] is None else _secret(bytes(row[0]), row[1])) or _own_secret()
    return sealed.unseal(secret, _identity(key), bytes(row[2]))


def kept_for(key: str, holder: int) -> bool | None:
    """Whether a mail that was made is this holder's; None where there is none yet."""
    found = models.Mail.objects.filter(key=key).values_list("holder", flat=True).first()
    return None if found is None else found == holder


def keep(
    key: str,
    number: str,
    template: str,
    language: str,
    message_id: str,
    raw: bytes,
    *,
    to_holder: bool = True,
    holder: int = 0,
    kind: str = "reservation",
) -> None:
    """Keep a mail before it is handed over; made anew where an erasure took the one that had not left.

    One that is about no single subject has no `number`, and is the maker's own people's. `kind`: what has that number,
    a reservation or a statement. `holder`: whose it is, of those who have held the reservation.
    Raises ValueError for one to a holder whose contact key was destroyed; the maker's own people are still
    written to, under a key of the book.
    """
    subject = chapters.key_of(mode.origin(), Ref(kind, number)) if number else None
    secret = _secret(subject, holder) if subject else None
    if secret is None and to_holder:
        raise ValueError("the contact key was destroyed")
    models.Mail.objects.update_or_create(
        key=key,
        defaults={
            "subject_id": subject,
            "holder": holder,
            "template": template,
            "language": language,
            "message_id": message_id,
            "sealed": sealed.seal(secret or _own_secret(), _identity(key), raw),
            "made_at": clock.now(),
            "status": "made",
        },
    )


def sent(key: str, at: datetime) -> None:
    """It was handed over."""
    models.Mail.objects.filter(key=key).update(status="sent", sent_at=at)


def withdraw(key: str) -> None:
    """A mail that was made and has not left will not leave: what it says is no longer so."""
    models.Mail.objects.filter(key=key, status="made").update(status="erased", sealed=None)


def _secret(subject: bytes, holder: int) -> bytes | None:
    return rows.ring(subject, keys.current().unwrap).of(holder)["contact"]


def _own_secret() -> bytes:
    return keys.current().derive("outbox")


def _identity(key: str) -> bytes:
    return b"mail/" + key.encode()
