"""`./earnest bench money`: what the ledger, the door and a storm of refunds do in a second, and a large trial balance.

The ledger layer is `book.posting.post`: balanced entries with all constraints and guards, without acts. Beside it,
in the same run, pgbench writes the same rows from a program in C, and the door writes them with acts and chain.
"""

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import django

from earnest.bench import importing, posting_client
from earnest.bench.command import Options
from earnest.bench.figures import AT_LEAST, Figure
from earnest.bench.record import Run

Say = Callable[[str], None]
CLIENTS: Final = 8
BATCH: Final = 100
#: Transfers a second on PostgreSQL, one at a time from eight clients and a hundred at once.
SINGLE, BATCHED = 3_600, 20_000
#: Twenty times the fastest peer that was measured cancelling with a full refund: 52 a second.
STORM: Final = 20 * 52
CANCELLED: Final = 2_000
#: Entries of a bank's statement for a full run, and the seconds and megabytes that taking them in may take.
STATEMENT: Final = 100_000
IMPORT_SECONDS, IMPORT_MEGABYTES = 60, 500
#: Seconds of a trial balance over so many entries for each subject asked for.
TRIAL_SECONDS: Final = 1.0
ENTRIES_EACH: Final = 10
DEPOSIT: Final = 100_000


def measure(options: Options, say: Say) -> tuple[list[Figure], dict[str, bool]]:
    """All figures of the money, and whether every cent is where it should be."""
    django.setup()
    from django.core.management import call_command

    say("the tables")
    call_command("migrate", verbosity=0)
    full = options.subjects >= 100_000
    run = Money(options.subjects, say, CANCELLED if full else 100, 5.0 if full else 0.5)
    with run.opened():
        run.customers()
        door = run.door()
        found = [*run.storm(), *run.layer(), *door]
        found += run.statement(options.folder, STATEMENT if full else 200)
        found.append(run.trial())
    return found, run.checks


