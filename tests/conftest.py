"""What all tests share: which database, chance that repeats, and a real Chromium.

The settings are in earnest.testing.settings; `./earnest test` starts PostgreSQL and names it in EARNEST_TEST_DSN.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest
from django.test.utils import setup_databases, teardown_databases
from playwright.sync_api import Browser, Page, sync_playwright
from pytest_django import DjangoDbBlocker

from earnest.testing import chromium
from tests.mutants import MUTANTS
from tests.without import Mutant, without

TESTS = Path(__file__).parent
PURE = tuple(TESTS / name for name in ("core", "record", "vectors"))

hypothesis.settings.register_profile("ci", derandomize=True, deadline=None, database=None, print_blob=True)
#: For what plays at random: `--hypothesis-profile=long` takes minutes, and is another game each time.
hypothesis.settings.register_profile(
    "long", parent=hypothesis.settings.get_profile("ci"), max_examples=60, derandomize=False
)
hypothesis.settings.load_profile("ci")


def on_postgres() -> bool:
    return "EARNEST_TEST_DSN" in os.environ


def pytest_report_header() -> str:
    return "database: " + ("PostgreSQL" if on_postgres() else "SQLite")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What no database can change, and the browser, run once: on SQLite.

    The browser comes last: while its driver runs, an event loop does, and Django refuses the database beside one.
    """
    items[:] = [item for item in items if (out := _out(item)) is None or out.only in item.name]
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)
    if not on_postgres():
        return
    once = [item for item in items if _runs_once(item)]
    config.hook.pytest_deselected(items=once)
    items[:] = [item for item in items if item not in once]


def _runs_once(item: pytest.Item) -> bool:
    marked = item.get_closest_marker("browser") or item.get_closest_marker("once")
    return bool(marked) or any(item.path.is_relative_to(folder) for folder in PURE)


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The migrated database, also where all the tests chosen work on copies of it.

    pytest-django's own makes it only if a chosen test is marked `django_db`.
    """
    with django_db_blocker.unblock():
        databases = setup_databases(verbosity=0, interactive=False)
    yield
    with django_db_blocker.unblock():
        teardown_databases(databases, verbosity=0)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One headless Chromium for the run."""
    found = chromium.find()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=str(found.executable),
            args=list(found.flags),
            env={**os.environ, **found.env},
        )
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A fresh window, 1280 px wide, that knows nothing of the others; a script error in a page fails the test."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en-GB")
    context.set_default_timeout(10_000)
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    context.close()
    assert errors == []


# --- tests that must fail where a guard is out: see tests/mutants.py


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Each test that a guard is named for is there once more for each of them."""
    path = Path(str(metafunc.definition.path)).relative_to(TESTS).as_posix()
    out = [each for each in MUTANTS if f"{path}::{metafunc.function.__name__}" in each.tests]
    if out:
        metafunc.fixturenames.append("mutant")
        named = [pytest.param(each, id=f"without: {each.name}") for each in out]
        metafunc.parametrize("mutant", [pytest.param(None, id="whole"), *named], indirect=True)


def _out(item: pytest.Item) -> Mutant | None:
    """The guard that is out while this runs, if any."""
    spec = getattr(item, "callspec", None)
    return spec.params.get("mutant") if spec else None


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Iterator[None]:
    """With a guard out, the test must fail: by what it finds, and not because the guard was not found."""
    out = _out(pyfuncitem)
    if out is None:
        return (yield)  # type: ignore[no-any-return]
    with without(out):
        try:
            yield
        except (Exception, pytest.fail.Exception):
            return True  # type: ignore[return-value]
    pytest.fail(f"it passes although this is out: {out.name}")
