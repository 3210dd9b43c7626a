"""Mails as they will read, before anything is written: the same words, for a holder who does not exist."""

from dataclasses import dataclass, replace
from datetime import datetime
from email.message import EmailMessage
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import override

from earnest.book import clock
from earnest.core.offer import Offer, Slip, Window
from earnest.core.reservation import CONFIRMED, Contact, Identity, Payment, Reservation, Told
from earnest.core.slipping import plainly
from earnest.post.letters import About
from earnest.post.message import build

#: Its check symbol is wrong, so a link made for it opens nothing.
NUMBER: Final = "XXXX-XXXX-X"
LANGUAGES: Final = ("en", "fr")


@dataclass(frozen=True)
class Preview:
    """One mail in one language."""

    language: str
    subject: str
    text: str


def slip_mails(offer: Offer, window: Window | None, why: str) -> list[Preview]:
    """What a holder who paid the first deposit and gave no account will read, in each language."""
    now = clock.now()
    slip = Slip(offer.n + (window is not None), now, offer.current.window, window, why)
    slipped = replace(offer, slips=(*offer.slips, slip))
    found = []
    for language in LANGUAGES:
        state = _holder(slipped, slip, language, now)
        about = About(state, slipped, {"seq": state.told[0].seq})
        with override(language):
            receipt = _("(the signed receipt)")
        message = build("slipped", "preview", about, "holder@example.org", language, receipt)
        found.append(Preview(language, str(message["Subject"]), _text(message)))
    return found


def _holder(offer: Offer, slip: Slip, language: str, now: datetime) -> Reservation:
    version = offer.current
    variant, plan = version.variants[0], version.plan
    state = Reservation(
        key="",
        number=NUMBER,
        n=1,
        status=CONFIRMED,
        offer=offer.slug,
        version=version.version,
        variant=variant.code,
        quantity=1,
        held=1,
        queue=1,
        placed_at=now,
        hold_until=now,
        currency=version.currency,
        price_minor=variant.price_minor,
        tax_rate_bp=version.sale.tax_rate_bp,
        plan=plan,
        rail=plan[0].rail if plan else "transfer",
        bound=slip.was,
        promised=slip.now or slip.was,
        residence="FR",
        consumer=True,
        terms_hash="",
        terms_language=language,
        identity=Identity(""),
        contact=Contact("holder@example.org", language),
        told=(Told(slip.seq, 2, now, slip.was, slip.now, choices=plainly(slip).choices),),
    )
    if not plan:
        return state
    paid = Payment(1, plan[0].rail, plan[0].amount_minor, version.currency, "", now, now)
    return replace(state, payments=(paid,))


def _text(message: EmailMessage) -> str:
    body = message.get_body(("plain",))
    return str(body.get_content()).strip() if body else ""
