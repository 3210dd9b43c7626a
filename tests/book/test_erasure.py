"""Erasing one class destroys its key and all that it covered; acts, hashes, money and every story stay."""

import hashlib
import json
import random
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from earnest.book import (
    chapters,
    check,
    clock,
    crash,
    door,
    erasing,
    export,
    keys,
    mode,
    models,
    outbox,
    rebuild,
    rows,
    sealing,
)
from earnest.core.commands.base import Ref
from earnest.core.commands.erase import Erase
from earnest.core.commands.record_mail import RecordMail
from earnest.record import disclosure
from earnest.record.verify import verify_story
from tests import scene
from tests.scene import MAKER, account, cancel, pay, place, refused, slip, state, types, work

CLASSES = ("identity", "contact", "bank", "text")
WORKER: dict[str, Any] = {"by": "system", "via": "worker", "person": "worker"}


@pytest.fixture(autouse=True)
def book(db: None) -> Iterator[clock.ManualClock]:
    yield scene.begin()
    scene.finish()


def ended() -> str:
    """Somebody reserved, gave an account, was told of a slip, cancelled, and is owed nothing."""
    number = place()
    account(number)
    slip()
    work()
    cancel(number)
    work()
    return number


def erase(number: str, *classes: str) -> None:
    for cls in classes or CLASSES:
        door.do_one(Erase(**MAKER, number=number, cls=cls))


def subject(number: str) -> bytes:
    return chapters.key_of(mode.origin(), Ref("reservation", number))


def sealed() -> None:
    """Everything so far is in the log."""
    sealing.seal(sealing.acquire("tests", clock.now()), clock.now())


def everything() -> str:
    """All that the database says in clear or as bytes, table by table."""
    parts = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608
            parts += [
                repr([bytes(v) if isinstance(v, memoryview) else v for v in row]) for row in cursor.fetchall()
            ]
    return "\n".join(parts)


def wrapped(number: str, cls: str) -> bytes:
    found = models.SubjectKey.objects.values_list(cls, flat=True).get(subject=subject(number))
    return bytes(found) if found is not None else b""


# --- what stays


def test_a_shredded_subject_verifies_with_and_without_the_log() -> None:
    number = ended()
    erase(number)
    for log in (False, True):
        if log:
            sealed()
        report = verify_story(export.story(number), clock.now())
        assert report.ok, report.errors
        assert report.acts == len(types(number))
        for field in ("name", "email", "number", "to", "why"):
            assert any(each.startswith(f"{field} (act ") for each in report.erased), field
        assert report.withheld == []


def test_erased_redacted_and_full_stories_of_one_subject_agree_on_its_head() -> None:
    number = ended()
    sealed()
    full = verify_story(export.story(number), clock.now())
    hidden = verify_story(export.story(number, "none"), clock.now())
    erase(number)
    after = verify_story(export.story(number), clock.now())
    both = verify_story(export.story(number, "none"), clock.now())
    assert full.ok and hidden.ok and after.ok and both.ok
    assert full.erased == hidden.erased == [] and hidden.withheld and after.erased and not after.withheld
    before, now = (json.loads(export.story(number, keep))["acts"] for keep in ("none", "all"))
    leaves = [each["leaf"] for each in json.loads(export.story(number))["acts"]]
    assert [each["leaf"] for each in before] == [each["leaf"] for each in now] == leaves
    assert full.acts + len(CLASSES) == after.acts == both.acts


def test_rebuild_and_every_check_hold_after_all_classes_went() -> None:
    number, other = ended(), place(name="Bo Ek")
    work()
    erase(number)
    sealed()
    assert list(rebuild.differences()) == []
    assert [finding for _, found in check.run() for finding in found] == []
    assert state(other).identity


# --- what goes


@pytest.mark.parametrize("cls", CLASSES)
def test_the_key_is_gone_and_only_that_one(cls: str) -> None:
    number, other = ended(), place(name="Bo Ek")
    kept = {each: wrapped(number, each) for each in (*CLASSES, "money")}
    theirs = {each: wrapped(other, each) for each in kept}
    assert all(kept.values())
    erase(number, cls)
    assert {each: wrapped(number, each) for each in kept} == {**kept, cls: b""}
    assert {each: wrapped(other, each) for each in kept} == theirs
    assert not models.ActOpen.objects.filter(act__subject=subject(number), cls=cls).exists()
    assert repr(kept[cls]) not in everything() and repr(theirs[cls]) in everything()


