"""The numbers of invoices and credit notes: yearly series, each number given once, none left out.

A number is taken in the transaction that writes its act: the row of its series is locked after every subject, moves
by compare-and-set, and the number itself is unique. What is refused, or dies before its commit, has taken nothing.
Both tables are caches of acts; `differences` holds them against the invoices of all reservations.
"""

from collections.abc import Iterable, Iterator

from django.db import transaction

from earnest.book import models
from earnest.core.invoice import Invoice, series_name

#: Series -> (number, subject key, seq of the act) of each document that acts issued.
Issued = dict[str, list[tuple[int, bytes, int]]]


def note(issued: Issued, key: bytes, invoices: Iterable[Invoice]) -> None:
    """Add the documents of one reservation."""
    for each in invoices:
        issued.setdefault(series_name(each.series, each.year), []).append((each.no, key, each.seq))


def differences(issued: Issued) -> Iterator[tuple[str, str]]:
    """(series, what is wrong): a gap, a number given twice, or a table that says otherwise than the acts."""
    stored: Issued = {}
    for name, no, key, seq in models.Invoice.objects.values_list("series_id", "no", "subject_id", "seq"):
        stored.setdefault(name, []).append((no, bytes(key), seq))
    last = dict(models.Series.objects.values_list("name", "last"))
    for name in sorted(last.keys() | issued.keys()):
        given = sorted(issued.get(name, []))
        if [no for no, _, _ in given] != list(range(1, last.get(name, 0) + 1)):
            yield name, "the numbers are not 1 to the last one given, each once"
        if sorted(stored.get(name, [])) != given:
            yield name, "the numbers are not with the acts that issued them"


def remake(issued: Issued) -> None:
    """Acts came back that had been lost: what they numbered is kept again; of acts that are lost still, a gap stays."""
    with transaction.atomic():
        for name, given in issued.items():
            highest = max(no for no, _, _ in given)
            series, _ = models.Series.objects.get_or_create(name=name, defaults={"last": highest})
            if series.last < highest:
                models.Series.objects.filter(name=name).update(last=highest)
            for no, key, seq in given:
                models.Invoice.objects.get_or_create(
                    series_id=name, no=no, defaults={"subject_id": key, "seq": seq}
                )
