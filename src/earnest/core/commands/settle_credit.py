"""An unmatched credit finds its end, once: it is assigned to reservations, sent back, or was the maker's own."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Final

from earnest.core import entries
from earnest.core.acts import Act, Erased
from earnest.core.bank_entry import TRANSFER
from earnest.core.commands.base import NOTHING, Chapter, Claim, Command, Decision, Ref, World
from earnest.core.commands.receive_deposit import Paid, receive
from earnest.core.instants import text
from earnest.core.numbers import parse
from earnest.core.refusals import Invalid, Missing, Refused

#: Rails of claims: how a credit ended, what a reservation may take of one, that it took it, how a return ended.
CREDIT, SHARE, TAKEN, BACK = "credit", "share", "taken", "back"
#: Where the maker's own money can come from: a provider's payout, or the maker.
OWN: Final = (entries.PAYOUTS, entries.OWN_FUNDS)
SHARES_MAX: Final = 100


@dataclass(frozen=True, kw_only=True)
class _OfCredit(Command):
    """`credit` is the sequence number of the act `credit.unmatched` on the subject `bank/ACCOUNT`."""

    account: str
    credit: int

    def ref(self) -> Ref:
        """The account."""
        return Ref("bank", self.account)

    def wanted_acts(self) -> tuple[int, ...]:
        """The credit."""
        return (self.credit,)

    def ends(self) -> Claim:
        """That it has ended: once in the whole book."""
        return Claim(CREDIT, f"{self.account}/{self.credit}")

    def claims(self) -> tuple[Claim, ...]:
        """Its end."""
        return (self.ends(),)

    def open_credit(self, world: World) -> Act:
        """The credit, which nobody has settled. Raises Missing, Refused."""
        found = next((act for act in world.acts if act.seq == self.credit), None)
        if found is None or found.type != "credit.unmatched":
            raise Missing("no-credit", "There is no such credit.")
        if self.ends() in world.claimed:
            raise Refused("credit-settled", "Somebody has settled this credit already.")
        return found

    def ending(self, world: World) -> Chapter:
        """A chapter in which it ends."""
        chapter = Chapter(self, world)
        chapter.claims.append(self.ends())
        return chapter


def share_claim(account: str, credit: int, n: int, number: str, amount_minor: int) -> Claim:
    """That the `n`th part of a credit, from 1, is a reservation's."""
    return Claim(SHARE, f"{account}/{credit}/{n}/{number}/{amount_minor}")


@dataclass(frozen=True, kw_only=True)
class AssignCredit(_OfCredit):
    """`shares` are (number, amount_minor), and together all of it. The duty `take_shares` carries it out."""

    shares: tuple[tuple[str, int], ...]
    why: str

    def claims(self) -> tuple[Claim, ...]:
        """Its end, and what each reservation may take of it."""
        return (self.ends(), *(share_claim(self.account, self.credit, *each) for each in self._numbered()))

    def decide(self, world: World) -> Decision:
        """Raises Invalid where the shares are not the credit, or nobody said why."""
        found = self.open_credit(world)
        numbers = [number for number, _ in self.shares]
        if not 0 < len(numbers) <= SHARES_MAX or any(parse(each) != each for each in numbers):
            raise Invalid("shares", "Say for which reservations this credit is.")
        if len(set(numbers)) < len(numbers):
            raise Invalid("shares-twice", "Each reservation takes one part of a credit.")
        minor = [share for _, share in self.shares]
        if any(share <= 0 for share in minor) or sum(minor) != found.int("amount_minor"):
            raise Invalid("shares-sum", "The parts must be the whole credit, no more and no less.")
        _need(self.why)
        chapter = self.ending(world)
        chapter.claims += self.claims()[1:]
        chapter.say(
            "credit.assigned",
            credit=self.credit,
            shares=[list(each) for each in self.shares],
            why=self.why.strip(),
        )
        chapter.duty(
            "take_shares",
            str(self.credit),
            account=self.account,
            credit=self.credit,
            shares=self.shares,
            currency=found.text("currency"),
            reference=found.text("reference"),
            happened_at=found.text("happened_at"),
        )
        return chapter.decision()

    def _numbered(self) -> list[tuple[int, str, int]]:
        return [(n, number, minor) for n, (number, minor) in enumerate(self.shares, 1)]


@dataclass(frozen=True, kw_only=True)
class TakeShare(Command):
    """A reservation takes its part of an assigned credit. `reference` is the credit's; told twice, it came once."""

    number: str
    account: str
    credit: int
    n: int
    amount_minor: int
    currency: str
    reference: str
    happened_at: datetime
    wants_offer: ClassVar[bool] = True

    def ref(self) -> Ref:
        """The reservation."""
        return Ref("reservation", self.number)

    def claims(self) -> tuple[Claim, ...]:
        """What it may take, that it did, and the reference of the payment."""
        taken = Claim(TAKEN, f"{self.account}/{self.credit}/{self.n}")
        return (self._share(), taken, Claim(TRANSFER, self._reference()))

    def decide(self, world: World) -> Decision:
        """Raises Refused where nobody assigned it."""
        world.the_reservation()
        share, taken, _ = self.claims()
        if taken in world.claimed:
            return NOTHING
        if share not in world.claimed:
            raise Refused("no-share", "This credit was not assigned to this reservation.")
        chapter = Chapter(self, world)
        chapter.claims.append(taken)
        at = min(self.happened_at, world.now)
        paid = Paid(TRANSFER, self.amount_minor, self.currency, self._reference(), at)
        receive(chapter, paid, entries.UNMATCHED)
        return chapter.decision()

    def _share(self) -> Claim:
        return share_claim(self.account, self.credit, self.n, self.number, self.amount_minor)

    def _reference(self) -> str:
        return f"{self.reference}/{self.n}"


