"""Everything that the book holds about one person, as an answer to their request (GDPR art. 15)."""

import csv
import io
import json
import zipfile
from dataclasses import dataclass

from earnest.book import export, looks, models, outbox, reads, withdrawals
from earnest.core.acts import Erased
from earnest.core.commands.withdraw import KIND
from earnest.core.instants import text
from earnest.core.refusals import Missing


@dataclass(frozen=True)
class Held:
    """What was found: the files by name, and how many of each. `folders`: one for each time that they held one."""

    numbers: tuple[str, ...]
    folders: tuple[str, ...]
    mails: int
    looks: int
    files: dict[str, bytes]
    #: Numbers of the statements of withdrawal with that address.
    statements: tuple[str, ...] = ()


def held(email: str) -> Held:
    """All that an address holds or has held: the stories, the mails, who looked. Raises Missing."""
    found = reads.by_email(email)
    stated = withdrawals.by_email(email)
    if not found and not stated:
        raise Missing("no-person", "There is no reservation with that address.")
    files: dict[str, bytes] = {}
    mails = seen = 0
    folders = [_folder(number, holder, found) for number, holder in found]
    for folder, (number, holder) in zip(folders, found, strict=True):
        files[f"{folder}/story.earnest.json"] = export.story(number, holder=holder)
        mine = {"subject__kind": "reservation", "subject__number": number, "holder": holder}
        rows = models.Mail.objects.filter(**mine).order_by("made_at")
        for place, key in enumerate(rows.values_list("key", flat=True), 1):
            raw = outbox.kept(key)
            if raw is not None and email.strip().casefold() in raw.decode("utf-8", "replace").casefold():
                files[f"{folder}/mails/{place:03d}.eml"] = raw
                mails += 1
        written, count = _looks(number, holder)
        files[f"{folder}/who-looked.csv"] = written
        seen += count
    for each in stated:
        mails += _statement(each, files)
    numbers = dict.fromkeys(number for number, _ in found)
    return Held(tuple(numbers), tuple(folders), mails, seen, files, tuple(each.number for each in stated))


def _statement(stated: withdrawals.Statement, files: dict[str, bytes]) -> int:
    """What a statement of withdrawal holds, and the receipts of it; how many of these."""
    folder = f"withdrawal-{stated.number}"
    said = {
        "number": stated.number,
        "stated_at": text(stated.said.at),
        **{name: value for name, value in stated.said.fields.items() if not isinstance(value, Erased)},
        "outcome": stated.outcome,
        "reservation": stated.reached,
        "seen_to": stated.why,
    }
    files[f"{folder}/statement.json"] = json.dumps(said, ensure_ascii=False, indent=1).encode()
    receipts = models.Mail.objects.filter(subject__kind=KIND, subject__number=stated.number)
    count = 0
    # What our own people were written about it is theirs, and says nothing more.
    for key in receipts.filter(template="withdrawal_filed").values_list("key", flat=True):
        if (raw := outbox.kept(key)) is not None:
            count += 1
            files[f"{folder}/mails/{count:03d}.eml"] = raw
    return count


def _folder(number: str, holder: int, found: list[tuple[str, int]]) -> str:
    """The reservation's number; with which holder they were, where they held it, gave it away and got it back."""
    return number if [each for each, _ in found].count(number) == 1 else f"{number}-holder-{holder + 1}"


def zipped(found: Held, readme: str) -> bytes:
    """One archive; the same bytes for the same content."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in (("READ-ME.txt", readme.encode()), *sorted(found.files.items())):
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), data)
    return out.getvalue()


def _looks(number: str, holder: int) -> tuple[bytes, int]:
    """Who looked while it was theirs."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(("at", "who", "what"))
    found = looks.at(number, None, *reads.reservation(number).times(holder))
    for look in reversed(found):
        writer.writerow((text(look.at), look.who, look.what))
    return out.getvalue().encode(), len(found)
