"""Codes of the core in the operators' words."""

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import pgettext_lazy as within

from earnest.core.doubts import INDICATIVE, MONEY_EARLY, NO_DATE, SAID_INDICATIVE, SAID_VAGUE, VAGUE, Doubt

Words = Mapping[str, str | Promise]

STATUSES: Final[Words] = {
    "placed": within("reservation", "placed"),
    "confirmed": within("reservation", "confirmed"),
    "paid up": within("reservation", "paid up"),
    "converted": within("reservation", "sold"),
    "delivered": within("reservation", "delivered"),
    "lapsed": within("reservation", "lapsed"),
    "cancelled": within("reservation", "cancelled"),
}
#: What an operator looked at.
LOOKS: Final[Words] = {
    "reservation": within("look", "the reservation"),
    "story": within("look", "the story"),
    "mail": within("look", "a mail"),
    "refund": within("look", "a refund"),
    "bank": within("look", "a bank account, in full"),
    "document": within("look", "an invoice or credit note"),
    "statement": within("look", "the statement of deposits and refunds"),
}
OFFER_STATUSES: Final[Words] = {
    "open": within("offer", "open"),
    "paused": within("offer", "paused"),
    "closed": within("offer", "closed"),
}
REFUNDS: Final[Words] = {
    "owed": within("refund", "owed"),
    "requested": within("refund", "requested"),
    "unknown": within("refund", "outcome unknown"),
    "sent": within("refund", "sent"),
    "arrived": within("refund", "arrived"),
    "refused": within("refund", "refused"),
    "returned": within("refund", "returned"),
    "waiting": within("refund", "waiting"),
    "unclaimed": within("refund", "unclaimed"),
    "taken back": within("refund", "taken back"),
    "settled": within("refund", "settled"),
}
#: Tone of a status badge: good, busy, warn, bad, quiet.
TONES: Final[Mapping[str, str]] = {
    "carried-out": "good",
    "seen-to": "good",
    "over": "warn",
    "unmatched": "warn",
    "placed": "busy",
    "confirmed": "good",
    "paid up": "good",
    "converted": "good",
    "delivered": "quiet",
    "lapsed": "quiet",
    "cancelled": "quiet",
    "open": "good",
    "paused": "warn",
    "closed": "quiet",
    "owed": "warn",
    "requested": "busy",
    "unknown": "bad",
    "sent": "good",
    "arrived": "good",
    "refused": "bad",
    "returned": "bad",
    "waiting": "warn",
    "unclaimed": "quiet",
    "taken back": "quiet",
    "settled": "quiet",
    "asked": "warn",
    "warned": "warn",
    "proposed": "warn",
    "withdrawn": "quiet",
    "won": "good",
    "lost": "bad",
    "made": "warn",
    "prepared": "warn",
    "released": "good",
}
DISPUTES: Final[Words] = {
    "warned": within("dispute", "fraud warning"),
    "asked": within("dispute", "inquiry"),
    "open": within("dispute", "open"),
    "won": within("dispute", "won"),
    "lost": within("dispute", "lost"),
    "closed": within("dispute", "closed"),
}
ROUTES: Final[Words] = {"card": lazy("to the card"), "hand": lazy("by bank, by hand")}
WAYS: Final[Words] = {"card": lazy("to the card"), "account": lazy("to a bank account")}
GIVEUPS: Final[Words] = {
    "proposed": within("giveup", "waits for a second operator"),
    "confirmed": within("giveup", "confirmed"),
    "withdrawn": within("giveup", "withdrawn"),
}
RAILS: Final[Words] = {"card": lazy("card"), "transfer": lazy("bank transfer")}
#: What banks say in codes (ISO 20022, external status and return reasons); the commonest of them.
BANK_REASONS: Final[Words] = {
    "AC01": lazy("there is no such account"),
    "AC04": lazy("the account is closed"),
    "AC06": lazy("the account is blocked"),
    "AG01": lazy("the account takes no transfers"),
    "AM04": lazy("too little money on our account"),
    "BE01": lazy("the name does not belong to the account"),
    "BE04": lazy("the address of the holder is missing"),
    "DUPL": lazy("the bank has this file already"),
    "FF01": lazy("the bank could not read the file"),
    "MD07": lazy("the holder has died"),
    "MS02": lazy("the holder sent it back"),
    "MS03": lazy("the bank gives no reason"),
    "RC01": lazy("there is no such bank"),
    "order-withdrawn": lazy("the payment order was withdrawn"),
}
#: Why a refund waits, or what the other side said.
WHYS: Final[Words] = {
    **BANK_REASONS,
    "account": lazy("no confirmed bank account yet: the customer was asked for one"),
    "hold": lazy("the bank account is new: held before it is paid to"),
    "action": lazy("the provider waits for the customer"),
    "heirs": lazy("waiting for heirs"),
    "dispute": lazy("a dispute is open"),
    "account-closed": lazy("the account is closed"),
    "account-unknown": lazy("there is no such account"),
    "name-differs": lazy("the name does not belong to the account"),
    "refused-by-bank": lazy("the bank refused"),
    "returned-by-holder": lazy("the holder sent it back"),
    "expired-or-canceled-card": lazy("the card has expired or was cancelled"),
    "lost-or-stolen-card": lazy("the card was lost or stolen"),
    "declined": lazy("the card's bank declined"),
    "insufficient-funds": lazy("too little money at the payment provider"),
    "no-answer": lazy("the payment provider has not answered: it is asked again, never sent again"),
    "worker-died": lazy("the answer was lost: the payment provider is asked, nothing is sent again"),
    "gone-elsewhere": lazy("the payment has gone back by another hand"),
    "charge-disputed": lazy("the customer's bank disputes the payment"),
    "charge-for-pending-refund-disputed": lazy("the customer's bank disputed the payment meanwhile"),
    "rail-too-old": lazy("too old to go back to its card"),
    "passed-on": lazy("paid by an earlier holder"),
    "never-begun": lazy("the payment provider never began it"),
    "no-reason-given": lazy("no reason given"),
    "other": lazy("another reason"),
}
#: Why a credit may be a reservation's (`core.matching.WHYS`).
PROPOSALS: Final[Words] = {
    "named": lazy("its number is written"),
    "account": lazy("from its holder's account"),
    "name-amount": lazy("its holder's name, its amount"),
    "name": lazy("its holder's name"),
    "near": lazy("a number like it is written"),
    "amount": lazy("its amount"),
}
ORDERS: Final[Words] = {
    "prepared": within("order", "waits for another operator"),
    "released": within("order", "file made"),
    "withdrawn": within("order", "withdrawn"),
}
#: What an answer of the bank came to for one transfer.
ANSWERED: Final[Words] = {
    "told": lazy("taken"),
    "known already": lazy("known already"),
    "pending": lazy("under way: nothing to do yet"),
    "not ours": lazy("none of ours: please look"),
}
#: What the entries of a statement came to.
BOOKINGS: Final[Words] = {
    "received": lazy("deposits received"),
    "divided": lazy("divided over several reservations"),
    "unmatched": lazy("kept, for a person to say whose they are"),
    "left": lazy("refunds that left"),
    "came back": lazy("refunds that came back"),
    "taken back": lazy("deposits taken back by a bank"),
    "known already": lazy("known already"),
    "debit": lazy("debits that concern no reservation"),
    "not booked": lazy("pending or for information"),
}
#: Verification of payee.
VERIFIED: Final[Words] = {
    "match": lazy("the bank says: they belong together"),
    "close-match": lazy("the bank says: nearly the same name"),
    "no-match": lazy("the bank says: another name"),
    "not-available": lazy("the bank could not compare them"),
}
#: Why a refund by transfer is in no file.
LEFT_OUT: Final[Words] = {
    "pause": lazy("can still be taken back by the customer"),
    "dispute": lazy("a dispute is open"),
    "full": lazy("the file is full: it comes into the next one"),
    "not-euro": lazy("not in euros: pay it by hand"),
    "no-iban": lazy("the account has no IBAN: pay it by hand"),
    "not-sepa": lazy("the account is outside SEPA: pay it by hand"),
    "bank-erased": lazy("the bank details were erased: pay it by hand"),
}
#: Who said that a holder has died, by what right somebody follows, and what was seen of it (`core.commands.heirs`).
TELLERS: Final[Words] = {
    "relative": lazy("a relative"),
    "notary": lazy("a notary"),
    "authority": lazy("an authority or a court"),
    "bank": lazy("a bank"),
    "other": lazy("somebody else"),
}
RIGHTS: Final[Words] = {
    "inheritance": lazy("inheritance"),
    "judgment": lazy("a court's decision, such as a divorce"),
    "company": lazy("a company was merged, divided or sold"),
}
PROOFS: Final[Words] = {
    "european-certificate": lazy("European Certificate of Succession"),
    "notary-deed": lazy("a notary's deed (acte de notoriété)"),
    "court": lazy("a court's decision or certificate"),
    "company-register": lazy("extract of the register of companies"),
    "other": lazy("another proof"),
}
SPEAKERS: Final[Words] = {
    "customer": lazy("customer"),
    "maker": lazy("maker"),
    "provider": lazy("payment provider"),
    "bank": lazy("bank"),
    "court": lazy("court"),
    "system": lazy("Earnest"),
}
ANSWERS: Final[Words] = {
    "accept": lazy("accepted"),
    "wait": lazy("waits"),
    "refuse": lazy("refused"),
    "cancel": lazy("cancelled by it"),
    "": lazy("no answer yet"),
}
MAILS: Final[Words] = {
    "placed": lazy("Reservation placed"),
    "confirmed": lazy("Place confirmed"),
    "deposit_received": lazy("Deposit received"),
    "slipped": lazy("The promised window has slipped"),
    "silence_heard": lazy("No answer to a slip: taken as consent"),
    "withdrawn": lazy("Receipt of a withdrawal"),
    "withdrawal_received": lazy("Withdrawal from what had ended"),
    "withdrawal_filed": lazy("Receipt of a withdrawal that fits nothing"),
    "withdrawal_to_see_to": lazy("To operators: a withdrawal to be seen to"),
    "money_too_early": lazy("To operators: money came too early"),
    "letter_to_maker": lazy("To operators: a letter from a holder"),
    "letter_to_holder": lazy("Letter to a holder"),
    "notice_received": lazy("Receipt of a formal notice"),
    "remind": lazy("Reminder of a deposit"),
    "lapsed": lazy("Reservation lapsed"),
    "cancelled": lazy("Receipt of a cancellation"),
    "taken_back": lazy("Cancellation taken back"),
    "refund_sent": lazy("Refund sent"),
    "refund_returned": lazy("Correction: a refund came back"),
    "account_needed": lazy("Bank account needed"),
    "refund_held": lazy("Refund held"),
    "refund_overdue": lazy("Refund late"),
    "account_ask": lazy("Bank account asked for in time"),
    "unclaimed": lazy("Money that nobody claims"),
    "deposit_corrected": lazy("Correction of a deposit"),
    "account_given": lazy("Bank account to confirm"),
    "account_confirmed": lazy("Bank account confirmed"),
    "amended": lazy("Newer version accepted"),
    "converted": lazy("Became a sale"),
    "pay_by_hand": lazy("To operators: pay by hand"),
    "dispute_opened": lazy("To operators: a payment is questioned"),
    "deadline_half": lazy("To operators: half of the time is gone"),
    "deadline_nine_tenths": lazy("To operators: nine tenths of the time are gone"),
    "deadline_promise": lazy("To operators: refunds later than promised"),
    "deadline_law": lazy("To operators: refunds past the law's limit"),
    "portal_link": lazy("Link to the reservation"),
    "succeeded": lazy("Who has the reservation now"),
    "passed_to_you": lazy("Reservation offered to somebody"),
    "passing_on": lazy("Offer to somebody confirmed to the holder"),
    "passing_ended": lazy("Offer to somebody has ended"),
    "holder_changed": lazy("To the new holder"),
    "holder_left": lazy("To the earlier holder"),
    "holder_died": lazy("To the mailbox of a holder who has died"),
    "death_corrected": lazy("The holder lives: corrected"),
    "successor_named": lazy("To the holder: somebody is to follow by law"),
    "holder_replaced": lazy("To the earlier holder: somebody followed by law"),
    "succeeded_to_you": lazy("To whoever follows by law"),
    "paid_twice": lazy("To operators: paid twice?"),
    "given_back": lazy("What was paid twice goes back"),
    "find_heirs": lazy("To operators: find the heirs"),
    "confirm_successor": lazy("To operators: confirm who follows"),
}
WITHDRAWALS: Final[Words] = {
    "waiting": within("withdrawal", "waiting"),
    "carried-out": within("withdrawal", "carried out"),
    "over": within("withdrawal", "to be seen to: it had ended or was delivered"),
    "unmatched": within("withdrawal", "to be seen to: fits no reservation"),
    "seen-to": within("withdrawal", "seen to"),
}
MODES: Final[Words] = {
    "demo": lazy("demonstration"),
    "test": lazy("test: no real money"),
    "live": lazy("live"),
}
MAIL_STATUSES: Final[Words] = {
    "made": within("mail", "not sent yet"),
    "sent": within("mail", "sent"),
    "erased": within("mail", "erased before it left"),
}
ACTS: Final[Words] = {
    "offer.opened": lazy("Offer opened"),
    "offer.revised": lazy("Offer revised"),
    "offer.paused": lazy("Offer paused"),
    "offer.resumed": lazy("Offer open again"),
    "offer.closed": lazy("Offer closed"),
    "giveup.proposed": lazy("Giving up many: proposed"),
    "giveup.confirmed": lazy("Giving up many: confirmed"),
    "giveup.withdrawn": lazy("Giving up many: withdrawn"),
    "promise.made": lazy("Window promised"),
    "promise.slipped": lazy("Promised window slipped"),
    "reservation.placed": lazy("Reservation placed"),
    "reservation.confirmed": lazy("Place confirmed"),
    "reservation.lapsed": lazy("Place lapsed"),
    "reservation.amended": lazy("Newer version accepted"),
    "reservation.released": lazy("Place given back to the offer"),
    "reservation.holder_offered": lazy("Offered to somebody else"),
    "reservation.holder_offer_ended": lazy("Offer to somebody else ended"),
    "reservation.holder_changed": lazy("Passed on to another holder"),
    "reservation.holder_died": lazy("The holder has died"),
    "reservation.death_corrected": lazy("The holder lives: the report was wrong"),
    "reservation.successor_named": lazy("Named: who follows by law"),
    "reservation.converted": lazy("Became a sale"),
    "reservation.delivered": lazy("Delivered"),
    "promise.told": lazy("Holder told of a slip"),
    "promise.answered": lazy("Holder answered a slip"),
    "withdrawal.stated": lazy("Withdrawal stated"),
    "withdrawal.erased": lazy("Data of a withdrawal erased"),
    "withdrawal.answered": lazy("What came of a withdrawal"),
    "withdrawal.received": lazy("Withdrawal received"),
    "notice.received": lazy("Formal notice received"),
    "letter.sent": lazy("Letter sent"),
    "deposit.asked": lazy("Deposit asked for"),
    "deposit.received": lazy("Deposit received"),
    "deposit.given_back": lazy("Given back: it came twice"),
    "cancellation.requested": lazy("Cancelled"),
    "cancellation.taken_back": lazy("Cancellation taken back"),
    "maker.gave_up": lazy("Given up by the maker"),
    "order.prepared": lazy("Payment order prepared"),
    "order.released": lazy("Payment order released to the bank"),
    "order.answered": lazy("Payment order answered by the bank"),
    "order.withdrawn": lazy("Payment order withdrawn"),
    "refund.owed": lazy("Refund owed"),
    "refund.requested": lazy("Refund requested"),
    "refund.unknown": lazy("Refund: outcome unknown"),
    "refund.sent": lazy("Refund sent"),
    "refund.refused": lazy("Refund refused"),
    "refund.arrived": lazy("Refund arrived"),
    "refund.returned": lazy("Refund returned"),
    "refund.corrected": lazy("Refund corrected"),
    "refund.held": lazy("Refund held"),
    "refund.unclaimed": lazy("Refund unclaimed"),
    "refund.overdue": lazy("Refund late: a deadline has passed"),
    "refund.settled": lazy("Refund settled without paying"),
    "correction.proposed": lazy("Correction of a deposit: proposed"),
    "correction.withdrawn": lazy("Correction of a deposit: withdrawn"),
    "deposit.corrected": lazy("Deposit corrected"),
    "deposit.reversed": lazy("Deposit reversed"),
    "dispute.warned": lazy("Early fraud warning"),
    "dispute.opened": lazy("Dispute or inquiry opened"),
    "dispute.answered": lazy("Evidence submitted"),
    "dispute.closed": lazy("Dispute closed"),
    "fee.charged": lazy("Provider's fee"),
    "payout.made": lazy("Payout to our bank"),
    "payout.returned": lazy("Payout came back"),
    "funds.added": lazy("Funds added at the provider"),
    "currency.exchanged": lazy("Currency exchanged"),
    "statement.imported": lazy("Statement imported"),
    "credit.unmatched": lazy("Credit unmatched"),
    "credit.assigned": lazy("Credit assigned"),
    "credit.explained": lazy("Credit explained: the maker's own"),
    "credit.return_requested": lazy("Credit to be sent back"),
    "credit.returned": lazy("Credit sent back"),
    "account.given": lazy("Bank account given"),
    "address.given": lazy("Address for invoices given"),
    "account.confirmed": lazy("Bank account confirmed"),
    "account.verified": lazy("Name and account compared by the bank"),
    "mail.sent": lazy("Mail sent"),
    "erasure.done": lazy("Personal data erased"),
    "maker.succeeded": lazy("Book taken over: holder told"),
    "invoice.issued": lazy("Document issued"),
    "restriction.set": lazy("Data restricted"),
    "restriction.lifted": lazy("Restriction lifted"),
    "book.opened": lazy("Book opened"),
    "book.succeeded": lazy("Book taken over"),
    "keys.introduced": lazy("Key introduced"),
    "keys.retired": lazy("Key retired"),
    "law.rate_entered": lazy("Rate of interest entered"),
    "queue.tallied": lazy("Queue tallied"),
    "reserves.stated": lazy("Reserves stated"),
}


def say(words: Words, code: str) -> str:
    """The words for a code; a code that is new is shown as it is."""
    return str(words.get(code, code))


def doubt(found: Doubt) -> tuple[str, str]:
    """(sentence, article) of something in an offer that a text forbids or presumes unfair."""
    said = {
        INDICATIVE: _(
            "“%(about)s” takes back what the date says: an indicative delivery date is presumed unfair."
        ),
        VAGUE: _(
            "The promised window is %(about)s days long. A date so vague may count as none: delivery within 30 days."
        ),
        SAID_INDICATIVE: _(
            "You call the date indicative, which is presumed unfair: it counts as if it were firm."
        ),
        SAID_VAGUE: _(
            "You say that the date names no day: it may count as none, and delivery is due within 30 days."
        ),
        NO_DATE: _("You promise no date: delivery is then due within 30 days of the contract."),
        MONEY_EARLY: _(
            "Sold away from business premises: in France no money may be taken within seven days."
        ),
    }[found.code]
    return (said % {"about": found.about} if found.about else said), found.article
