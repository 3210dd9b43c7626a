"""One entry of a bank statement as commands take it: what it moved, and the digests by which it is known again."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Final

from earnest.core.commands.base import Chapter, Claim, World

#: Rails of claims: a digest of an entry; a bank's reference that came with a statement; a reference of a transfer.
ENTRY, FROM_STATEMENT, TRANSFER = "entry", "statement", "transfer"
REFERENCE_MAX: Final = 120


@dataclass(frozen=True)
class BankEntry:
    """A booked credit or return, in minor units (> 0).

    `kept` are the digests by which it is known from now on, the first of them its name; if one of `asked` was kept,
    it was there before. `bank_reference` may be empty, and a bank may use one twice.
    """

    kept: tuple[str, ...]
    asked: tuple[str, ...]
    amount_minor: int
    currency: str
    happened_at: datetime
    bank_reference: str = ""
    end_to_end: str = ""

    @property
    def digest(self) -> str:
        """The name of this entry."""
        return self.kept[0]

    def references(self) -> tuple[str, ...]:
        """What its money may be called, the best first: the bank's own reference, or with the digest's beginning."""
        own = self.bank_reference[:REFERENCE_MAX]
        base = own or self.end_to_end[:REFERENCE_MAX] or "entry"
        return (*((own,) if own else ()), f"{base}-{self.digest[:12]}")

    @cached_property
    def claims(self) -> tuple[Claim, ...]:
        """Everything that taking it in may claim."""
        digests = dict.fromkeys((*self.kept, *self.asked))
        found = [Claim(ENTRY, digest) for digest in digests]
        found += [Claim(TRANSFER, reference) for reference in self.references()]
        if self.bank_reference:
            found.append(Claim(FROM_STATEMENT, self.bank_reference[:REFERENCE_MAX]))
        return tuple(found)

    def was_there(self, world: World) -> bool:
        """Whether it was taken in before."""
        return any(Claim(ENTRY, digest) in world.claimed for digest in self.asked)

    def reference(self, world: World) -> str:
        """The first of `references` that no transfer has."""
        free = [each for each in self.references() if Claim(TRANSFER, each) not in world.claimed]
        return free[0] if free else self.references()[-1]

    def take(self, chapter: Chapter) -> None:
        """Claim it, so that it is taken in once."""
        claims = [Claim(ENTRY, digest) for digest in self.kept]
        if self.bank_reference:
            claims.append(Claim(FROM_STATEMENT, self.bank_reference[:REFERENCE_MAX]))
        chapter.claims += [each for each in claims if each not in chapter.world.claimed]
