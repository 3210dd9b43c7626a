"""The files of the law, read once into plain data and frozen values; no book has a part in it."""

from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

import yaml

from earnest.core.rights.forms import check_forms
from earnest.core.rights.law import BadLaw, Law, law_of, with_readings


class _Loader(yaml.CSafeLoader if hasattr(yaml, "CSafeLoader") else yaml.SafeLoader):  # type: ignore[misc]
    """YAML whose days stay text: what is a day, the rules say."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in each if tag != "tag:yaml.org,2002:timestamp"]
    for first, each in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def read_yaml(written: str) -> Any:
    """Plain data from YAML; days stay text. Raises ValueError with one sentence."""
    try:
        return yaml.load(written, Loader=_Loader)  # noqa: S506 - a safe loader without days
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f" in line {mark.line + 1}" if mark else ""
        raise ValueError(f"it is not YAML{where}") from None


@cache
def plain() -> Mapping[str, Any]:
    """The files of the package as plain data: `rules`, `rates`, `calendars`, `places`. Raises BadLaw."""
    found: dict[str, Any] = {"rules": [], "rates": [], "calendars": [], "places": {}}
    folder = resources.files("earnest") / "law"
    for file in sorted(folder.iterdir(), key=lambda each: each.name):
        if not file.name.endswith(".yaml"):
            continue
        try:
            data = read_yaml(file.read_text(encoding="utf-8"))
        except ValueError as error:
            raise BadLaw(f"{file.name}: {error}.") from None
        if file.name.startswith("rates-"):
            found["rates"].append(data)
        elif file.name.startswith("calendar-"):
            days = [day for year in data["holidays"].values() for day in year]
            found["calendars"].append({**data, "holidays": days})
        elif file.name == "places.yaml":
            found["places"] = data
        else:
            found["rules"] += data["rules"]
    return found


@cache
def packaged() -> Law:
    """The law of the package alone, without what operators of a book entered or its maker chose."""
    return check_forms(law_of(plain()))


@cache
def chosen(readings: tuple[tuple[str, str], ...]) -> Mapping[str, Any]:
    """The files with a maker's readings of open points. Raises BadLaw with the rest of a sentence."""
    return with_readings(plain(), dict(readings))
