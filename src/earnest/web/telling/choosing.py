"""Which values of a story are shown: what there is to choose, and how the acts read after a choice."""

import json
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from django.http import Http404, HttpResponse, QueryDict
from django.utils.translation import get_language

from earnest.book import export
from earnest.core.acts import CLASSES
from earnest.core.refusals import Invalid
from earnest.record import chain
from earnest.web.telling import fields
from earnest.web.telling.forms import TYPES, written
from earnest.web.telling.narrative import narrative

#: Of the class of sums and terms, what names people or leads to them.
NAMING: Final = frozenset({"person", "reference", "note", "message_id", "evidence"})

Keep = str | Set[str]


@dataclass(frozen=True)
class FieldChoice:
    """A name that some act of the story has, in words, in how many acts, and whether it is chosen."""

    name: str
    words: str
    acts: int
    is_chosen: bool


@dataclass(frozen=True)
class ClassChoice:
    """A class of data: all of it, or its fields one by one."""

    name: str
    title: str
    says: str
    is_chosen: bool
    fields: tuple[FieldChoice, ...]

    @property
    def count(self) -> int:
        """How many of its fields are chosen."""
        return sum(each.is_chosen for each in self.fields)


def asked(given: QueryDict, default: str) -> Keep:
    """What an address asks for, written as `--open` writes it or as boxes of a form. Raises Invalid.

    A form sends `none` too, so that no box at all means nothing, and not everything.
    """
    if "open" not in given:
        return export.kept_from(default)
    names = [each.strip() for each in ",".join(given.getlist("open")).split(",")]
    others = [each for each in names if each != "none"]
    return export.kept_from(",".join(others) if others else "none")


def as_word(keep: Keep) -> str:
    """As `--open` writes it."""
    return keep if isinstance(keep, str) else ",".join(sorted(keep))


def offered(story: bytes, keep: Keep) -> list[ClassChoice]:
    """What can be chosen of a whole story, class by class; what was erased is not there to be chosen."""
    found: dict[str, dict[str, int]] = {cls: {} for cls in CLASSES}
    for kind, version, name in _opened(json.loads(story)):
        if name not in export.PUBLIC and (cls := export.class_of(kind, version, name)):
            found[cls][name] = found[cls].get(name, 0) + 1
    return [_class(cls, found[cls], keep) for cls in fields.CLASSES if found[cls]]


def without_names(story: bytes) -> str:
    """The choice that tells what happened and names nobody, as `--open` writes it.

    A name opens in every act: one that is a code here and free words there (`why`) stays shut.
    """
    money: set[str] = set()
    others: set[str] = set()
    for kind, version, name in _opened(json.loads(story)):
        (money if export.class_of(kind, version, name) == "money" else others).add(name)
    return ",".join(sorted(money - others - NAMING - export.PUBLIC)) or "none"


def context(
    number: str, given: QueryDict, refusal: Invalid | None = None, holder: int | None = None
) -> dict[str, Any]:
    """What a page of choices shows: the choices, and the acts as they will read. Raises Missing, Invalid.

    With a refusal the choices stand as at first, and nothing is previewed. `holder`: for whose eyes, None the maker's.
    """
    story = export.story(number, holder=holder)
    default = without_names(story)
    keep = asked(QueryDict() if refusal else given, default)
    word = as_word(keep)
    shown: dict[str, Any] = {"classes": offered(story, keep), "default": default, "word": word}
    if refusal is None:
        cut = export.reopened(story, keep)
        told = narrative(cut)
        shown |= {
            "told": told,
            "withheld": sum(len(each.withheld) for each in told.acts),
            "linked": [each["number"] for each in json.loads(cut).get("linked", ())],
            "queries": {form: urlencode({"open": word, "as": form}, safe=",") for form in TYPES},
        }
    return shown


def download(number: str, keep: Keep, given: Mapping[str, str], holder: int | None = None) -> HttpResponse:
    """The story as a file in one of its forms, in the reader's language. Raises Missing, Http404."""
    form = given.get("as", "json")
    if form not in TYPES:
        raise Http404
    made = written(export.story(number, keep, holder), form, "fr" if get_language() == "fr" else "en")
    response = HttpResponse(made, content_type=TYPES[form])
    response["Content-Disposition"] = f'attachment; filename="{number}.earnest.{form}"'
    return response


def _opened(file: Mapping[str, Any]) -> Iterator[tuple[str, int, str]]:
    """(act's type, version, field) of each value that is open, those of linked stories too."""
    for act in (*file["acts"], *file.get("tail", ())):
        leaf = chain.read_leaf(act["leaf"].encode())
        for name in act["open"]:
            yield leaf.type, leaf.version, name
    for linked in file.get("linked", ()):
        yield from _opened(linked)


def _class(cls: str, names: Mapping[str, int], keep: Keep) -> ClassChoice:
    title, says = fields.CLASSES[cls]
    every = keep == "all" or (keep != "none" and cls in keep)
    choices = [
        FieldChoice(name, fields.named(name), acts, every or (keep != "none" and name in keep))
        for name, acts in names.items()
    ]
    return ClassChoice(
        cls, str(title), str(says), every, tuple(sorted(choices, key=lambda each: each.words.casefold()))
    )
