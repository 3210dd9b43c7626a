"""Everything that the book holds about one person, as an answer to their request (GDPR art. 15)."""

import csv
import io
import zipfile
from dataclasses import dataclass

from earnest.book import export, looks, models, outbox, reads
from earnest.core.instants import text
from earnest.core.refusals import Missing


@dataclass(frozen=True)
class Held:
    """What was found: the files by name, and how many of each."""

    numbers: tuple[str, ...]
    mails: int
    looks: int
    files: dict[str, bytes]


def held(email: str) -> Held:
    """All reservations of an address: their stories, the mails, who looked. Raises Missing."""
    numbers = reads.by_email(email)
    if not numbers:
        raise Missing("no-person", "There is no reservation with that address.")
    files: dict[str, bytes] = {}
    mails = seen = 0
    for number in numbers:
        files[f"{number}/story.earnest.json"] = export.story(number)
        rows = models.Mail.objects.filter(subject__kind="reservation", subject__number=number).order_by(
            "made_at"
        )
        for place, key in enumerate(rows.values_list("key", flat=True), 1):
            raw = outbox.kept(key)
            if raw is not None and email.strip().casefold() in raw.decode("utf-8", "replace").casefold():
                files[f"{number}/mails/{place:03d}.eml"] = raw
                mails += 1
        written, count = _looks(number)
        files[f"{number}/who-looked.csv"] = written
        seen += count
    return Held(tuple(numbers), mails, seen, files)


def zipped(found: Held, readme: str) -> bytes:
    """One archive; the same bytes for the same content."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in (("READ-ME.txt", readme.encode()), *sorted(found.files.items())):
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), data)
    return out.getvalue()


def _looks(number: str) -> tuple[bytes, int]:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(("at", "who", "what"))
    found = looks.at(number)
    for look in reversed(found):
        writer.writerow((text(look.at), look.who, look.what))
    return out.getvalue().encode(), len(found)
