"""Money, time and promises as the reader writes them."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from django import template
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from earnest.core.offer import Window
from earnest.core.refund import Refund
from earnest.post import codes, words
from earnest.web import rights
from earnest.web.telling import fields

register = template.Library()


@register.filter
def money(amount_minor: int, currency: str) -> str:
    """`5 000,00 €`."""
    return words.money(amount_minor, currency)


@register.filter
def day(value: date | None) -> str:
    """`15 June 2018`."""
    return words.day(value) if value else ""


@register.filter
def moment(value: datetime | None) -> str:
    """`15 June 2018, 09:30 UTC`."""
    return words.moment(value) if value else ""


@register.filter
def window(value: Window | None) -> str:
    """`1 January 2020 – 31 December 2020`; a line may end between the two days and in neither."""
    if value is None:
        return words.window(None)
    first, last = (words.day(each).replace(" ", "\u00a0") for each in (value.start, value.end))
    return f"{first} – {last}"


@register.filter
def country(code: str) -> str:
    """A country by its name."""
    return words.country(code)


@register.filter
def of(found: Mapping[int, str], n: int) -> str:
    """What a mapping has for a number, or nothing."""
    return found.get(n, "") if found else ""


@register.filter
def head(refund: Refund) -> str:
    """What a refund is of beside what was paid, in words; empty for what was paid."""
    return rights.head_words(refund)


@register.filter
def article(refund: Refund) -> str:
    """The article by which it is owed besides."""
    return rights.article(refund)


@register.filter
def qr(receipt: str) -> str:
    """A receipt as a code to scan: an SVG of squares, no text in it."""
    return mark_safe(codes.svg(receipt))  # noqa: S308


@register.filter
def field_name(name: str) -> str:
    """A field of an act, in words."""
    return fields.named(name)


@register.filter
def in_words(names: Sequence[str]) -> str:
    """Several fields in one line."""
    return fields.listed(names)


@register.filter
def left(until: datetime, now: datetime) -> str:
    """How much time is left, or that it is over."""
    seconds = int((until - now).total_seconds())
    if seconds <= 0:
        return _("overdue")
    hours, minutes = divmod(seconds // 60, 60)
    if hours >= 48:
        return ngettext("%(n)d day left", "%(n)d days left", hours // 24) % {"n": hours // 24}
    return _("%(hours)d h %(minutes)02d min left") % {"hours": hours, "minutes": minutes}
