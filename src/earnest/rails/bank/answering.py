"""What a bank says of our own transfers becomes reports about refunds: by its answer to our file, or by a debit.

Each is understood whichever comes first, twice or late: a report about an asking that is over changes nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from earnest.book import clock, door, lists
from earnest.core import end_to_end
from earnest.core import payment_order as orders
from earnest.core.bank_entry import BankEntry
from earnest.core.commands.base import Command
from earnest.core.commands.book_return import RefundLeft
from earnest.core.commands.order_transfers import AnswerOrder
from earnest.core.commands.refund import HAND
from earnest.core.commands.report_refund import ReportRefund
from earnest.core.commands.verify_payee import VerifyPayee
from earnest.core.payment_order import Order, Transfer
from earnest.core.refund import ARRIVED, OWED, SENT, WAITING, Refund
from earnest.core.refusals import Missing, Refusal
from earnest.rails.bank import pain002, paying
from earnest.rails.bank.pain002 import Answer, Report
from earnest.rails.bank.statement import Transaction

#: What became of one transfer, in the order of reports.
TOLD, KNOWN, NO_NEWS, NOT_OURS = "told", "known already", "pending", "not ours"


@dataclass(frozen=True)
class Line:
    """What an answer came to for one transfer, and why."""

    end_to_end: str
    code: str
    outcome: str
    why: str


def debit(each: Transaction, entry: BankEntry, account: str, who: Mapping[str, Any]) -> Command | str:
    """The command for a debit that is a transfer of ours; in words what is wrong with it; nothing where it is none."""
    asked = end_to_end.read(each.references.end_to_end)
    found = next(iter(lists.states([asked.number])), None) if asked else None
    refund = found.refund(asked.refund) if found and asked else None
    if asked is None or refund is None or refund.route != HAND:
        return ""
    if (refund.amount_minor, refund.currency) != (entry.amount_minor, entry.currency):
        return f"it names refund {refund.n} of {asked.number}, which is another amount: a person must look"
    if refund.attempt != asked.attempt:
        return _of_another_asking(refund, asked.number, asked.attempt)
    return RefundLeft(
        **who,
        account=account,
        entry=entry,
        number=asked.number,
        refund=refund.n,
        attempt=asked.attempt,
        happened_at=min(entry.happened_at, clock.now()),
        reference=each.references.end_to_end,
        after_all=_was_withdrawn(refund),
    )


def batch(each: Transaction, entry: BankEntry, who: Mapping[str, Any]) -> tuple[ReportRefund, ...]:
    """The reports for a debit that is a whole order in one sum; none where it is not, or a part of it is missing."""
    order = _order(each.batch) if each.batch.startswith("PAY-") else None
    if order is None or each.references.end_to_end or order.status != orders.RELEASED:
        return ()
    if (order.total_minor, order.currency) != (entry.amount_minor, entry.currency):
        return ()
    at = min(entry.happened_at, clock.now())
    return tuple(_report(one, pain002.SENT, who, at) for one in order.transfers)


def answer(report: Report, sha256: str, who: Mapping[str, Any], *, dry: bool = False) -> list[Line]:
    """Carry out what a bank answered; one line for each transfer. Begun again after a crash it goes on."""
    order = _order(report.order)
    if order is None or order.status == orders.PREPARED:
        return [Line(report.order, "", NOT_OURS, "no payment order of ours with this number has left")]
    named = {each.end_to_end: each for each in report.answers if each.end_to_end}
    ours = {each.end_to_end: each for each in order.transfers}
    strangers = [each for id, each in named.items() if id not in ours]
    lines = [
        Line(each.end_to_end, each.code, NOT_OURS, f"{order.number} has no such transfer")
        for each in strangers
    ]
    planned = [
        (transfer, said)
        for id, transfer in ours.items()
        if (said := named.get(id) or report.whole) is not None
    ]
    if dry:
        return [*lines, *(_line(transfer, said, None) for transfer, said in planned)]
    commands = [_commands(order, transfer, said, who) for transfer, said in planned]
    news = iter(_carried_out([each for some in commands for each in some]))
    for (transfer, said), some in zip(planned, commands, strict=True):
        lines.append(_line(transfer, said, [next(news) for _ in some]))
    whole = report.whole
    door.do_one(
        AnswerOrder(
            **who,
            number=order.number,
            file=sha256,
            message=report.message,
            code=whole.code if whole else "",
            why=whole.why if whole else "",
            refused=sum(said.outcome == pain002.REFUSED for _, said in planned),
        )
    )
    return lines


def _carried_out(commands: Sequence[Command]) -> list[bool]:
    """Whether each was news. Raises Refusal; what was carried out before it stands."""
    outcomes = door.do([door.Request(each) for each in commands], receipts=False)
    for refusal in outcomes:
        if isinstance(refusal, Refusal):
            raise refusal
    return [isinstance(each, door.Done) for each in outcomes]


def _commands(order: Order, transfer: Transfer, said: Answer, who: Mapping[str, Any]) -> Sequence[Command]:
    """What a status means for a refund: arrived is sent, too."""
    if said.amount_minor and said.amount_minor != transfer.amount_minor:
        return []
    if said.code in pain002.VERIFIED:
        answer = pain002.VERIFIED[said.code]
        n, attempt = transfer.refund, transfer.attempt
        return [VerifyPayee(**who, number=transfer.number, refund=n, attempt=attempt, answer=answer)]
    if said.outcome == pain002.PENDING:
        return []
    now, withdrawn = clock.now(), order.status == orders.WITHDRAWN
    outcomes = (pain002.SENT, pain002.ARRIVED) if said.outcome == pain002.ARRIVED else (said.outcome,)
    return [replace(_report(transfer, each, who, now, said.why), after_all=withdrawn) for each in outcomes]


def _report(
    transfer: Transfer, outcome: str, who: Mapping[str, Any], at: datetime, why: str = ""
) -> ReportRefund:
    return ReportRefund(
        **who,
        number=transfer.number,
        refund=transfer.refund,
        attempt=transfer.attempt,
        outcome=outcome,
        happened_at=at,
        reference=transfer.end_to_end,
        why=why,
    )


def _line(transfer: Transfer, said: Answer, news: list[bool] | None) -> Line:
    why = " ".join(part for part in (said.why, said.words) if part)
    if said.amount_minor and said.amount_minor != transfer.amount_minor:
        return Line(transfer.end_to_end, said.code, NOT_OURS, "it is of another amount")
    if said.code in pain002.VERIFIED:
        why = f"verification of payee: {pain002.VERIFIED[said.code]}"
    if said.outcome == pain002.PENDING:
        return Line(transfer.end_to_end, said.code, NO_NEWS, why)
    known = news is not None and not any(news)
    return Line(transfer.end_to_end, said.code, KNOWN if known else TOLD, why or said.outcome)


def _order(number: str) -> Order | None:
    try:
        return paying.order(number)
    except Missing:
        return None


def _was_withdrawn(refund: Refund) -> bool:
    order = _order(refund.order) if refund.status in (OWED, WAITING) else None
    return order is not None and order.status == orders.WITHDRAWN


def _of_another_asking(refund: Refund, number: str, attempt: int) -> str:
    if attempt < refund.attempt and refund.status in (SENT, ARRIVED):
        return f"it is asking {attempt} of refund {refund.n} of {number}, which was asked for again and paid: twice?"
    return f"it is asking {attempt} of refund {refund.n} of {number}, and that is at {refund.attempt}"
