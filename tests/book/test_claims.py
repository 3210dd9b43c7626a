"""What a command may take of the outside world, it names beforehand; what was taken is taken."""

from dataclasses import dataclass

import pytest

from earnest.book import clock, models
from earnest.book.door import do_one
from earnest.core.commands.base import Chapter, Claim, Decision, World
from earnest.core.commands.receive_deposit import Paid, ReceiveDeposit, receive
from tests import scene
from tests.scene import book

pytestmark = pytest.mark.django_db
__all__ = ["book"]


def paid(reference: str) -> Paid:
    return Paid("transfer", 500_000, "EUR", reference, scene.START)


@dataclass(frozen=True, kw_only=True)
class Greedy(ReceiveDeposit):
    """Looks at nothing that its own reservation was paid before."""

    def decide(self, world: World) -> Decision:
        chapter = Chapter(self, world)
        receive(chapter, self.paid)
        return chapter.decision()


@dataclass(frozen=True, kw_only=True)
class Forgetful(Greedy):
    """Takes a payment that it did not name."""

    def claims(self) -> tuple[Claim, ...]:
        return ()


def test_a_payment_is_taken_once_by_whomever(book: clock.ManualClock) -> None:
    one, two = scene.place(), scene.place(name="Bo Lind")
    do_one(ReceiveDeposit(**scene.MAKER, number=one, paid=paid("WIRE-1")))
    again = scene.refused(Greedy(**scene.MAKER, number=one, paid=paid("WIRE-1")))
    other = scene.refused(Greedy(**scene.MAKER, number=two, paid=paid("WIRE-1")))
    assert (again.code, other.code) == ("payment-known", "payment-used")
    assert models.Claim.objects.filter(reference="WIRE-1").count() == 1


def test_what_was_not_named_is_not_taken(book: clock.ManualClock) -> None:
    with pytest.raises(AssertionError, match="Forgetful took"):
        do_one(Forgetful(**scene.MAKER, number=scene.place(), paid=paid("WIRE-2")))
    assert not models.Claim.objects.filter(reference="WIRE-2").exists()
