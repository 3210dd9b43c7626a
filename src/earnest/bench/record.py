"""`./earnest bench record`: what the record costs when a book is large.

The book is filled to a hundredth, a tenth and all of the subjects asked for. At each size commands go through the
door and are timed, and the sealer takes a thousand changed subjects into the log; at the end a story of ten acts is
built and verified, an auditor replays the whole log, and every root is held against the map made from nothing.
"""

import gc
import math
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

import django

from earnest.bench import worst
from earnest.bench.command import Options
from earnest.bench.figures import AT_LEAST, Figure

Say = Callable[[str], None]
START: Final = datetime(2026, 3, 2, 9, tzinfo=UTC)
ORIGIN: Final = "bench.example"
#: What the figures are held against: seconds, milliseconds, leaves a second, percent for ten times as many acts.
SEAL_SECONDS: Final = 0.25
STORY_MS: Final = 5
REPLAYED: Final = 30_000
#: A search tree is a little deeper when it holds ten times as much; what grows with the book would cost 900 % more.
GROWTH: Final = 10
CHANGED: Final = 1_000
SEALS: Final = 5
STORY_ACTS: Final = 10
AT_ONCE: Final = 4096


def measure(options: Options, say: Say) -> tuple[list[Figure], dict[str, bool]]:
    """All figures of the record, and what was held against a slower way of finding it."""
    share = 1.0 if options.subjects >= 100_000 else 0.02
    # First, while this process is small: a child's peak of memory begins with its parent's.
    figures, checks = worst.measure(options.folder, share, say)
    django.setup()
    from django.core.management import call_command

    say("the tables")
    call_command("migrate", verbosity=0)
    run = Run(options.subjects, say)
    with run.opened():
        run.grow()
        found = [*run.seals(), *run.costs(), *run.stories(), *run.replays()]
    return found + figures, run.checks | checks


