"""`./earnest giveup OFFER`: the maker ends many reservations at once, and every deposit of them goes back."""

from typing import Any, Final

from django.core.management.base import CommandParser

from earnest.book import giving_up, reads
from earnest.core.commands.give_up import ConfirmGiveUp, ProposeGiveUp, WithdrawGiveUp
from earnest.core.giveup import CONFIRMED, PROPOSED, GiveUp
from earnest.core.instants import text
from earnest.core.numbers import parse
from earnest.core.offer import Offer
from earnest.core.rails import ACCOUNT, CARD, PASSED_ON, TOO_OLD
from earnest.core.rights.answers import DOUBLE, INTEREST, SURCHARGE
from earnest.management.acting import amount, done, operator, told
from earnest.management.base import BadUsage, DoesNotHold
from earnest.management.base import Command as Base
from earnest.rails.giving_up import Funds, funds

_WHY: Final = {TOO_OLD: "too old for its card", PASSED_ON: "paid by an earlier holder"}
_HEADS: Final = {INTEREST: "interest", SURCHARGE: "surcharge", DOUBLE: "as much again"}
_GROWS: Final = {INTEREST: "; grows until it leaves"}
_WHO: Final = {CARD: "Stripe has", ACCOUNT: "the bank's statement leaves"}


class Command(Base):
    help = (
        "Give up an offer, or some reservations of it: with --dry-run what that would come to and whether the money is "
        "there, with --why the proposal, with --confirm the second operator's word, else how far it has come."
    )
    reports = True

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("offer", help="the offer's name in addresses")
        parser.add_argument("numbers", nargs="*", metavar="NUMBER", help="only these reservations (all)")
        step = parser.add_mutually_exclusive_group()
        step.add_argument(
            "--dry-run", action="store_true", help="add it up, with what the law adds, and write nothing"
        )
        step.add_argument("--why", help="propose it; the reason, as holders will read it")
        step.add_argument("--confirm", type=int, metavar="N", help="confirm proposal N, as another operator")
        step.add_argument("--withdraw", type=int, metavar="N", help="withdraw proposal N")

    def handle(self, *args: Any, **options: Any) -> None:
        offer = reads.offer(options["offer"]).offer
        numbers = _numbers(options["numbers"])
        if options["dry_run"]:
            self._dry_run(options, offer, numbers)
        elif options["why"] is not None:
            self._acted(
                options, ProposeGiveUp(**operator(), slug=offer.slug, why=options["why"], numbers=numbers)
            )
        elif numbers:
            raise BadUsage("Numbers are named with --dry-run or --why.")
        elif options["confirm"] is not None:
            self._acted(options, ConfirmGiveUp(**operator(), slug=offer.slug, giveup=options["confirm"]))
        elif options["withdraw"] is not None:
            self._acted(options, WithdrawGiveUp(**operator(), slug=offer.slug, giveup=options["withdraw"]))
        else:
            self._standing(options, offer)

    def _acted(self, options: dict[str, Any], command: Any) -> None:
        data = done(command)
        found = reads.offer(command.slug).offer.giveups[-1]
        seq = getattr(command, "giveup", found.seq)
        status = next(each.status for each in reads.offer(command.slug).offer.giveups if each.seq == seq)
        data |= {"proposal": seq, "status": status}
        said = {
            PROPOSED: f"Proposal {seq} waits: another operator confirms it with "
            f"`./earnest giveup {command.slug} --confirm {seq}`.",
            CONFIRMED: f"Proposal {seq} is confirmed; the worker ends one reservation after the other.",
        }.get(status, f"Proposal {seq} is withdrawn.")
        self.answer(options, data, f"{told(data)}\n  {said}")

    def _dry_run(self, options: dict[str, Any], offer: Offer, numbers: tuple[str, ...]) -> None:
        found = giving_up.preview(offer.slug, numbers)
        there = funds(found)
        short = [each for each in there if each.short_minor]
        data = _preview(found) | {"funds": [_funds(each) for each in there], "enough": not short}
        self.answer(options, data, _said(found, there))
        if short:
            raise DoesNotHold("There is not enough money for it.")

    def _standing(self, options: dict[str, Any], offer: Offer) -> None:
        rows = [_row(offer, each) for each in offer.giveups]
        lines = [line for row in rows for line in _lines(row)]
        self.answer(options, {"proposals": rows}, "\n".join(lines) or "Nothing of this offer was given up.")


