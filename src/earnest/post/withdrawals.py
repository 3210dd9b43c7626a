"""The duty of a statement of withdrawal: find the contract that it names, carry it out, and hand over the receipt.

Whoever stated it learns nothing from how this goes: the page said the same to everybody, and where number and address do
not belong together the receipt says only what was stated, and when.
"""

from datetime import timedelta
from email.utils import parseaddr
from typing import Any, Final

from django.conf import settings
from django.utils.translation import gettext as _

from earnest.book import door, duties, limits, outbox, reads, withdrawals
from earnest.core.acts import Act
from earnest.core.commands.withdraw import CARRIED_OUT, KIND, OVER, UNMATCHED, AnswerWithdrawal, Withdraw
from earnest.core.numbers import parse
from earnest.core.refusals import Missing
from earnest.core.reservation import LIVING, Contact, Reservation
from earnest.post.handlers import BY_WORKER, hand_over
from earnest.post.letters import Letter
from earnest.post.letters_slips import receipt_facts
from earnest.post.message import Undeliverable, message_id, to_whoever

#: Mails that are about no single reservation, as the outbox names them.
FILED, TO_SEE_TO = "withdrawal_filed", "withdrawal_to_see_to"
TEMPLATES: Final = (FILED, TO_SEE_TO)
#: Receipts in an hour to one address that fits no reservation: whoever types another's cannot flood it.
RECEIPTS_MOST: Final = 5
_HOUR: Final = timedelta(hours=1)


def named(said: Act) -> Reservation | None:
    """The reservation of that number, where the address is the one of record."""
    number, email = parse(str(said.get("contract"))), str(said.get("email"))
    try:
        state = reads.reservation(number or "")
    except Missing:
        return None
    contact = state.contact
    fits = isinstance(contact, Contact) and contact.email.casefold() == email.casefold()
    return state if fits else None


@duties.handles("withdrawal")
def carry_out(duty: duties.Leased) -> None:
    """Each step once, whatever dies in between."""
    number = duty.payload["number"]
    found = withdrawals.statement(number)
    if found is None or found.erased:
        return
    said, came_of_it = found.said, found.outcome
    if not came_of_it:
        came_of_it, reached = _carry_out(number, said)
        door.do_one(AnswerWithdrawal(**BY_WORKER, statement=number, outcome=came_of_it, number=reached))
    receipt = f"{FILED}/{number}"
    if came_of_it == UNMATCHED and (outbox.kept(receipt) or _may_write(str(said.get("email")))):
        _write(
            *(receipt, number, FILED, lambda: _filed(said, number)),
            *(str(said.get("email")), said.text("language")),
        )
    if came_of_it != CARRIED_OUT:
        to = parseaddr(settings.EARNEST.mail_from)[1]
        _write(
            *(f"{TO_SEE_TO}/{number}", number, TO_SEE_TO, lambda: _to_see_to(said, number)),
            *(to, settings.LANGUAGE_CODE),
        )


def _carry_out(number: str, said: Act) -> tuple[str, str]:
    """What came of it, and the number of the reservation that it reached."""
    state = named(said)
    if state is None:
        return UNMATCHED, ""
    ended = state.status not in LIVING and all(each.statement != number for each in state.withdrawals)
    by: dict[str, Any] = {"by": "customer", "via": "web", "person": f"holder:{state.holder}"}
    door.do_one(Withdraw(**by, number=state.number, statement=number, stated_at=said.at))
    return OVER if ended else CARRIED_OUT, state.number


def _may_write(email: str) -> bool:
    """Whether an address that may be anybody's gets one more receipt in this hour; the page has it in any case."""
    return limits.count("withdrawal-receipt", email, _HOUR) <= RECEIPTS_MOST


def _write(key: str, number: str, template: str, letter: Any, to: str, language: str) -> None:
    """Kept under the keys of the statement that it repeats, so that it goes with them."""
    raw = outbox.kept(key)
    if raw is None:
        try:
            raw = to_whoever(letter, key, to, language).as_bytes()
        except Undeliverable as error:
            raise duties.Park(str(error)) from None
        outbox.keep(key, number, template, language, message_id(key), raw, kind=KIND)
    hand_over(key, raw, to)


def _filed(said: Act, number: str) -> Letter:
    """The receipt, for an address that may be anybody's: what was stated, and nothing of what we have."""
    paragraphs = [
        _("We have received a withdrawal from a contract, with this address for the receipt."),
        _(
            "It counts from the moment at which it was made. If we cannot find the contract by its number and this address, one of us looks for it and writes to you."
        ),
        _("If it was not you, there is nothing to do."),
    ]
    return Letter(_("Receipt of your withdrawal"), paragraphs, None, receipt_facts(said, number))


def _to_see_to(said: Act, number: str) -> Letter:
    """To the operators: a statement that did not carry itself out."""
    paragraphs = [
        _(
            "Somebody withdrew from a contract, and it could not be carried out by itself: number and address do not belong together, or that contract has ended or was delivered."
        ),
        _("It counts from the moment at which it was made. Find the contract, and answer whoever wrote."),
    ]
    facts = [*receipt_facts(said, number), (_("Their address"), str(said.get("email")))]
    address = f"{settings.EARNEST.base_url}/console/withdrawals/"
    return Letter(
        _("A withdrawal to be seen to: %(number)s") % {"number": number},
        paragraphs,
        (_("Open the withdrawals"), address),
        facts,
    )
