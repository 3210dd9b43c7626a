"""A holder says where money would go back to, and confirms it through the address of record."""

from dataclasses import dataclass
from typing import Any

from earnest.core.accounts import bank_details, same_name
from earnest.core.commands.base import NOTHING, Chapter, Command, Decision, Ref, World
from earnest.core.commands.refund import reroute
from earnest.core.refund import UNCLAIMED, WAITING
from earnest.core.refusals import Missing, Refused
from earnest.core.reservation import BankDetails, Identity

MAX_ACCOUNTS = 20


@dataclass(frozen=True, kw_only=True)
class GiveAccount(Command):
    """An IBAN, or `country`, `account_number` and `routing` (for the US its ABA number)."""

    number: str
    holder: str
    iban: str = ""
    country: str = ""
    account_number: str = ""
    routing: str = ""

    def ref(self) -> Ref:
        """The reservation."""
        return Ref("reservation", self.number)

    def decide(self, world: World) -> Decision:
        """Written down, and the address of record is asked; nothing is paid to it before."""
        state = world.the_reservation()
        if "bank" in state.erased:
            raise Refused(
                "bank-erased", "Your bank details were erased for good; write to the maker, who pays by hand."
            )
        details = bank_details(self.holder, self.iban, self.country, self.account_number, self.routing)
        if state.accounts and state.accounts[-1].details == details:
            return NOTHING
        if len(state.accounts) >= MAX_ACCOUNTS:
            raise Refused("too-many-accounts", "Too many accounts were given; write to the maker.")
        chapter = Chapter(self, world)
        given = chapter.say("account.given", account=len(state.accounts) + 1, **_fields(details))
        chapter.mail("account_given", given)
        return chapter.decision()


@dataclass(frozen=True, kw_only=True)
class ConfirmAccount(Command):
    """`channel` is `address-of-record` where the link in the mail was used."""

    number: str
    account: int
    channel: str = "address-of-record"

    def ref(self) -> Ref:
        """The reservation."""
        return Ref("reservation", self.number)

    def decide(self, world: World) -> Decision:
        """Refunds that waited for an account go on, after a hold where the rules ask for one."""
        state = world.the_reservation()
        account = next((each for each in state.accounts if each.n == self.account), None)
        if account is None:
            raise Missing("no-account", "There is no such account.")
        if account.confirmed_at:
            return NOTHING
        if self.account != len(state.accounts):
            raise Refused("account-replaced", "A newer account was given; confirm that one.")
        chapter = Chapter(self, world)
        name = state.identity.name if isinstance(state.identity, Identity) else ""
        holder = account.details.holder if isinstance(account.details, BankDetails) else ""
        confirmed = chapter.say(
            "account.confirmed",
            account=self.account,
            channel=self.channel,
            name_matches=same_name(name, holder),
        )
        chapter.mail("account_confirmed", confirmed)
        for refund in state.refunds:
            if (refund.status, refund.why) == (WAITING, "account") or refund.status == UNCLAIMED:
                reroute(chapter, refund.n)
        return chapter.decision()


def _fields(details: BankDetails) -> dict[str, Any]:
    return {
        "holder": details.holder,
        "scheme": details.scheme,
        "number": details.number,
        "routing": details.routing or None,
        "country": details.country,
    }
