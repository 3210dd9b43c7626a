"""What the database itself refuses, each constraint alone, past every line of our code."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from earnest.book import models
from tests.book import rows
from tests.book.rows import AT, KEY

pytestmark = pytest.mark.django_db


def refused(make: Callable[[], object]) -> str:
    """What the database says; foreign keys are asked at once, not at the end of the test."""
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        make()
        connection.check_constraints()
    return str(caught.value)


def test_a_subject_is_one_for_its_kind_and_number() -> None:
    rows.subject(KEY, "operator", "book")
    refused(lambda: rows.subject(b"x" * 32, "operator", "book"))
    rows.subject(b"y" * 32, "keys", "book")


def test_a_chain_has_one_act_at_each_place() -> None:
    rows.subject(KEY, "operator", "book", acts=2)
    refused(lambda: rows.act(KEY, 1))
    rows.act(KEY, 2)


def test_an_act_belongs_to_a_chain_and_counts_from_zero() -> None:
    refused(lambda: rows.act(b"nobody" * 5 + b"..", 0))
    rows.subject(KEY, "operator", "book", acts=0)
    negative = models.Act(
        subject_id=KEY, seq=-1, leaf=b"", leaf_hash=b"", head=b"", type="x", at=AT, receipt_key="k"
    )
    assert "act_seq" in refused(negative.save)


def test_an_act_opens_each_class_once() -> None:
    rows.subject(KEY, "operator", "book", acts=0)
    act = rows.act(KEY, 0)
    models.ActOpen.objects.create(act=act, cls="money", sealed=b"1")
    refused(lambda: models.ActOpen.objects.create(act=act, cls="money", sealed=b"2"))
    models.ActOpen.objects.create(act=act, cls="text", sealed=b"3")


def test_a_person_has_one_row_of_keys_and_another_person_another() -> None:
    rows.subject(KEY, "reservation", "A")
    models.SubjectKey.objects.create(subject_id=KEY, person=0, money=b"k")
    refused(lambda: models.SubjectKey.objects.create(subject_id=KEY, person=0))
    models.SubjectKey.objects.create(subject_id=KEY, person=1)


def test_an_entry_moves_more_than_nothing_between_two_accounts_once() -> None:
    rows.subject(KEY, "operator", "book", acts=0)
    act = rows.act(KEY, 0)
    for minor in (0, -1):
        assert "entry_amount" in refused(lambda minor=minor: rows.entry(act, amount_minor=minor))
    same = models.Entry(act=act, n=0, debit="bank", credit="bank", amount_minor=1, currency="EUR")
    assert "entry_accounts" in refused(lambda: same.save(force_insert=True))
    rows.entry(act)
    refused(lambda: rows.entry(act))
    rows.entry(act, n=1, amount_minor=2**62)


def test_a_customers_account_has_a_floor_of_zero() -> None:
    rows.subject(KEY, "reservation", "A")
    slot: dict[str, Any] = {"subject_id": KEY, "currency": "EUR"}
    models.Balance.objects.create(cls="deposit", amount_minor=0, **slot)
    mine = models.Balance.objects.filter(cls="deposit")
    assert "balance_floor" in refused(lambda: mine.update(amount_minor=-1))
    assert "balance_class" in refused(
        lambda: models.Balance.objects.create(cls="gift", amount_minor=1, **slot)
    )
    refused(lambda: models.Balance.objects.create(cls="deposit", amount_minor=5, **slot))


def test_nobody_is_sold_a_place_that_does_not_exist() -> None:
    rows.offer(capacity=3)
    mine = models.Offer.objects.all()
    mine.update(taken=3)
    for taken in (4, -1):
        assert "offer_capacity" in refused(lambda taken=taken: mine.update(taken=taken))


def test_nor_of_a_variant_that_has_a_capacity_of_its_own() -> None:
    rows.offer()
    models.Variant.objects.create(offer_id=rows.OFFER_KEY, code="red", capacity=1, taken=1)
    models.Variant.objects.create(offer_id=rows.OFFER_KEY, code="blue", capacity=None, taken=900)
    for code, taken in (("red", 2), ("red", -1), ("blue", -1)):
        variant = models.Variant.objects.filter(code=code)
        assert "variant_capacity" in refused(lambda variant=variant, taken=taken: variant.update(taken=taken))


def test_an_offers_name_in_addresses_is_its_own() -> None:
    rows.offer()
    rows.subject(b"p" * 32, "offer", "other")
    other = models.Offer(
        subject_id=b"p" * 32, slug="boat", status="open", state="", n=1, capacity=1, taken=0, queue_last=0
    )
    refused(lambda: other.save(force_insert=True))


def test_a_queue_number_and_a_reservation_number_are_given_once() -> None:
    rows.offer()
    rows.reservation(queue_no=1)
    refused(lambda: rows.reservation(b"2" * 32, "B", queue_no=1))
    refused(lambda: rows.reservation(b"2" * 32, "K7QF-2M9X-4", queue_no=2))
    assert "queue_from_one" in refused(lambda: rows.reservation(b"2" * 32, "B", queue_no=0))
    rows.reservation(b"2" * 32, "B", queue_no=2)


@pytest.mark.parametrize("column", ["quantity", "holds"])
def test_a_reservation_has_no_fewer_places_than_none(column: str) -> None:
    rows.offer()
    rows.reservation()
    rows.act(KEY, 1)
    mine = models.Reservation.objects.all()
    assert "places" in refused(lambda: mine.update(n=2, **{column: -1}))


def test_a_payment_is_claimed_once_on_its_rail() -> None:
    rows.subject(KEY, "reservation", "A")
    models.Claim.objects.create(rail="card", reference="pi_1", subject_id=KEY)
    refused(lambda: models.Claim.objects.create(rail="card", reference="pi_1", subject_id=KEY))
    models.Claim.objects.create(rail="transfer", reference="pi_1", subject_id=KEY)


def test_a_duty_is_waiting_done_or_parked() -> None:
    models.Duty.objects.create(kind="knock", key="a", due_at=AT)
    assert "duty_state" in refused(lambda: models.Duty.objects.update(state="lost"))
    refused(lambda: models.Duty.objects.create(kind="other", key="a", due_at=AT))


def test_an_answer_is_kept_once_for_each_actor_route_and_key() -> None:
    asked = {"actor": "ann", "route": "place", "key": "1"}
    kept = {"body_hash": "h", "answer": {}, "at": AT}
    models.Answer.objects.create(**asked, **kept)
    refused(lambda: models.Answer.objects.create(**asked, **kept))
    for name in asked:
        models.Answer.objects.create(**{**asked, name: "other"}, **kept)


def test_an_event_of_a_provider_and_a_mail_of_a_duty_are_taken_once() -> None:
    event: dict[str, Any] = {"type": "t", "received_at": AT, "body_hash": "h", "event_id": "evt_1"}
    models.Event.objects.create(provider="stripe", **event)
    refused(lambda: models.Event.objects.create(provider="stripe", **event))
    models.Event.objects.create(provider="bank", **event)
    mail: dict[str, Any] = {
        "key": "mail/1",
        "template": "t",
        "language": "en",
        "message_id": "m",
        "made_at": AT,
    }
    models.Mail.objects.create(**mail)
    refused(lambda: models.Mail.objects.create(**mail))


def test_what_belongs_to_a_chain_keeps_it() -> None:
    rows.subject(KEY, "reservation", "A", acts=0)
    models.SubjectKey.objects.create(subject_id=KEY, person=0)
    with pytest.raises(models.models.ProtectedError):
        models.Subject.objects.all().delete()
