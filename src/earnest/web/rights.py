"""What the law gives, in plain words: a right, a sum, a day, each with its article and how far that was confirmed.

Not legal advice, and every page that shows this says so.
"""

from dataclasses import dataclass
from datetime import date
from typing import Final

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from earnest.book import clock, law
from earnest.book.law_files import packaged
from earnest.core.offer import Offer
from earnest.core.refund import Refund
from earnest.core.reservation import Reservation
from earnest.core.rights.answer import answer
from earnest.core.rights.answers import (
    CANCELLED,
    CONSENT,
    DOUBLE,
    INTEREST,
    PRINCIPAL,
    REFUSE_DELAY,
    RESOLVE,
    SURCHARGE,
    TERMS,
    WITHDRAW,
    Ground,
    Right,
    Rights,
)
from earnest.core.rights.days import today
from earnest.core.rights.gather import facts_of
from earnest.post.words import day, money

HOUSE: Final = "house-terms"


@dataclass(frozen=True)
class Said:
    """One thing in words; `article` and `mark` (V, P, Q, R) say what it rests on, empty for our own terms."""

    text: str
    article: str = ""
    mark: str = ""

    @property
    def confirmed(self) -> str:
        """The mark in words."""
        return confirmed(self.mark)


def confirmed(mark: str) -> str:
    """How far a rule was confirmed."""
    return {
        "V": _("read word for word in the text"),
        "P": _("read in part in the text"),
        "Q": _("read in others' words"),
        "R": _("recalled, not confirmed"),
    }.get(mark, "")


def right_words(kind: str) -> str:
    """By which right a reservation can be ended."""
    return {
        WITHDRAW: _("withdraw without a reason"),
        RESOLVE: _("end it because the promised date was missed"),
        REFUSE_DELAY: _("refuse the delay and have everything back"),
        TERMS: _("cancel by our own terms"),
    }[kind]


def sum_words(kind: str) -> str:
    """Under which head something comes back."""
    return {
        PRINCIPAL: _("what you paid"),
        INTEREST: _("interest by law"),
        SURCHARGE: _("surcharge because the refund is late"),
        DOUBLE: _("as much again, because it is arrhes and the maker gave up"),
    }[kind]


def head_words(refund: Refund) -> str:
    """What a refund is of that a text adds, and up to which day it was counted; empty for what was paid."""
    if not refund.head:
        return ""
    said = sum_words(refund.head)
    if refund.head != INTEREST or refund.accrued_until is None:
        return said
    return _("%(what)s, counted up to %(day)s") % {"what": said, "day": day(refund.accrued_until)}


def article(refund: Refund) -> str:
    """The text by which it is owed besides what was paid."""
    rule = packaged().rule(refund.law_rule)
    return rule.citation if rule else refund.law_rule


def silence_words(silence: str, until: date | None) -> str:
    """What saying nothing comes to, for operators."""
    said = {
        CONSENT: _("taken as consent on %(day)s"),
        CANCELLED: _("cancelled and refunded unasked on %(day)s"),
    }.get(silence)
    return said % {"day": day(until)} if said and until else _("changes nothing")


def decided_words(silence: str) -> str:
    """What silence comes to on its day, for operators."""
    return {
        CONSENT: _("silence is taken as consent"),
        CANCELLED: _("silence cancels, and all is paid back unasked"),
    }[silence]


def cited(ground: Ground) -> str:
    """The article, as it is written in the reader's language."""
    rule = packaged().rule(ground.rule)
    return rule.cited_in((get_language() or "en")[:2]) if rule else ground.citation


def rights_of(state: Reservation, offer: Offer) -> Rights:
    """The answer of the law for a reservation now."""
    facts = facts_of(state, offer)
    return answer(law.current(), facts, today(facts, clock.now()))


@dataclass(frozen=True)
class View:
    """What the portal shows: rights that are open, sums that would come back now, and by when."""

    on: date
    open: list[Said]
    sums: list[Said]
    totals: list[tuple[str, int]]
    refund: Said | None
    missing: list[str]
    beyond: bool


def view(state: Reservation, offer: Offer) -> View:
    """In the reader's language."""
    rights = rights_of(state, offer)
    totals: dict[str, int] = {}
    for each in rights.sums:
        totals[each.currency] = totals.get(each.currency, 0) + each.amount_minor
    return View(
        on=rights.on,
        open=[_right(each) for each in rights.rights if each.open],
        sums=[
            _said(
                _("%(amount)s: %(what)s")
                % {"amount": money(each.amount_minor, each.currency), "what": sum_words(each.kind)},
                each.ground,
            )
            for each in rights.sums
            if each.amount_minor
        ],
        totals=sorted((currency, minor) for currency, minor in totals.items() if minor),
        refund=_said(_("by %(day)s at the latest") % {"day": day(rights.refund.by_day)}, rights.refund.ground)
        if rights.refund
        else None,
        missing=[
            _("from %(day)s: rate not yet entered") % {"day": day(each.first_missing_day)}
            for each in rights.missing
            if each.first_missing_day
        ],
        beyond=any(each.kind != PRINCIPAL and each.amount_minor for each in rights.sums),
    )


def _right(right: Right) -> Said:
    until = (
        _("until %(day)s") % {"day": day(right.until)}
        if right.until
        else _("for as long as it is not delivered")
    )
    said = {"what": right_words(right.kind), "until": until}
    return _said(_("You may %(what)s, %(until)s.") % said, right.ground)


def _said(text: str, ground: Ground) -> Said:
    return Said(text) if ground.rule == HOUSE else Said(text, cited(ground), ground.mark)