def test_the_state_row_forgets_with_the_act() -> None:
    number = ended()
    erase(number)
    row = models.Reservation.objects.get(number=number)
    assert (row.identity, row.contact, row.bank, row.contact_index) == (None, None, None, None)
    assert (
        models.Reservation.objects.filter(
            contact_index=keys.current().contact_index("ada@example.org")
        ).count()
        == 0
    )


def test_nobody_can_try_values_out_against_a_digest_once_the_salt_is_gone() -> None:
    """With the salt a known value is found again; with all that is left, and a hundred thousand guesses, not."""
    number = ended()
    secrets = rows.load_keys([subject(number)], keys.current().unwrap)[subject(number)]
    contact = secrets["contact"]
    assert contact is not None
    leaf = json.loads(bytes(models.Act.objects.get(subject=subject(number), seq=0).leaf))
    known = "ada@example.org"
    salt = disclosure.salt(contact, 0, "email")
    digest = disclosure.digest(disclosure.disclosure(salt, "email", known))
    assert digest in leaf["sd"].values()
    erase(number, "contact")
    left = rows.load_keys([subject(number)], keys.current().unwrap)[subject(number)]
    assert left["contact"] is None
    material = [secret for secret in left.values() if secret] + [
        keys.current().kek,
        b"\0" * 32,
        subject(number),
    ]
    chance = random.Random(1)
    material += [chance.randbytes(32) for _ in range(1000)]
    tried = {
        disclosure.digest(disclosure.disclosure(disclosure.salt(secret, seq, "email"), "email", known))
        for secret in material
        for seq in range(3)
    }
    assert len(tried) == 3 * len(material) and digest not in tried


def test_stored_mails_go_with_what_they_repeat() -> None:
    number = ended()
    made = dict(models.Mail.objects.filter(subject=subject(number)).values_list("template", "key"))
    assert {"placed", "account_given", "slipped", "cancelled"} <= set(made)

    def readable() -> set[str]:
        return {template for template, key in made.items() if outbox.kept(key) is not None}

    assert readable() == set(made)
    erase(number, "bank")
    assert readable() == set(made) - {"account_given", "account_confirmed"}
    erase(number, "text")
    assert "slipped" not in readable() and "placed" in readable()
    erase(number, "contact")
    assert readable() == set()
    assert not models.Mail.objects.filter(subject=subject(number), sealed__isnull=False).exists()


def test_what_a_mail_server_said_of_an_address_goes_with_it() -> None:
    number = place()
    cancel(number)
    said = "SMTPRecipientsRefused: {'ada@example.org': (550, b'no such user')}"
    models.Duty.objects.filter(kind="mail").update(last_error=said)
    work()
    models.Mail.objects.filter(subject=subject(number)).update(error=said)
    models.Duty.objects.filter(kind="mail").update(last_error=said)
    assert "ada@example.org" in everything()
    erase(number, "contact")
    assert "ada@example.org" not in everything()


def test_a_mail_that_had_not_left_never_leaves_and_is_not_missed() -> None:
    number = place()
    cancel(number)
    waiting = models.Duty.objects.filter(kind="mail", payload__template="cancelled").get()
    outbox.keep(waiting.key, number, "cancelled", "en", "<x@tests>", b"To: ada@example.org\r\n\r\n")
    erase(number, "contact")
    row = models.Mail.objects.get(key=waiting.key)
    assert (row.status, row.sealed) == ("erased", None)
    work()
    assert "mail.sent" not in types(number)
    assert models.Duty.objects.get(key=waiting.key).state == "done"
    assert [found for _, found in check.run(["mails"])] == [[]]


def test_a_mail_that_was_under_way_leaves_no_address_in_the_record() -> None:
    number = ended()
    erase(number, "contact")
    late = RecordMail(
        **WORKER, number=number, template="placed", message_id="<x>", sha256="0" * 64, to="ada@example.org"
    )
    assert isinstance(door.do_one(late), door.Nothing)
    assert "ada@example.org" not in everything()


