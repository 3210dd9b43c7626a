"""A few hundred short lives of a book, each held against the notebook of `earnest.simulate.model`."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from django.db import IntegrityError

from earnest.book import crash, door, holdings, models, reads
from earnest.core import reservation as reservations
from earnest.core import vat
from earnest.core.commands import cancel
from earnest.core.commands.place import Place
from earnest.core.commands.slip_promise import SlipPromise
from earnest.core.offer import Window
from earnest.simulate import model
from earnest.simulate.run import Broken, Simulation
from tests.conftest import on_postgres

STEPS = 24
SEEDS = range(1000, 1060) if on_postgres() else range(1000, 1200)


@pytest.mark.parametrize("seed", SEEDS)
def test_every_invariant_holds(seed: int, db: None) -> None:
    simulation = Simulation(seed)
    simulation.begin()
    try:
        for step in range(STEPS):
            simulation.step()
            if step % 12 == 11:
                simulation.compare()
        simulation.compare(deeply=True)
    finally:
        simulation.end()


def _run(seed: int, steps: int) -> None:
    simulation = Simulation(seed)
    simulation.begin()
    try:
        for step in range(steps):
            simulation.step()
            if step % 10 == 9:
                simulation.compare(deeply=True)
    finally:
        simulation.end()


def test_it_notices_a_cent(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same run with a core that keeps a cent of each cancellation is broken."""
    honest = cancel.comes_back
    monkeypatch.setattr(
        cancel,
        "comes_back",
        lambda state, quantity: [(p, m - 1) for p, m in honest(state, quantity) if m > 1],
    )
    with pytest.raises(Broken):
        _run(7, 200)


def test_it_notices_a_document_that_keeps_a_cent(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    honest = vat.tax_in
    monkeypatch.setattr(vat, "tax_in", lambda gross, rate_bp: honest(gross, rate_bp) + (gross > 0))
    with pytest.raises(Broken, match="is invoiced"):
        _run(11, 250)


def test_it_notices_a_place_sold_twice(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("earnest.simulate.run.CAPACITY", 6)
    monkeypatch.setattr(Place, "_check_room", lambda *args: None)
    with pytest.raises((Broken, IntegrityError)):
        _run(7, 400)


def test_it_notices_a_fold_that_forgets(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """State rows are compared with what the acts fold to; here the two part."""
    simulation = Simulation(11)
    simulation.begin()
    try:
        for _ in range(60):
            simulation.step()
        monkeypatch.setitem(reservations._FOLDS, "promise.answered", reservations._unchanged)
        monkeypatch.setitem(reservations._FOLDS, "deposit.received", reservations._unchanged)
        with pytest.raises(Broken):
            simulation.check_everything()
    finally:
        simulation.end()


def test_a_crash_before_the_commit_leaves_nothing_and_after_it_everything(db: None) -> None:
    simulation = Simulation(3)
    simulation.begin()
    try:
        before = models.Act.objects.count()
        simulation.dies_at = "before-commit"
        with pytest.raises(crash.Crash):
            door.do_one(_slip())
        assert models.Act.objects.count() == before
        simulation.dies_at = "after-commit"
        with pytest.raises(crash.Crash):
            door.do_one(_slip())
        assert models.Act.objects.count() == before + 2
        assert len(reads.offer("thing").offer.slips) == 1
    finally:
        simulation.end()


def _slip() -> SlipPromise:
    window = Window(date(2022, 1, 1), date(2022, 6, 30))
    return SlipPromise(by="maker", via="cli", person="operator:a", slug="thing", window=window, why="Late.")


def test_the_notebook_stays_small_enough_to_check_by_eye() -> None:
    written = Path(model.__file__).read_text().splitlines()
    assert len(written) <= 150
    assert not any("earnest" in line for line in written if "import" in line)


def test_it_notices_a_customer_who_is_left_out_of_the_reserves(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same run with a statement that leaves one debt out is broken."""
    honest = holdings.up_to

    def less(seal: int) -> holdings.Holdings:
        found = honest(seal)
        return holdings.Holdings(found.balances, dict(list(found.owed.items())[1:]))

    monkeypatch.setattr(holdings, "up_to", less)
    with pytest.raises(Broken, match="reserves"):
        _run(8, 40)


def test_it_notices_a_refund_to_somebody_who_has_died(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same run with a core that hears of a death and forgets it is broken."""
    monkeypatch.setitem(reservations._FOLDS, "reservation.holder_died", lambda state, act: state)
    simulation = Simulation(7)
    simulation.begin()
    try:
        for way in (simulation.place, *[simulation.pay] * 6, simulation.die, *[simulation.cancel] * 3):
            way()
        simulation.compare()
        simulation.clock.advance(timedelta(hours=2))
        with pytest.raises(Broken, match="has died"):
            for _ in range(10):
                simulation.work()
                simulation.compare()
    finally:
        simulation.end()
