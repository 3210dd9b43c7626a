"""The documents that a reservation lacks are issued, numbered in the transaction in which they are written."""

from dataclasses import dataclass
from typing import ClassVar, Final

from earnest.core import entries
from earnest.core.commands.base import NOTHING, Chapter, Command, Decision, Ref, World
from earnest.core.invoice import DEPOSIT_INVOICE, INVOICE, series_name
from earnest.core.invoicing import Lacking, lacking

#: So many a command; a reservation that lacks more is a fault of ours, not a reason to number without end.
_MOST: Final = 100


@dataclass(frozen=True, kw_only=True)
class IssueInvoices(Command):
    """Asked once too often, it issues nothing."""

    number: str
    numbers_documents: ClassVar[bool] = True

    def ref(self) -> Ref:
        """The reservation."""
        return Ref("reservation", self.number)

    def wanted_acts(self) -> tuple[int, ...]:
        """The first: what the offer called the deposit."""
        return (0,)

    def decide(self, world: World) -> Decision:
        """Each document that is lacking, in the order in which the money asks for it."""
        world.the_reservation()
        kind = next(act.text("deposit_kind") for act in world.acts if act.seq == 0)
        chapter = Chapter(self, world)
        for _ in range(_MOST):
            found = lacking(chapter.state, world.policy.seller_country, kind)
            if found is None:
                break
            _issue(chapter, found)
        return chapter.decision() if chapter.drafts else NOTHING


def _issue(chapter: Chapter, found: Lacking) -> None:
    state, now = chapter.state, chapter.world.now
    name = series_name(found.series, now.year)
    no = chapter.series.get(name, 0) + 1
    chapter.series = {**chapter.series, name: no}
    moved = _entries(found, state.currency)
    chapter.say(
        "invoice.issued",
        series=found.series,
        year=now.year,
        no=no,
        on=now.date().isoformat(),
        gross_minor=found.gross_minor,
        tax_minor=found.tax_minor,
        tax_rate_bp=state.tax_rate_bp,
        currency=state.currency,
        quantity=state.quantity,
        paid_minor=found.paid_minor,
        payment=found.payment,
        of=list(found.of) or None,
        rule=found.rule or None,
        deducted_minor=found.deducted_minor or None,
        deducted_tax_minor=found.deducted_tax_minor or None,
        sales_tax_minor=found.sales_tax_minor or None,
        entries=moved or None,
    )


def _entries(found: Lacking, currency: str) -> str:
    """What the document does to the tax that we owe on money that we hold."""
    if found.payment is not None:
        sign = 1 if found.series == DEPOSIT_INVOICE else -1
        return entries.deposit_taxed(sign * found.tax_minor, currency)
    settled = found.deducted_tax_minor if found.series == INVOICE else 0
    return entries.sale_taxed(found.sales_tax_minor, settled, currency)