def _numbers(given: list[str]) -> tuple[str, ...]:
    numbers = []
    for each in given:
        number = parse(each)
        if number is None:
            raise BadUsage(f"“{each[:20]}” is no reservation's number.")
        numbers.append(number)
    return tuple(dict.fromkeys(numbers))


def _preview(found: giving_up.Preview) -> dict[str, Any]:
    return {
        "offer": found.slug,
        "reservations": found.reservations,
        "places": found.places,
        "holders": found.holders,
        "nothing_paid": found.unpaid,
        "needs_account": found.needs_account,
        "totals": [{"currency": currency, "amount_minor": minor} for currency, minor in found.totals.items()],
        "law_adds": [
            {"payments": each.payments, "amount_minor": each.amount_minor} | addition._asdict()
            for addition, each in sorted(found.added.items())
        ],
        "rates_missing": found.beyond,
        "ways": [
            way._asdict() | {"payments": each.payments, "amount_minor": each.amount_minor}
            for way, each in found.lines()
        ],
        "disputed": [
            {"currency": currency, "payments": each.payments, "amount_minor": each.amount_minor}
            for currency, each in sorted(found.disputed.items())
        ],
    }


def _funds(each: Funds) -> dict[str, Any]:
    return each._asdict() | {"short_minor": each.short_minor}


def _said(found: giving_up.Preview, there: list[Funds]) -> str:
    lines = [
        f"{found.reservations} reservations of {found.holders} holders, {found.places} places; of "
        f"{found.unpaid} nothing was paid.",
        *(f"  {amount(minor, currency)} goes back in all" for currency, minor in found.totals.items()),
    ]
    for way, each in found.lines():
        why = f", {_WHY.get(way.why, way.why)}" if way.why else ""
        lines.append(
            f"  {way.route:<8} {amount(each.amount_minor, way.currency):>18}  {each.payments} payments{why}"
        )
    lines += [
        f"  {ACCOUNT:<8} {amount(each.amount_minor, addition.currency):>18}  {_HEADS[addition.head]} by law "
        f"({addition.article}), of {each.payments} payments{_GROWS.get(addition.head, '')}"
        for addition, each in sorted(found.added.items())
    ]
    if found.beyond:
        lines.append(f"  for {found.beyond} reservations a rate is not entered yet: there the law adds more")
    if found.needs_account:
        lines.append(f"  {found.needs_account} must be asked for a bank account first")
    for currency, each in sorted(found.disputed.items()):
        lines.append(
            f"  {amount(each.amount_minor, currency)} is held back: a bank disputes {each.payments} payments"
        )
    for fund in there:
        asked = (
            ""
            if fund.provider_minor is None
            else f", {_WHO[fund.route]} {amount(fund.provider_minor, fund.currency)}"
        )
        short = f"; {amount(fund.short_minor, fund.currency)} is missing" if fund.short_minor else "; enough"
        lines.append(
            f"funds by {fund.route}: the ledger has {amount(fund.ledger_minor, fund.currency)}{asked}{short}"
        )
    return "\n".join(lines)


def _row(offer: Offer, each: GiveUp) -> dict[str, Any]:
    row: dict[str, Any] = {
        "proposal": each.seq,
        "status": each.status,
        "at": text(each.at),
        "by": each.by,
        "confirmed_by": each.confirmed_by,
        "reservations": each.reservations,
        "named": len(each.numbers),
        "totals": [{"currency": currency, "amount_minor": minor} for currency, minor in each.totals.items()],
    }
    found = giving_up.progress(offer.slug, each.seq, each.scope)
    if found is not None:
        row["progress"] = {
            "state": found.state,
            "ended": found.ended,
            "reservations": found.reservations,
            "refunds": [
                {"status": status, "currency": currency, "n": one.payments, "amount_minor": one.amount_minor}
                for (status, currency), one in sorted(found.refunds.items())
            ],
        }
    return row


def _lines(row: dict[str, Any]) -> list[str]:
    sums = ", ".join(amount(each["amount_minor"], each["currency"]) for each in row["totals"]) or "nothing"
    lines = [
        f"{row['proposal']}  {row['status']:<10} {row['at']}  {row['reservations']} reservations, {sums}"
    ]
    if "progress" in row:
        lines.append(f"    {row['progress']['ended']} of {row['progress']['reservations']} have ended")
        lines += [
            f"    {each['status']:<10} {each['n']:>6}  {amount(each['amount_minor'], each['currency']):>18}"
            for each in row["progress"]["refunds"]
        ]
    return lines
