"""What the catalogues must hold: every message in our Python files and templates, found without outside tools."""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any, Final

from babel.messages.extract import extract_python
from django.utils.translation.template import templatize

#: gettext's own names, ours, and the refusals, whose second argument is the sentence that faces translate.
KEYWORDS: Final = {
    **dict.fromkeys(("_", "gettext", "gettext_lazy", "lazy")),
    "ngettext": (1, 2),
    **dict.fromkeys(("Refused", "Invalid", "Missing", "Forbidden", "Conflict", "Unreachable"), (2,)),
}

Message = str | tuple[str, str]


def in_folder(folder: Path, *, without: tuple[Path, ...] = ()) -> dict[Message, list[str]]:
    """Message (or singular and plural) -> the places where it is said."""
    found: dict[Message, list[str]] = {}
    for path in sorted([*folder.rglob("*.py"), *folder.rglob("*.html"), *folder.rglob("*.txt")]):
        if any(path.is_relative_to(each) for each in without):
            continue
        for message in in_file(path):
            found.setdefault(message, []).append(path.name)
    return found


def in_file(path: Path) -> Iterator[Message]:
    """The messages of one file, as they come."""
    source = path.read_text()
    if path.suffix != ".py":
        source = templatize(source, origin=str(path))
    found: Any = extract_python(BytesIO(source.encode()), list(KEYWORDS), [], {})  # type: ignore[arg-type]
    for _, name, said, _ in found:
        parts = said if isinstance(said, tuple) else (said,)
        wanted = KEYWORDS[name] or (1,)
        chosen = [parts[place - 1] for place in wanted if place <= len(parts)]
        if chosen and all(isinstance(part, str) and part for part in chosen):
            yield (chosen[0], chosen[1]) if len(chosen) == 2 else chosen[0]
