"""The exposure of a large offer is worked out by the worker and kept, and says as of when it is."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest

from earnest.book import clock, door, duties, exposing, models, reach
from earnest.core.commands.slip_promise import SlipPromise
from earnest.core.offer import Window
from earnest.core.refusals import Missing
from tests import scene
from tests.faces.console_desk import logged_in
from tests.scene import MAKER, cancel, pay, place, work

PAGE = "/console/offers/boat/exposure/"


@pytest.fixture(autouse=True)
def book(db: None) -> Iterator[clock.ManualClock]:
    yield scene.begin()
    scene.finish()


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """An offer of two, where one is already large."""
    monkeypatch.setattr(exposing, "AT_ONCE", 1)
    found = [place(name=name, residence=country) for name, country in (("Ada A", "FR"), ("Bo B", "US"))]
    for number in found:
        pay(number)
    late = Window(date(2028, 1, 1), date(2028, 12, 31))
    door.do_one(SlipPromise(**MAKER, slug="boat", window=late, why="Late."))
    work()
    return found


def shown(found: list[reach.Reach]) -> list[object]:
    """All that a page shows: of a ground its rule, article and mark."""
    return [
        {
            **vars(each),
            "rights": {k: (why.rule, why.citation, why.mark, n) for k, (why, n) in each.rights.items()},
        }
        for each in found
    ]


def test_a_small_one_is_as_it_stands_now() -> None:
    pay(place())
    found = exposing.of("boat")
    assert (
        not found.is_kept
        and found.at == clock.now()
        and shown(found.reaches) == shown(reach.exposure("boat"))
    )
    with pytest.raises(Missing):
        exposing.of("ghost")


def test_a_large_one_is_kept_as_of_its_instant_until_it_is_made_anew(
    large: list[str], book: clock.ManualClock
) -> None:
    assert exposing.of("boat") == exposing.Exposure(None, [], is_kept=True)
    exposing.ask("boat")
    exposing.ask("boat")
    assert models.Duty.objects.filter(kind="exposure").count() == 1 and exposing.of("boat").asked
    work()
    first, at = exposing.of("boat"), book.now()
    assert first.at == at and not first.asked and shown(first.reaches) == shown(reach.exposure("boat"))
    assert any(each.silent for each in first.reaches)
    book.advance(timedelta(hours=1))
    cancel(large[0])
    assert exposing._living("boat") == 1
    place(name="Cy C")
    assert exposing.of("boat") == first
    exposing.ask("boat")
    work()
    again = exposing.of("boat")
    assert again.at == book.now() and shown(again.reaches) == shown(reach.exposure("boat"))
    assert shown(again.reaches) != shown(first.reaches)


def test_every_night_what_is_large_is_made_anew(large: list[str], book: clock.ManualClock) -> None:
    exposing.arm()
    exposing.arm()
    assert models.Duty.objects.filter(kind="exposures").count() == 1
    book.advance(timedelta(days=1))
    duties.run_due(book.now(), "night")
    work()
    assert exposing.of("boat").at == book.now()
    assert models.Duty.objects.filter(kind="exposures", state="waiting").count() == 1


def test_the_page_never_works_out_a_large_one(large: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(reach, "exposure", None)
        ana = logged_in()
        assert "Not worked out yet." in ana.get(PAGE).content.decode()
        assert ana.post(f"{PAGE}anew/").status_code == 302
        assert "It is being worked out" in ana.get(PAGE).content.decode()
    work()
    page = ana.get(PAGE).content.decode()
    assert "As of 2 March 2026" in page and "United States" in page and "Work it out now" in page
    assert "État au 2 mars 2026" in logged_in(language="fr").get(PAGE).content.decode()
    assert ana.post("/console/offers/ghost/exposure/anew/").status_code == 404


def test_days_and_what_the_law_adds_are_kept_too() -> None:
    made = reach.Reach("FR", consumer=False, added={"EUR": 12}, deadlines={date(2028, 1, 1): 2}, incomplete=1)
    assert exposing._read(exposing._written(made)) == made
