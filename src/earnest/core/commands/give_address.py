"""A holder says where their invoices are made out to.

An invoice names the full name and address of its customer (Directive 2006/112/EC, art. 226, 5).
"""

from dataclasses import dataclass

from earnest.core.commands.base import NOTHING, Chapter, Command, Decision, Ref, World
from earnest.core.people import check_address
from earnest.core.refusals import Refused
from earnest.core.reservation import Address


@dataclass(frozen=True, kw_only=True)
class GiveAddress(Command):
    """In the country of residence; `street_more` and `postcode` where there is one."""

    number: str
    street: str
    city: str
    street_more: str = ""
    postcode: str = ""

    def ref(self) -> Ref:
        """The reservation."""
        return Ref("reservation", self.number)

    def decide(self, world: World) -> Decision:
        """It stands on what is issued from then on; nobody is asked for it who gets no invoices."""
        state = world.the_reservation()
        if not world.policy.seller_country:
            raise Refused("no-invoices", "No invoices are written here, so your address is not needed.")
        if "identity" in state.erased:
            raise Refused("identity-erased", "Your name was erased for good; write to the maker.")
        check_address(self.street, self.street_more, self.postcode, self.city)
        address = Address(
            *(each.strip() for each in (self.street, self.street_more, self.postcode, self.city))
        )
        if address == state.address:
            return NOTHING
        chapter = Chapter(self, world)
        chapter.say(
            "address.given",
            street=address.street,
            street_more=address.street_more or None,
            postcode=address.postcode or None,
            city=address.city,
        )
        return chapter.decision()
