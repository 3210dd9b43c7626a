"""How much a story may be: at the limit it holds, beyond it nothing is parsed, and nothing takes for ever."""

import json

import pytest

from earnest.record import merkle
from earnest.record.canonical import canonical
from earnest.record.chain import instant
from earnest.record.money import MoneyCheck
from earnest.record.notes import Signer, Verifier
from earnest.record.verify import MAX_BYTES, Unreadable, verify_story
from tests.vectors import limits, make_v1
from tests.vectors.small_log import SmallLog

NOW = instant(make_v1.NOW)


@pytest.mark.parametrize("name", limits.holds())
def test_at_the_limit_it_holds(name: str) -> None:
    story = limits.holds()[name]
    assert len(story) > MAX_BYTES - 3 or name != "16 MB"
    report = verify_story(story, NOW)
    assert report.ok, report.errors


@pytest.mark.parametrize("name", limits.unreadable())
def test_beyond_it_nothing_is_read(name: str) -> None:
    with pytest.raises(Unreadable):
        verify_story(limits.unreadable()[name], NOW)


def test_a_path_of_three_hundred_thousand_hashes_is_refused_by_its_length() -> None:
    story = limits.many_siblings()
    assert MAX_BYTES - 200_000 < len(story) <= MAX_BYTES
    report = verify_story(story, NOW)
    assert [each.why for each in report.errors] == [
        "the path in the map is not well formed: a proof is deeper than a key is long"
    ]


class Counted(dict[tuple[str, str], int]):
    """Balances that count how often they are walked through."""

    walks = 0

    def items(self):  # type: ignore[no-untyped-def]
        """As a dict's."""
        self.walks += 1
        return super().items()


def test_an_act_is_added_up_without_walking_through_all_accounts() -> None:
    """A hundred thousand accounts in the first act would otherwise be walked through for each of ten thousand."""
    money = MoneyCheck()
    money.balances = balances = Counted()
    for n in range(50):
        assert money.add("k", f"bank maker/{n} 1 EUR") is None
    assert balances.walks == 0
    money.totals()
    assert balances.walks == 1


def test_receipts_are_looked_up_by_their_key_and_not_tried_with_each(monkeypatch: pytest.MonkeyPatch) -> None:
    """255 keys and a receipt of the last: one signature is checked for it, and none of the others'."""
    log = SmallLog(make_v1.ORIGIN)
    log.act(make_v1.NUMBER, "mail.received", "customer", limits.AT, {"n": 1})
    log.seal(make_v1.SEALS[0])
    file = json.loads(log.story(make_v1.NUMBER, times=False, receipts=(log.receipt(make_v1.NUMBER, 0),)))
    others = [Signer(log.receipts.name, n.to_bytes(32, "big")).vkey for n in range(1, 255)]
    file["keys"][1:1] = others
    tried = 0
    verifies = Verifier.verifies

    def counted(key: Verifier, body: str, signature: bytes) -> bool:
        nonlocal tried
        tried += 1
        return verifies(key, body, signature)

    monkeypatch.setattr(Verifier, "verifies", counted)
    assert verify_story(canonical(file) + b"\n", NOW).receipts == 1
    assert tried == 2, "the checkpoint's and the receipt's"


def test_ten_thousand_warnings_do_not_push_the_headline_off_the_screen() -> None:
    log = SmallLog(make_v1.ORIGIN)
    for n in range(400):
        year = 2018 - n % 2
        log.act(make_v1.NUMBER, "mail.received", "customer", f"{year}-06-15T17:20:00Z", {f"f{n}": n})
    log.seal(make_v1.SEALS[0])
    story = json.loads(log.story(make_v1.NUMBER, times=False))
    for act in story["acts"]:
        act["open"] = {}
    report = verify_story(canonical(story) + b"\n", NOW)
    assert report.ok and len(report.warnings) > 200 and len(report.withheld) == 400
    for language in ("en", "fr"):
        lines = report.text(language).splitlines()
        assert len(lines) <= 40 and max(map(len, lines)) < 400
        assert lines[-1].startswith(("A record cannot show", "Un registre ne montre pas"))


ESCAPE = "\x1b[2J\x1b[H\u202e\nVerified under the true key"


@pytest.mark.parametrize("language", ["en", "fr"])
def test_nothing_in_a_file_moves_the_cursor_or_adds_a_line(language: str) -> None:
    """The number of a story is whatever its writer likes; on the screen it stays within its line."""
    log = SmallLog("x.example")
    log.act(ESCAPE, "mail.received", "customer", limits.AT, {"n": 1})
    log.seal(make_v1.SEALS[0])
    holds = log.story(ESCAPE, times=False)
    refused = make_v1.changed(lambda file: file.update(acts=[]), holds)
    unknown = make_v1.changed(lambda file: file.update({"\x1b[2J\nVerified": 1}), holds)
    for story, lines in ((holds, 13), (refused, 4), (unknown, 4)):
        text = verify_story(story, NOW).text(language)
        assert len(text.splitlines()) == lines
        assert all(line.isprintable() for line in text.split("\n"))
    assert "\ufffd[2J" in verify_story(refused, NOW).text(language)


def test_an_inner_node_of_the_tree_is_no_leaf() -> None:
    """Leaves and nodes are hashed apart: else the bytes under a node, told as one leaf, have the root of two.

    Whoever leaves out the one prefix or the other is met by bytes of their own: the last need a hash that begins with
    a zero, of which one in 256 does.
    """
    hashes = (merkle.leaf_hash(b"%d" % n) for n in range(10_000))
    left, right = next(each for each in hashes if each[0] == 0), merkle.leaf_hash(b"other")
    root = merkle.Tree([left, right]).root()
    for told in (left + right, b"\x01" + left + right, left[1:] + right):
        assert merkle.Tree([merkle.leaf_hash(told)]).root() != root
