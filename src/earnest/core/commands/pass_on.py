"""A reservation goes to somebody else: offered by its holder, taken by the other, and the claim on the money with it.

The contract is assigned as it is, with its dates, terms and deposits (Code civil, art. 1216, 1216-2); it keeps its
number and its place in the queue. What the earlier holder paid goes back to their card only if both have said so.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar, Final

from earnest.core.acts import Erased
from earnest.core.commands.base import NOTHING, Chapter, Command, Decision, Ref, World
from earnest.core.instants import text
from earnest.core.people import LANGUAGES, check_contact, check_person
from earnest.core.refusals import Invalid, Missing, Refused
from earnest.core.reservation import CONFIRMED, PAID_UP, Contact, Passing, Reservation

#: How long somebody may think about it.
OPEN_FOR: Final = timedelta(days=14)
#: Why an offer ended without a change.
TAKEN_BACK, DECLINED = "taken-back", "declined"


@dataclass(frozen=True, kw_only=True)
class OfferHolder(Command):
    """`email` and `language` of whom it is offered to; `means`: refunds may still go where the money came from."""

    number: str
    email: str
    language: str
    means: bool = False

    def ref(self) -> Ref:
        """The reservation."""
        return Ref("reservation", self.number)

    def decide(self, world: World) -> Decision:
        """A newer offer takes the place of an older one, whose link is then void."""
        state = world.the_reservation()
        if not world.policy.may_pass_on:
            raise Refused("no-passing-on", "The maker does not let reservations be passed on; write to them.")
        _check_free(state)
        email = self.email.strip()
        check_contact(email, self.language)
        if isinstance(state.contact, Contact) and state.contact.email.casefold() == email.casefold():
            raise Invalid("email", "That is your own address.")
        chapter = Chapter(self, world)
        offered = chapter.say(
            "reservation.holder_offered",
            until=text(world.now + OPEN_FOR),
            means=self.means,
            to=email,
            to_language=self.language,
        )
        chapter.mail("passed_to_you", offered)
        chapter.mail("passing_on", offered)
        return chapter.decision()


@dataclass(frozen=True, kw_only=True)
class EndHolderOffer(Command):
    """`offered`: the act of the offer; `why`: its holder took it back, or the other declined."""

    by_its_holder: ClassVar[bool] = False
    number: str
    offered: int
    why: str

    def ref(self) -> Ref:
        """The reservation."""
        return Ref("reservation", self.number)

    def decide(self, world: World) -> Decision:
        """What has ended has ended."""
        state = world.the_reservation()
        if self.why not in (TAKEN_BACK, DECLINED):
            raise Invalid("why", "A reason is one of %(reasons)s.", reasons=f"{TAKEN_BACK}, {DECLINED}")
        if state.passing is None or state.passing.seq != self.offered:
            return NOTHING
        chapter = Chapter(self, world)
        ended = chapter.say("reservation.holder_offer_ended", offered=self.offered, why=self.why)
        chapter.mail("passing_ended", ended)
        return chapter.decision()


@dataclass(frozen=True, kw_only=True)
class ChangeHolder(Command):
    """Whoever it was offered to takes it; the address is the one that the offer was sent to.

    `means`: they too agree that refunds of what was paid before may go where that money came from.
    """

    by_its_holder: ClassVar[bool] = False
    number: str
    offered: int
    name: str
    residence: str
    language: str
    consumer: bool = True
    vat_number: str = ""
    means: bool = False

    def ref(self) -> Ref:
        """The reservation."""
        return Ref("reservation", self.number)

    def wanted_acts(self) -> tuple[int, ...]:
        """The offer."""
        return (self.offered,)

    def decide(self, world: World) -> Decision:
        """From this act on it is theirs; both are written to."""
        state = world.the_reservation()
        passing = open_offer(state, self.offered, world)
        _check_free(state)
        check_person(self.name, self.residence, self.vat_number, self.consumer)
        if self.language not in LANGUAGES:
            raise Invalid("language", "The language is en or fr.")
        chapter = Chapter(self, world)
        changed = chapter.say(
            "reservation.holder_changed",
            offered=self.offered,
            holder=state.holder + 1,
            residence=self.residence,
            consumer=self.consumer,
            means=self.means and passing.means,
            name=self.name.strip(),
            vat_number=self.vat_number.strip() or None,
            email=_address(world, self.offered),
            language=self.language,
        )
        chapter.mail("holder_changed", changed)
        chapter.mail("holder_left", changed)
        return chapter.decision()


def open_offer(state: Reservation, offered: int, world: World) -> Passing:
    """The offer that a link names. Raises Missing where it ended, was replaced, or is too old."""
    passing = state.passing
    if passing is None or passing.seq != offered or passing.until <= world.now:
        raise Missing("no-passing-on", "This offer has ended; ask whoever made it for a new one.")
    return passing


def _check_free(state: Reservation) -> None:
    """Raises Refused while the claim is not one that can go to somebody else whole."""
    if state.status not in (CONFIRMED, PAID_UP):
        raise Refused("not-to-pass-on", "Only a confirmed reservation that is not sold yet can be passed on.")
    if state.owed_back() or state.receivables() or any(state.disputed(each.seq) for each in state.payments):
        raise Refused(
            "money-open", "Money is going back or is disputed; when that is done it can be passed on."
        )
    if state.restricted:
        raise Refused(
            "restricted-passing", "The data of this reservation is disputed; it cannot be passed on now."
        )


def _address(world: World, offered: int) -> str | Erased:
    """The address of record is the one that the link was sent to, so that whoever has it has that mailbox."""
    return next(act.fields["to"] for act in world.acts if act.seq == offered)  # type: ignore[return-value]