class Run:
    """One book from its opening to its audit. What belongs to it is imported late: Django must be set up before."""

    def __init__(self, subjects: int, say: Say) -> None:
        self.subjects, self.say = subjects, say
        self.rounds = 200 if subjects >= 100_000 else 20
        self.checks: dict[str, bool] = {}
        #: By the number of subjects, or of acts: seconds of a seal, microseconds of an act alone and among others.
        self.sealed: dict[int, list[float]] = {}
        self.alone: dict[int, list[float]] = {}
        self.together: dict[int, list[float]] = {}
        #: Of the last seals, how long this process was at work: what is missing waited, for the disk or for a core.
        self.busy: list[float] = []
        self.people = 0

    @contextmanager
    def opened(self) -> Iterator[None]:
        """The book, its offer, the reservation that is copied and the one whose story is told."""
        from earnest.book import beginning, clock, door, ids, keys, mode
        from earnest.core.commands.open_offer import OpenOffer, Terms
        from earnest.core.offer import Instalment, Sale, Text, Variant, Window

        self.clock = clock.ManualClock(START)
        clock.use(self.clock)
        ids.use(ids.SeededIds("bench"))
        keys.use(keys.from_seed(ORIGIN, "bench"))
        terms = Terms(
            "EUR",
            (Variant("one", "One", 1_000_000),),
            (Instalment(1, 100_000, "card", 0), Instalment(2, 900_000, "transfer", 60)),
            10_000_000,
            Window(date(2027, 1, 1), date(2027, 6, 30)),
            Sale("distance", "deposit", False, 2000),
            {"en": Text("A thing", "To wait for.", "Terms.")},
        )
        try:
            beginning.begin(ORIGIN, "test", "Benchmark")
            door.do_one(OpenOffer(by="maker", via="cli", person="operator:a", slug="thing", terms=terms))
            self.told = self._tell()
            yield
        finally:
            for each in (clock, ids, keys):
                each.use(None)
            mode.forget()

    def grow(self) -> None:
        """Fill the book in three steps and measure at each."""
        from earnest.bench.filling import Filling

        number, _ = self._reserve()
        self._pay(number)
        self.filling = Filling("thing", number)
        for share in (100, 10, 1):
            wanted = self.subjects // share
            self._seal()
            have = self._count("subject")
            if wanted > have:
                self.say(f"filling: {wanted:,} subjects")
                self.filling.fill(wanted - have, self.clock.now())
            # The process of a sealer or of the door holds nothing of this; its garbage collector walks through it.
            gc.collect()
            gc.freeze()
            self._door()
            self._seal()
            self._seals()

    def seals(self) -> list[Figure]:
        """A seal over a thousand changed subjects, beside the same in smaller books and the map made anew."""
        from earnest.book import log, sealing, sql
        from earnest.record import submap

        self.say("the map from nothing")
        pairs = [
            (bytes(key), count, bytes(head))
            for key, count, head in sql.rows(
                "SELECT key, sealed_n, sealed_head FROM subject WHERE sealed_n > 0"
            )
        ]
        began = time.perf_counter()
        root = submap.root(pairs)
        anew = time.perf_counter() - began
        point = log.latest()
        assert point is not None
        self.checks["the newest seal has the map's root, made from all subjects"] = root == point.map_root
        began = time.perf_counter()
        self.checks["nothing waits for the log after a seal"] = sealing.waiting() == (0, None)
        asked = time.perf_counter() - began
        *smaller, (largest, measured) = self.sealed.items()
        beside = {WORKED.format("s"): statistics.median(self.busy)}
        beside |= {f"among {size:,} subjects, s": statistics.median(times) for size, times in smaller}
        beside |= {
            "the map's root made anew from all subjects, s": anew,
            "asking whether anything waits, s": asked,
        }
        what = f"a seal over {self._changed():,} changed of {largest:,} subjects"
        return [Figure("seal", what, "s", tuple(measured), SEAL_SECONDS, beside=beside)]

    def costs(self) -> list[Figure]:
        """What an act costs at the door, and how much more of it where there are ten times as many."""
        return [
            slope("act_alone", "an act, each command in a commit of its own", self.alone),
            slope("act_together", "an act, a hundred commands in a commit", self.together),
        ]

    def stories(self) -> list[Figure]:
        """The story of ten acts, with the stories of its offer and of the book's keys, as `./earnest story` has it."""
        from earnest.book import export, keys
        from earnest.record.verify import verify_story

        self.say("a story")
        key, now = keys.current().log_signer.vkey, self.clock.now()
        built: list[tuple[float, float]] = []
        verified: list[tuple[float, float]] = []
        for _ in range(self.rounds):
            began = _now()
            story = export.story(self.told)
            between = _now()
            report = verify_story(story, now, key=key)
            end = _now()
            built.append(((between[0] - began[0]) * 1000, (between[1] - began[1]) * 1000))
            verified.append(((end[0] - between[0]) * 1000, (end[1] - between[1]) * 1000))
        self.checks[f"the story of {STORY_ACTS} acts holds"] = report.ok and report.sealed == STORY_ACTS
        size = {
            "its kilobytes": len(story) / 1000,
            "seals that took its acts": len({bounds.not_after for bounds in report.bounds}),
        }
        return [_story("built", built, size), _story("verified", verified, {})]

    def replays(self) -> list[Figure]:
        """An auditor's replay of the whole log; the last seals apart, which change a thousand subjects each."""
        from earnest.book import log, models
        from earnest.record import checkpoint, merkle
        from earnest.record.replay import Frontier, Replay

        points = log.points(range(models.LogSeal.objects.count()))
        anchors = {
            no: checkpoint.anchor_of(points[no - 1].note, points[no - 1].stamps) for no in points if no
        }
        replay, tree = Replay(lambda no: anchors.get(no, checkpoint.NO_ANCHOR)), Frontier()
        replayed = hashed = 0.0
        rates: list[float] = []
        working: list[float] = []
        for no, point in sorted(points.items()):
            seconds, worked, start = 0.0, 0.0, replay.tree.size
            while replay.tree.size < point.size:
                self.say(f"replaying: {replay.tree.size:,} leaves")
                leaves = log.leaves(replay.tree.size, min(replay.tree.size + AT_ONCE, point.size))
                began = _now()
                replay.feed(leaves)
                between = _now()
                for leaf in leaves:
                    tree.append(merkle.leaf_hash(leaf))
                hashed += time.perf_counter() - between[0]
                seconds += between[0] - began[0]
                worked += between[1] - began[1]
            replay.check_root(point.size, checkpoint.parse_checkpoint(point.body).root)
            replayed += seconds
            if no >= len(points) - SEALS:
                rates.append((point.size - start) / seconds)
                working.append((point.size - start) / worked)
        size = replay.tree.size
        self.checks["an auditor can replay the whole log"] = (
            replay.map.root() == points[len(points) - 1].map_root
        )
        beside = {"if it only hashed the leaves": size / hashed}
        at_work = {"if all of the time this process had been at work": statistics.median(working)}
        apart = f"its last seals, {self._changed():,} of {self._count('subject'):,} subjects changed in each"
        whole = f"an auditor replays {size:,} leaves"
        return [
            Figure("replay", whole, "leaves/s", (size / replayed,), REPLAYED, AT_LEAST, beside),
            Figure("replay_last", apart, "leaves/s", tuple(rates), REPLAYED, AT_LEAST, at_work),
        ]

    # --- what is done to the book

    def _reserve(self) -> tuple[str, Any]:
        from earnest.book import door, ids

        number = ids.number()
        return number, door.do_one(self._place(number))

    def _place(self, number: str) -> Any:
        from earnest.core.commands.place import Place

        self.people += 1
        return Place(
            by="customer", via="portal", person="holder:0", number=number, slug="thing", variant="one", quantity=1,
            name="Ada Moreau", email=f"ada{self.people}@example.org", residence="FR", language="en",
        )  # fmt: skip

    def _pay(self, number: str) -> Any:
        from earnest.book import door
        from earnest.core.commands.receive_deposit import Paid, ReceiveDeposit

        paid = Paid("card", 100_000, "EUR", f"card/{number}", self.clock.now())
        return door.do_one(ReceiveDeposit(by="provider", via="stripe", number=number, paid=paid))

    def _tell(self) -> str:
        """A reservation of ten acts, which were sealed as they came."""
        from earnest.book import door, reads
        from earnest.core.commands.give_account import ConfirmAccount, GiveAccount

        number, _ = self._reserve()
        self._seal()
        self._pay(number)
        self._seal()
        holder: dict[str, Any] = {"by": "customer", "via": "portal", "person": "holder:0", "number": number}
        while len(list(reads.acts("reservation", number))) < STORY_ACTS:
            accounts = reads.reservation(number).accounts
            if accounts and accounts[-1].confirmed_at is None:
                door.do_one(ConfirmAccount(**holder, account=accounts[-1].n))
                self._seal()
            else:
                iban = IBANS[len(accounts) % 2]
                door.do_one(GiveAccount(**holder, holder="Ada Moreau", iban=iban))
        return number

    def _seal(self) -> float:
        """Seal what waits; seconds."""
        from earnest.book import sealing

        self.clock.advance(timedelta(minutes=1))
        began, worked = time.perf_counter(), time.process_time()
        sealing.seal(sealing.acquire("bench", self.clock.now()), self.clock.now())
        self.busy = [*self.busy[1 - SEALS :], time.process_time() - worked]
        return time.perf_counter() - began

    def _seals(self) -> None:
        """A thousand subjects change, from one end of the map to the other, and are sealed; several times."""
        chains, size = len(self.filling.chains), self._count("subject")
        times = self.sealed.setdefault(size, [])
        for n in range(SEALS):
            self.say(f"sealing among {size:,} subjects")
            changed = min(self._changed(), chains)
            self.filling.move([(place * chains // changed + n) % chains for place in range(changed)])
            times.append(self._seal())

    def _door(self) -> None:
        """Reservations and their deposits one at a time, then a hundred reservations in a commit."""
        from earnest.book import door, ids

        acts = self._count("act")
        alone, together = self.alone.setdefault(acts, []), self.together.setdefault(acts, [])
        self.say(f"at the door behind {acts:,} acts")
        for _ in range(self.rounds):
            began = time.perf_counter()
            number, placed = self._reserve()
            paid = self._pay(number)
            alone.append((time.perf_counter() - began) * 1e6 / (len(placed.acts) + len(paid.acts)))
        for _ in range(max(2, self.rounds // 10)):
            requests = [door.Request(self._place(ids.number())) for _ in range(100)]
            began = time.perf_counter()
            outcomes = door.do(requests)
            seconds = time.perf_counter() - began
            together.append(
                seconds * 1e6 / sum(len(each.acts) for each in outcomes if isinstance(each, door.Done))
            )

    def _changed(self) -> int:
        return min(CHANGED, len(self.filling.chains))

    def _count(self, table: str) -> int:
        from earnest.book import sql

        row = sql.one(f"SELECT COUNT(*) FROM {table}")  # noqa: S608
        return int(row[0]) if row else 0


#: Two accounts of the banks' own examples, so that one may follow the other.
IBANS: Final = ("FR1420041010050500013M02606", "DE89370400440532013000")


WORKED: Final = "of it this process was at work, {}"


def _now() -> tuple[float, float]:
    """(time that goes by, time at work), in seconds."""
    return time.perf_counter(), time.process_time()


def _story(done: str, measured: Sequence[tuple[float, float]], beside: dict[str, float]) -> Figure:
    what, (passed, worked) = f"a story of {STORY_ACTS} acts {done}", zip(*measured, strict=True)
    named = {WORKED.format("ms"): statistics.median(worked), **beside}
    return Figure(f"story_{done}", what, "ms", tuple(passed), STORY_MS, beside=named)


def slope(name: str, what: str, measured: dict[int, list[float]]) -> Figure:
    """How many percent an act costs more for ten times as many acts: the line of least squares through the medians
    (microseconds) over the logarithm of the number of acts, beside what it costs at the first of them."""
    medians = {count: statistics.median(times) for count, times in measured.items()}
    line = statistics.linear_regression([math.log10(count) for count in medians], list(medians.values()))
    percent = line.slope / next(iter(medians.values())) * 100
    beside = {f"behind {count:,} acts, µs": cost for count, cost in medians.items()}
    beside["more for each act that is there already, µs"] = _per_act(medians)
    return Figure(name, f"{what}: more of it for 10 times as many", "%", (percent,), GROWTH, beside=beside)


def _per_act(medians: dict[int, float]) -> float:
    counts: Sequence[int] = list(medians)
    return (medians[counts[-1]] - medians[counts[0]]) / (counts[-1] - counts[0])
