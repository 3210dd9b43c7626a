"""What is erased is gone from the database's own files too, not only from what it answers."""

from pathlib import Path

import pytest
from django.db import connection

from earnest.book import chapters, door, keys, mode, models
from earnest.core.commands.base import Ref
from earnest.core.commands.erase import Erase
from tests import scene
from tests.scene import MAKER, cancel, place, work


def wrapped(number: str, cls: str) -> bytes:
    subject = chapters.key_of(mode.origin(), Ref("reservation", number))
    return bytes(models.SubjectKey.objects.values_list(cls, flat=True).get(subject=subject))


def test_the_bytes_of_a_key_are_overwritten(real_database: str) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("what PostgreSQL keeps of old rows goes with VACUUM")
    scene.begin()
    number = place()
    cancel(number)
    work()
    file = Path(real_database.removeprefix("sqlite:///"))
    secret, index = wrapped(number, "contact"), keys.current().contact_index("ada@example.org")

    def on_disk() -> bytes:
        return b"".join(each.read_bytes() for each in file.parent.glob(f"{file.name}*"))

    assert secret in on_disk() and index in on_disk()
    door.do_one(Erase(**MAKER, number=number, cls="contact"))
    assert secret not in on_disk() and index not in on_disk()
    assert wrapped(number, "identity") in on_disk()
    scene.finish()
