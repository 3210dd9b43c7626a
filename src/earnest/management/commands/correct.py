"""`./earnest correct NUMBER`: a transfer was booked to the wrong reservation, or with the wrong amount."""

from typing import Any

from django.core.management.base import CommandParser

from earnest.book import reads
from earnest.core.commands.correct_deposit import ConfirmCorrection, ProposeCorrection, WithdrawCorrection
from earnest.core.money import parse_amount
from earnest.core.refusals import Missing
from earnest.core.reservation import Payment, Reservation
from earnest.management.acting import amount, done, operator, told
from earnest.management.base import BadUsage
from earnest.management.base import Command as Base


class Command(Base):
    help = (
        "Take a deposit back that was booked wrongly, with the reason, and book it as it should have been; a second "
        "operator confirms a large one. Without an option: what waits to be confirmed."
    )
    reports = True

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("number", help="the reservation that it was booked to")
        parser.add_argument("--reference", help="the bank's reference of the wrong deposit")
        parser.add_argument(
            "--amount", help="what came in truth; 0 where nothing came (default: as it was booked)"
        )
        parser.add_argument(
            "--to", metavar="NUMBER", help="the reservation that it is of (default: this one)"
        )
        parser.add_argument("--why", help="the reason, as the holder will read it")
        parser.add_argument(
            "--confirm", type=int, metavar="N", help="confirm correction N, as another operator"
        )
        parser.add_argument("--withdraw", type=int, metavar="N", help="withdraw correction N")

    def handle(self, *args: Any, **options: Any) -> None:
        state = reads.reservation(options["number"])
        if options["confirm"] is not None:
            found = state.correction(options["confirm"])
            if found is None:
                raise Missing("no-correction", "There is no such correction.")
            self._acted(
                options,
                ConfirmCorrection(
                    **operator(), number=state.number, proposal=found.seq, payment=found.payment
                ),
            )
        elif options["withdraw"] is not None:
            command = WithdrawCorrection(**operator(), number=state.number, proposal=options["withdraw"])
            self._acted(options, command)
        elif options["reference"] is not None:
            self._acted(options, _proposal(state, options))
        elif any(options[name] is not None for name in ("amount", "to", "why")):
            raise BadUsage("Name the wrong deposit by its --reference.")
        else:
            self._standing(options, state)

    def _acted(self, options: dict[str, Any], command: Any) -> None:
        data = done(command)
        waits = [each for each in reads.reservation(command.number).corrections if each.status == "proposed"]
        data["waits"] = [each.seq for each in waits]
        lines = [
            f"  Correction {each.seq} waits: another operator confirms it with "
            f"`./earnest correct {command.number} --confirm {each.seq}`."
            for each in waits
        ]
        self.answer(options, data, "\n".join([told(data), *lines]))

    def _standing(self, options: dict[str, Any], state: Reservation) -> None:
        rows = [
            {
                "correction": each.seq,
                "status": each.status,
                "payment": each.payment,
                "right_minor": each.right_minor,
                "to": each.to,
                "by": each.by,
            }
            for each in state.corrections
        ]
        lines = [
            f"{each.seq}  {each.status:<10} {amount(each.right_minor, state.currency):>16}  {each.to or 'here'}"
            for each in state.corrections
        ]
        self.answer(
            options, {"corrections": rows}, "\n".join(lines) or "No deposit of it was to be corrected."
        )


def _proposal(state: Reservation, options: dict[str, Any]) -> ProposeCorrection:
    payment = _payment(state, options["reference"])
    right = payment.amount_minor
    if options["amount"] is not None:
        nothing = options["amount"].strip() == "0"
        right = 0 if nothing else parse_amount(options["amount"], payment.currency)
    return ProposeCorrection(
        **operator(),
        number=state.number,
        payment=payment.seq,
        right_minor=right,
        why=options["why"] or "",
        to=reads.reservation(options["to"]).number if options["to"] else "",
    )


def _payment(state: Reservation, reference: str) -> Payment:
    found = state.paid_by("transfer", reference.strip())
    if found is None:
        raise Missing("no-payment", "There is no such payment on this reservation.")
    return found
