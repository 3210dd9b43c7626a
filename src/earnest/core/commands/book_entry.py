"""A bank's statement is taken in: each entry once, to the reservation that it names, or kept until somebody says."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from earnest.core import entries
from earnest.core.bank_entry import TRANSFER, BankEntry
from earnest.core.commands.base import NOTHING, Chapter, Claim, Command, Decision, Ref, World
from earnest.core.commands.receive_deposit import Paid, receive
from earnest.core.instants import text
from earnest.core.money import MAX_MINOR, check_currency
from earnest.core.refusals import Invalid

ACCOUNT_MAX = 60
#: What strangers wrote is kept this long and no longer, in letters.
NAME_MAX, WORDS_MAX = 140, 2000


@dataclass(frozen=True)
class Statement:
    """One statement of a file (`sha256`, its `n`th): of which account, and what it says of itself in minor units."""

    sha256: str
    n: int
    kind: str
    id: str
    written_account: str
    count: int
    booked_minor: int
    opening_minor: int | None = None
    closing_minor: int | None = None
    currency: str = ""
    until: date | None = None


@dataclass(frozen=True)
class Payer:
    """What a credit says of where it came from: `words` are the pieces that its payer wrote, each apart."""

    name: str = ""
    iban: str = ""
    words: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class BookStatement(Command):
    """Its entries are going to be taken in. `account` is our account's short name; the same file is told once."""

    account: str
    statement: Statement

    def claims(self) -> tuple[Claim, ...]:
        """The statement in its file."""
        return (Claim("file", f"{self.statement.sha256}/{self.statement.n}"),)

    def ref(self) -> Ref:
        """The account."""
        return Ref("bank", self.account)

    def decide(self, world: World) -> Decision:
        """Raises Invalid for an account without a usable name."""
        if not 0 < len(self.account) <= ACCOUNT_MAX:
            raise Invalid("bank-account", "This statement does not say of which account it is.")
        if world.claimed:
            return NOTHING
        said = self.statement
        chapter = Chapter(self, world)
        chapter.claims += self.claims()
        chapter.say(
            "statement.imported",
            file=said.sha256,
            n=said.n,
            kind=said.kind,
            statement=said.id[:NAME_MAX],
            account=said.written_account[:NAME_MAX],
            count=said.count,
            booked_minor=said.booked_minor,
            opening_minor=said.opening_minor,
            closing_minor=said.closing_minor,
            currency=said.currency or None,
            until=said.until.isoformat() if said.until else None,
        )
        return chapter.decision()


@dataclass(frozen=True, kw_only=True)
class ReceiveEntry(Command):
    """A credit that names one reservation, and so is its deposit, whatever its amount."""

    number: str
    account: str
    entry: BankEntry
    wants_offer: ClassVar[bool] = True

    def claims(self) -> tuple[Claim, ...]:
        """The entry, and the reference of the payment."""
        return self.entry.claims

    def ref(self) -> Ref:
        """The reservation."""
        return Ref("reservation", self.number)

    def beside(self) -> tuple[Ref, ...]:
        """The account: two formats of one entry share no digest, so entries of an account come one after another."""
        return (Ref("bank", self.account),)

    def decide(self, world: World) -> Decision:
        """The same entry came once, whatever file it is in."""
        world.the_reservation()
        if self.entry.was_there(world):
            return NOTHING
        chapter = Chapter(self, world)
        self.entry.take(chapter)
        reference = self.entry.reference(world)
        at = min(self.entry.happened_at, world.now)
        receive(chapter, Paid(TRANSFER, self.entry.amount_minor, self.entry.currency, reference, at))
        return chapter.decision()


@dataclass(frozen=True, kw_only=True)
class KeepUnmatched(Command):
    """A credit that names no reservation, or several that a person must divide: it waits on the account's subject.

    `shares` are (number, amount_minor) where it divides by itself; the duty `divide` then sees to it.
    """

    account: str
    entry: BankEntry
    payer: Payer = Payer()
    returned: str = ""
    shares: tuple[tuple[str, int], ...] = ()

    def claims(self) -> tuple[Claim, ...]:
        """The entry, and the reference of the transfer: nobody can record it by hand as well."""
        return self.entry.claims

    def ref(self) -> Ref:
        """The account."""
        return Ref("bank", self.account)

    def decide(self, world: World) -> Decision:
        """Raises Invalid for no amount."""
        entry = self.entry
        check_currency(entry.currency)
        if not 0 < entry.amount_minor <= MAX_MINOR:
            raise Invalid("amount", "“%(given)s” is not an amount such as 5000.00.", given=entry.amount_minor)
        if entry.was_there(world):
            return NOTHING
        chapter = Chapter(self, world)
        entry.take(chapter)
        reference = entry.reference(world)
        chapter.claims.append(Claim(TRANSFER, reference))
        kept = chapter.say(
            "credit.unmatched",
            entry=entry.digest,
            amount_minor=entry.amount_minor,
            currency=entry.currency,
            reference=reference,
            happened_at=text(min(entry.happened_at, world.now)),
            returned=self.returned or None,
            name=self.payer.name[:NAME_MAX] or None,
            iban=self.payer.iban[:NAME_MAX] or None,
            words=[each[:WORDS_MAX] for each in self.payer.words if each] or None,
            entries=entries.unmatched(entry.amount_minor, entry.currency),
        )
        if self.shares:
            chapter.duty("divide", str(kept.seq), account=self.account, credit=kept.seq, shares=self.shares)
        return chapter.decision()