def test_operators_are_still_written_to_about_a_reservation_without_an_address() -> None:
    number = ended()
    erase(number, "contact")
    outbox.keep("mail/x", number, "pay_by_hand", "en", "<x>", b"pay", to_holder=False)
    assert outbox.kept("mail/x") == b"pay"
    with pytest.raises(ValueError, match="contact key was destroyed"):
        outbox.keep("mail/y", number, "placed", "en", "<y>", b"hello")


def test_the_hash_of_a_request_is_forgotten_and_the_request_still_acts_once() -> None:
    number = place()
    body = hashlib.sha256(b'{"email":"ada@example.org"}').hexdigest()
    once = door.Idempotency("api", "/cancel", "k" * 24, body)
    gone = scene.Cancel(**MAKER, number=number)
    door.do_one(gone, once)
    before = types(number)
    assert body in everything()
    erase(number, "contact")
    assert body not in everything()
    with pytest.raises(door.Conflict):
        door.do_one(gone, once)
    assert types(number) == [*before, "erasure.done"]


def test_what_was_written_in_the_same_batch_is_named_and_goes_too() -> None:
    number = ended()
    mailed = RecordMail(
        **WORKER, number=number, template="placed", message_id="<x>", sha256="0" * 64, to="ada@example.org"
    )
    done = door.do([door.Request(mailed), door.Request(Erase(**MAKER, number=number, cls="contact"))])
    assert all(isinstance(each, door.Done) for each in done)
    report = verify_story(export.story(number), clock.now())
    went = [each for each in report.erased if each.startswith("to (act ")]
    assert report.ok and len(went) == types(number).count("mail.sent") and report.withheld == []


class Died(Exception):
    pass


def test_an_erasure_happens_whole_or_not_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    number = ended()
    before = everything()

    def die(where: str) -> None:
        assert outbox.kept(models.Mail.objects.earliest("id").key) is None
        raise Died

    monkeypatch.setattr(crash, "here", die)
    with pytest.raises(Died):
        door.do_one(Erase(**MAKER, number=number, cls="contact"))
    monkeypatch.undo()
    assert everything() == before and outbox.kept(models.Mail.objects.earliest("id").key)


# --- what is refused


@pytest.mark.parametrize("cls", CLASSES)
def test_nothing_is_erased_while_the_reservation_lives_or_money_is_owed(cls: str) -> None:
    number = place()
    pay(number)
    assert refused(Erase(**MAKER, number=number, cls=cls)).code == "still-needed"
    cancel(number)
    assert state(number).owed_back()
    before = everything()
    assert refused(Erase(**MAKER, number=number, cls=cls)).code == "still-needed"
    assert everything() == before


def test_what_bookkeeping_law_keeps_is_refused_with_reason_and_date(book: clock.ManualClock) -> None:
    number = ended()
    said = str(refused(Erase(**MAKER, number=number, cls="money")))
    assert "L123-22" in said and "2036-12-31" in said
    book.advance(timedelta(days=400))
    erase(number, "bank")
    assert "2037-12-31" in str(refused(Erase(**MAKER, number=number, cls="money")))


def test_erasing_twice_is_erasing_once() -> None:
    number = ended()
    erase(number, "contact")
    assert isinstance(door.do_one(Erase(**MAKER, number=number, cls="contact")), door.Nothing)
    assert types(number).count("erasure.done") == 1


# --- what a book says that is not true


def findings() -> set[str]:
    return {found.what for found in rebuild.differences()}


def test_a_key_that_went_without_an_act_is_found() -> None:
    """Values may go, but not silently: who looks at the book, or at a story, would take them for withheld."""
    number = ended()
    models.SubjectKey.objects.filter(subject=subject(number)).update(contact=None)
    assert "email of act 1 is gone, and no act says that it was erased" in findings()
    report = verify_story(export.story(number), clock.now())
    assert report.ok and "email" in report.withheld and report.erased == []


def test_an_act_of_erasure_that_erased_nothing_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    number = ended()
    monkeypatch.setattr(erasing, "clear", lambda gone: None)
    erase(number, "contact")
    monkeypatch.undo()
    assert "email of act 1 was erased, an act says, and is there" in findings()
    report = verify_story(export.story(number), clock.now())
    assert report.ok and any(
        "email of act 1 was erased, and the file has it" in each for each in report.warnings
    )
