"""Rows by hand, as small as the constraints allow."""

from datetime import UTC, datetime

from earnest.book import models

AT = datetime(2026, 3, 1, 9, tzinfo=UTC)
KEY, OFFER_KEY = b"r" * 32, b"o" * 32


def subject(key: bytes, kind: str, number: str, acts: int = 1) -> models.Subject:
    """A chain with so many acts."""
    made = models.Subject.objects.create(key=key, kind=kind, number=number, n=acts, head=b"h" * 32)
    for seq in range(acts):
        act(key, seq)
    return made


def act(key: bytes, seq: int) -> models.Act:
    """One act on it."""
    hashed = bytes([seq]) * 32
    return models.Act.objects.create(
        subject_id=key, seq=seq, leaf=b"{}", leaf_hash=hashed, head=hashed, type="x.y", at=AT, receipt_key="k"
    )


def offer(capacity: int = 3) -> models.Offer:
    """An offer with its one act."""
    subject(OFFER_KEY, "offer", "boat")
    return models.Offer.objects.create(
        subject_id=OFFER_KEY,
        slug="boat",
        status="open",
        state="{}",
        n=1,
        capacity=capacity,
        taken=0,
        queue_last=0,
    )


def reservation(key: bytes = KEY, number: str = "K7QF-2M9X-4", queue_no: int = 1) -> models.Reservation:
    """A reservation with its one act, at an offer that is there."""
    subject(key, "reservation", number)
    return models.Reservation.objects.create(
        subject_id=key,
        number=number,
        offer_id=OFFER_KEY,
        variant="one",
        queue_no=queue_no,
        quantity=1,
        holds=1,
        status="placed",
        state="{}",
        n=1,
        placed_at=AT,
        changed_at=AT,
    )


def entry(of: models.Act, n: int = 0, amount_minor: int = 500) -> models.Entry:
    """One movement."""
    return models.Entry.objects.create(
        act=of, n=n, debit="bank", credit="sales", amount_minor=amount_minor, currency="EUR"
    )
