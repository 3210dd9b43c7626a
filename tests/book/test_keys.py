"""The book's keys: made once, kept whole, read by nobody else, never overwritten."""

import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from earnest.book import keys
from earnest.record.notes import Verifier, open_note
from earnest.record.sealed import Unsealable

ORIGIN = "shop.example"


def test_keys_are_made_once_and_found_again(tmp_path: Path) -> None:
    made = keys.load(ORIGIN, tmp_path / "keys")
    again = keys.load(ORIGIN, tmp_path / "keys")
    assert (made.kek, made.receipt_seed) == (again.kek, again.receipt_seed)
    assert len({made.kek, made.receipt_seed, keys.load(ORIGIN, tmp_path / "other").kek}) == 3


def test_nobody_else_can_read_them_and_no_drafts_are_left(tmp_path: Path) -> None:
    keys.load(ORIGIN, tmp_path / "keys")
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "keys").iterdir()}
    assert modes == {"kek": 0o600, "receipt": 0o600}
    assert stat.S_IMODE((tmp_path / "keys").stat().st_mode) == 0o700


def test_many_that_start_at_once_agree(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as threads:
        made = list(threads.map(lambda n: keys.load(ORIGIN, tmp_path / "keys"), range(8)))
    assert len({(each.kek, each.receipt_seed) for each in made}) == 1


def test_whoever_comes_second_takes_the_first_ones_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = os.link

    def beaten(source: Path, target: Path) -> None:
        target.write_bytes(b"1" * keys.SIZE)
        link(source, target)

    monkeypatch.setattr(os, "link", beaten)
    assert keys.load(ORIGIN, tmp_path).kek == b"1" * keys.SIZE


def test_a_damaged_key_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "kek").write_bytes(b"short")
    with pytest.raises(OSError, match="restore it from your backup"):
        keys.load(ORIGIN, tmp_path)
    assert (tmp_path / "kek").read_bytes() == b"short"


def test_the_published_seed_gives_everybody_the_same_keys(tmp_path: Path) -> None:
    demo = keys.from_seed("demo.shop.example", "seed")
    assert demo.receipt_signer.vkey == keys.from_seed("demo.shop.example", "seed").receipt_signer.vkey
    assert demo.kek not in (demo.receipt_seed, keys.from_seed("demo.shop.example", "other").kek)
    keys.keep(demo, tmp_path)
    assert keys.load("demo.shop.example", tmp_path).kek == demo.kek


def test_keys_from_a_seed_never_take_the_place_of_others(tmp_path: Path) -> None:
    mine = keys.load(ORIGIN, tmp_path)
    with pytest.raises(OSError, match="another book"):
        keys.keep(keys.from_seed(ORIGIN, "seed"), tmp_path)
    assert keys.load(ORIGIN, tmp_path).kek == mine.kek


def test_receipts_are_signed_in_the_name_of_the_book() -> None:
    signer = keys.from_seed(ORIGIN, "seed").receipt_signer
    assert signer.name == "shop.example/receipts"
    assert open_note(signer.sign("said\n"), [Verifier.parse(signer.vkey)]) == "said\n"


def test_each_purpose_has_its_own_key() -> None:
    book = keys.from_seed(ORIGIN, "seed")
    made = {book.derive(purpose) for purpose in ("links", "contact-index", "")}
    assert len(made | {book.kek}) == 4
    assert {len(key) for key in made} == {32}
    assert book.derive("links") == keys.from_seed(ORIGIN, "seed").derive("links")


def test_an_address_is_found_however_it_is_typed_and_only_in_this_book() -> None:
    book, other = keys.from_seed(ORIGIN, "seed"), keys.from_seed(ORIGIN, "other")
    assert book.contact_index(" Ann@Example.org ") == book.contact_index("ann@example.org")
    assert book.contact_index("ann@example.org") != book.contact_index("anne@example.org")
    assert book.contact_index("ann@example.org") != other.contact_index("ann@example.org")


def test_a_wrapped_key_opens_only_for_its_subject_and_class() -> None:
    book, subject, secret = keys.from_seed(ORIGIN, "seed"), b"s" * 32, b"k" * 32
    wrapped = book.wrap(subject, "bank", secret)
    assert secret not in wrapped
    assert book.unwrap(subject, "bank", wrapped) == secret
    for key, cls in ((subject, "money"), (b"t" * 32, "bank")):
        with pytest.raises(Unsealable):
            book.unwrap(key, cls, wrapped)
