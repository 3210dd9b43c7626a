"""What the fields of acts are called among people. A name that is not here is shown as it is."""

from collections.abc import Iterable, Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as lazy

CLASSES: Final[Mapping[str, tuple[str | Promise, str | Promise]]] = {
    "money": (
        lazy("Sums, dates and terms"),
        lazy("What was paid, promised and owed, when, and through whom it came."),
    ),
    "identity": (lazy("Identity"), lazy("Name and VAT number.")),
    "contact": (lazy("Contact"), lazy("The address that mails went to, and their language.")),
    "bank": (lazy("Bank accounts"), lazy("Accounts given for refunds, in full.")),
    "text": (
        lazy("Free words"),
        lazy("Reasons and descriptions as somebody wrote them; they may name people."),
    ),
}

NAMES: Final[Mapping[str, str | Promise]] = {
    "account": lazy("which account"),
    "against": lazy("what it is set off against"),
    "amount_minor": lazy("amount"),
    "answer": lazy("answer to the new window"),
    "ask": lazy("which request"),
    "attempt": lazy("which attempt"),
    "capacity": lazy("places of the offer"),
    "cause": lazy("act that caused it"),
    "channel": lazy("sales channel"),
    "class": lazy("class of data"),
    "consumer": lazy("consumer or business"),
    "country": lazy("country of the account"),
    "currency": lazy("currency"),
    "deposit_kind": lazy("kind of deposit"),
    "deposit_minor": lazy("part taken from deposits"),
    "dispute": lazy("which dispute"),
    "due_at": lazy("when it is due"),
    "email": lazy("e-mail address"),
    "end_to_end": lazy("end-to-end id of the transfer"),
    "entries": lazy("entries in the books"),
    "erased": lazy("what was erased"),
    "evidence": lazy("hash of the evidence"),
    "external": lazy("sent outside this book"),
    "from": lazy("first promised day"),
    "from_at": lazy("when it may leave"),
    "ground": lazy("ground of the erasure"),
    "happened_at": lazy("when it happened"),
    "hold_until": lazy("held until"),
    "holder": lazy("name on the account"),
    "imported": lazy("imported"),
    "instalment": lazy("which instalment"),
    "into": lazy("refund it went into"),
    "kind": lazy("kind"),
    "language": lazy("language"),
    "legal_due_at": lazy("limit of the law"),
    "limit": lazy("which limit"),
    "made_to_specification": lazy("made to specification"),
    "means": lazy("whether refunds may go where the money came from"),
    "message_id": lazy("the mail's own number"),
    "mode": lazy("test or live"),
    "name": lazy("name"),
    "name_matches": lazy("whether the names match"),
    "named": lazy("act that named who follows"),
    "note": lazy("note"),
    "number": lazy("account number"),
    "offer": lazy("offer"),
    "offered": lazy("which offer to somebody else"),
    "order": lazy("payment order"),
    "origin": lazy("name of the book"),
    "outcome": lazy("outcome"),
    "payment": lazy("which payment"),
    "person": lazy("who did it"),
    "plan": lazy("deposit plan"),
    "price_minor": lazy("price"),
    "quantity": lazy("places"),
    "proof": lazy("kind of proof that was seen"),
    "queue": lazy("number in the queue"),
    "rail": lazy("way of payment"),
    "reason": lazy("the network's reason"),
    "receivable_minor": lazy("part owed by the customer"),
    "reference": lazy("reference of the payment"),
    "refund": lazy("which refund"),
    "refunds": lazy("which refunds"),
    "residence": lazy("country of residence"),
    "right": lazy("by what right somebody follows"),
    "role": lazy("role of the key"),
    "route": lazy("way of the refund"),
    "routing": lazy("routing code"),
    "said": lazy("act that was wrong"),
    "sale": lazy("terms of sale"),
    "scheme": lazy("kind of account"),
    "seen": lazy("what the proof says"),
    "sha256": lazy("hash of the mail"),
    "slip": lazy("which slip"),
    "source": lazy("what it comes from"),
    "succession": lazy("which succession"),
    "tax_rate_bp": lazy("tax rate"),
    "template": lazy("which mail"),
    "terms_hash": lazy("hash of the terms"),
    "terms_language": lazy("language of the terms"),
    "texts": lazy("texts of the offer"),
    "timezone": lazy("time zone"),
    "to": lazy("address of the mail"),
    "told_by": lazy("who said that the holder has died"),
    "to_language": lazy("language of whom it is offered to"),
    "until": lazy("last promised day"),
    "variant": lazy("variant"),
    "variants": lazy("variants"),
    "vat_number": lazy("VAT number"),
    "version": lazy("version of the offer"),
    "via": lazy("through which door"),
    "vkey": lazy("verifier key"),
    "was": lazy("former name"),
    "was_from": lazy("first day promised before"),
    "was_until": lazy("last day promised before"),
    "why": lazy("reason"),
}


def named(name: str) -> str:
    """A field in words."""
    return str(NAMES.get(name, name))


def listed(names: Iterable[str]) -> str:
    """Several fields in one line."""
    return ", ".join(map(named, names))


def class_named(name: str) -> str:
    """A class of data in words, within a sentence."""
    title = str(CLASSES[name][0]) if name in CLASSES else name
    return title[:1].lower() + title[1:]