@dataclass(frozen=True, kw_only=True)
class ExplainCredit(_OfCredit):
    """It is no customer's: a provider's payout, or the maker's own money (`source` is an account of the chart)."""

    source: str
    why: str

    def decide(self, world: World) -> Decision:
        """Raises Invalid for any other account."""
        found = self.open_credit(world)
        if self.source not in OWN:
            raise Invalid("source", "Such money is a provider's payout or the maker's own.")
        _need(self.why)
        chapter = self.ending(world)
        minor, currency = found.int("amount_minor"), found.text("currency")
        chapter.say(
            "credit.explained",
            credit=self.credit,
            amount_minor=minor,
            currency=currency,
            account=self.source,
            why=self.why.strip(),
            entries=entries.explained(self.source, minor, currency),
        )
        return chapter.decision()


@dataclass(frozen=True, kw_only=True)
class ReturnCredit(_OfCredit):
    """It is to be sent back to the account that it came from: one operator prepares it, another confirms."""

    why: str

    def decide(self, world: World) -> Decision:
        """Raises Invalid where nobody said why."""
        found = self.open_credit(world)
        _need(self.why)
        chapter = self.ending(world)
        minor, currency = found.int("amount_minor"), found.text("currency")
        chapter.say(
            "credit.return_requested",
            credit=self.credit,
            amount_minor=minor,
            currency=currency,
            why=self.why.strip(),
            entries=entries.sending_back(minor, currency),
        )
        return chapter.decision()


@dataclass(frozen=True, kw_only=True)
class _OfReturn(Command):
    """`request` is the sequence number of the act `credit.return_requested`."""

    account: str
    request: int
    credit: int

    def ref(self) -> Ref:
        """The account."""
        return Ref("bank", self.account)

    def wanted_acts(self) -> tuple[int, ...]:
        """The request and its credit."""
        return (self.request, self.credit)

    def claims(self) -> tuple[Claim, ...]:
        """That the request has ended."""
        return (Claim(BACK, f"{self.account}/{self.request}"),)

    def open_request(self, world: World) -> tuple[Act, Act]:
        """(the request, its credit). Raises Missing, Refused."""
        by_seq = {act.seq: act for act in world.acts}
        asked, found = by_seq.get(self.request), by_seq.get(self.credit)
        if asked is None or found is None or asked.type != "credit.return_requested":
            raise Missing("no-credit", "There is no such credit.")
        if asked.int("credit") != self.credit:
            raise Missing("no-credit", "There is no such credit.")
        if world.claimed:
            raise Refused("return-settled", "Somebody has dealt with this return already.")
        return asked, found


@dataclass(frozen=True, kw_only=True)
class ConfirmReturn(_OfReturn):
    """Another operator saw it leave, under the bank's `reference`."""

    reference: str

    def decide(self, world: World) -> Decision:
        """Raises Refused for the operator who prepared it."""
        asked, _ = self.open_request(world)
        if not self.reference.strip():
            raise Invalid("reference", "A refund that was sent has the reference of who sent it.")
        if asked.get("person") == self.person:
            raise Refused("second-person", "Another operator must confirm a payment by hand.")
        chapter = Chapter(self, world)
        chapter.claims += self.claims()
        minor, currency = asked.int("amount_minor"), asked.text("currency")
        chapter.say(
            "credit.returned",
            credit=self.credit,
            request=self.request,
            amount_minor=minor,
            currency=currency,
            reference=self.reference.strip(),
            happened_at=text(world.now),
            entries=entries.sent_back(minor, currency),
        )
        return chapter.decision()


@dataclass(frozen=True, kw_only=True)
class DropReturn(_OfReturn):
    """It was not sent back after all: it is unmatched again, as a credit of its own."""

    def decide(self, world: World) -> Decision:
        """Once for each request."""
        asked, found = self.open_request(world)
        chapter = Chapter(self, world)
        chapter.claims += self.claims()
        minor, currency = asked.int("amount_minor"), asked.text("currency")
        named = ("entry", "reference", "returned", "name", "iban", "words", "happened_at")
        copied: dict[str, Any] = {name: found.get(name) for name in named}
        chapter.say(
            "credit.unmatched",
            **{name: value for name, value in copied.items() if not isinstance(value, Erased)},
            amount_minor=minor,
            currency=currency,
            again=self.credit,
            entries=entries.not_sent_back(minor, currency),
        )
        return chapter.decision()


def _need(why: str) -> None:
    if not why.strip():
        raise Invalid("why", "Say why: it is kept with the decision.")