class Money(Run):
    """One book, its customers, and what is posted to their accounts. `seconds` a measurement of the layer lasts."""

    def __init__(self, subjects: int, say: Say, people: int, seconds: float) -> None:
        super().__init__(subjects, say)
        self.many, self.seconds = people, seconds
        self.numbers: list[str] = []
        self.before = 0

    def customers(self) -> None:
        """Reservations, each with a deposit asked for; the figures of the door come from paying them."""
        from earnest.book import ids

        self.say("reservations")
        self.before = self._owed()
        self.numbers = [ids.number() for _ in range(self.many)]
        self._do([self._place(number) for number in self.numbers])

    def door(self) -> list[Figure]:
        """A deposit with its act, chain, entry, balance, state, duties and receipt, a hundred in a commit."""
        from earnest.core.commands.receive_deposit import Paid, ReceiveDeposit

        self.say("deposits at the door")
        now = self.clock.now()
        paid = [
            ReceiveDeposit(
                by="provider",
                via="stripe",
                number=number,
                paid=Paid("card", DEPOSIT, "EUR", f"card/{number}", now),
            )
            for number in self.numbers
        ]
        rates = self._do(paid)
        return [
            Figure(
                "door", "deposits through the door, with acts and chain, 100 in a commit", "a second", rates
            )
        ]

    def storm(self) -> list[Figure]:
        """Everybody cancels: cancellation and debt, then each refund asked for and said to have left."""
        from earnest.core.commands.cancel import Cancel
        from earnest.core.commands.refund import RequestRefund
        from earnest.core.commands.report_refund import ReportRefund

        self.say("everybody cancels")
        now = self.clock.now()
        holder: dict[str, Any] = {"by": "customer", "via": "portal", "person": "holder:0"}
        ana: dict[str, Any] = {"by": "maker", "via": "console", "person": "operator:ana"}
        ben: dict[str, Any] = ana | {"person": "operator:ben"}
        began = time.perf_counter()
        cancelled = self._do([Cancel(**holder, number=number) for number in self.numbers])
        owed = time.perf_counter() - began
        self._do([RequestRefund(**ana, number=number, refund=1) for number in self.numbers])
        left: list[Any] = [
            ReportRefund(
                **ben,
                number=number,
                refund=1,
                attempt=1,
                outcome="sent",
                reference=f"r/{number}",
                happened_at=now,
            )
            for number in self.numbers
        ]
        self._do(left)
        whole = time.perf_counter() - began
        self.checks["after the storm nothing is owed to anybody of them"] = self._owed() == self.before
        what = f"{len(self.numbers):,} cancellations, each with its refund owed, 100 in a commit"
        beside = {
            "cancelled, owed, asked for and left": len(self.numbers) / whole,
            "in the slowest hundred": min(cancelled),
            "the fastest peer measured": STORM / 20,
        }
        rate = len(self.numbers) / owed
        return [Figure("storm", what, "a second", (rate,), STORM, AT_LEAST, beside)]

    def layer(self) -> list[Figure]:
        """Transfers through the ledger's writer alone; on SQLite, which has one writer, from one client."""
        from django.db import connection

        postgres = connection.vendor == "postgresql"
        clients = CLIENTS if postgres else 1
        acts = self._rows(
            "SELECT a.id, a.subject_id FROM act a JOIN subject s ON s.key = a.subject_id "
            "WHERE s.kind = 'reservation' AND a.seq = 0 ORDER BY a.id"
        )
        before = self._owed()
        figures, posted = [], 0
        for name, batch, target in (("single", 1, SINGLE), ("batched", BATCH, BATCHED)):
            self.say(f"transfers, {batch} in a commit")
            counts = posting_client.race(acts, clients, batch, self.seconds)
            posted += sum(counts)
            beside = {}
            if postgres and batch == 1:
                beside["pgbench, the same two rows in a commit"] = posting_client.pgbench(
                    acts, clients, self.seconds
                )
            what = f"transfers by the ledger's writer, {batch} in a commit, {clients} client{'s' * (clients > 1)}"
            rate = sum(counts) / self.seconds
            figures.append(
                Figure(name, what, "a second", (rate,), target if postgres else None, AT_LEAST, beside)
            )
        written = self._owed() - before
        others = self._rows("SELECT COUNT(*) FROM entry WHERE n >= %s", posting_client.PGBENCH_FROM)[0][0]
        self.checks["each transfer that was answered is on a customer's balance"] = written == posted + others
        return figures

    def statement(self, folder: Path, entries: int) -> list[Figure]:
        """A bank's statement, half of whose entries pay a reservation, taken in by a process of its own."""
        from earnest.book import ids

        self.say(f"reservations that a statement pays: {entries // 2:,}")
        before = self._owed()
        numbers = [ids.number() for _ in range(entries // 2)]
        self._do([self._place(number) for number in numbers])
        file = folder / "statement.xml"
        importing.write(file, numbers, DEPOSIT)
        self.say(f"a statement with {entries:,} entries")
        found = importing.taken_in(file)
        size = file.stat().st_size / 1e6
        file.unlink()
        paid = self._owed() - before
        self.checks["each reservation that the statement names is paid, once"] = (
            paid == len(numbers) * DEPOSIT
        )
        came = {row["outcome"]: row["entries"] for row in found["said"]["totals"]}
        self.checks["each entry of the statement is booked"] = came == dict.fromkeys(
            ("received", "unmatched"), len(numbers)
        )
        what = f"a camt.053 with {entries:,} entries taken in, every second one a deposit"
        beside = {"its megabytes": size, "entries a second": entries / found["seconds"]}
        return [
            Figure("import", what, "s", (found["seconds"],), IMPORT_SECONDS, beside=beside),
            Figure("import_memory", "the memory of that", "MB", (found["peak"],), IMPORT_MEGABYTES),
        ]

    def trial(self) -> Figure:
        """A trial balance over so many entries, most of them in slices that were closed and added up."""
        from earnest.book import ledger, slices

        entries = self.subjects * ENTRIES_EACH
        self.say(f"filling: {entries:,} entries")
        posting_client.fill(entries)
        self.say("adding up what is closed")
        began = time.perf_counter()
        while slices.close(self.clock.now()):
            pass
        closing = time.perf_counter() - began
        times = []
        for _ in range(5):
            began = time.perf_counter()
            lines = ledger.trial()
            times.append(time.perf_counter() - began)
        debit, credit = (
            sum(getattr(line, side) for line in lines) for side in ("debit_minor", "credit_minor")
        )
        counted, total = self._rows("SELECT COUNT(*), SUM(amount_minor) FROM entry")[0]
        self.checks["the trial balance has every entry once on either side"] = debit == credit == int(total)
        beside = {"closing and adding up the slices, once, s": closing}
        what = f"a trial balance over {counted:,} entries"
        return Figure("trial", what, "s", tuple(times), TRIAL_SECONDS, beside=beside)

    def _do(self, commands: Sequence[Any]) -> tuple[float, ...]:
        """Commands a second, for each hundred of them. Raises what one is refused with."""
        from earnest.book import door

        rates = []
        for start in range(0, len(commands), BATCH):
            some = [door.Request(each) for each in commands[start : start + BATCH]]
            began = time.perf_counter()
            outcomes = door.do(some)
            rates.append(len(some) / (time.perf_counter() - began))
            for each in outcomes:
                if not isinstance(each, door.Done):
                    raise RuntimeError(f"not done: {each}")
        return tuple(rates)

    def _owed(self) -> int:
        """What stands on all accounts of customers."""
        return int(self._rows("SELECT COALESCE(SUM(amount_minor), 0) FROM balance")[0][0])

    def _rows(self, statement: str, *given: Any) -> list[tuple[Any, ...]]:
        from earnest.book import sql

        return sql.rows(statement, *given)
