"""What `tests/record/test_interop.py` holds against others' work in Python, held against it in the browser."""

import base64
from pathlib import Path
from random import Random
from typing import Any

import pytest
import rfc8785
from playwright.sync_api import Page
from pymerkle import InmemoryTree

from earnest.record import merkle
from tests.faces.browser.test_verify_in_browser import loaded
from tests.record.test_interop import (
    ENOCH,
    ENOCH_LINE,
    LARGEST,
    PETER,
    PETER_SIGNED,
    PETER_TEXT,
    PUBLIC_HEAD,
    PUBLIC_KEYS,
    PUBLIC_LINES,
)
from tests.record.test_primitives import RFC_9901

pytestmark = pytest.mark.browser


@pytest.fixture
def verifier(page: Page, tmp_path: Path) -> Page:
    """An empty page that has the verifier and nothing else."""
    return loaded(page, tmp_path)


def values(many: int) -> list[Any]:
    """Any values of the restricted JSON, as a seed has them."""
    dice = Random(3)
    letters = [chr(n) for n in (*range(0x80), 0xE9, 0x2028, 0xFEFF, 0x1F600)]

    def text(most: int, of: list[str]) -> str:
        return "".join(dice.choice(of) for _ in range(dice.randrange(most)))

    def value(depth: int) -> Any:
        kind = dice.randrange(7 if depth else 5)
        if kind == 5:
            return [value(depth - 1) for _ in range(dice.randrange(4))]
        if kind == 6:
            return {text(5, letters[:0x80]): value(depth - 1) for _ in range(dice.randrange(5))}
        whole = dice.randrange(-(2**53) + 1, 2**53)
        return (None, True, dice.randrange(-99, 99), whole, text(9, letters))[kind]

    return [value(4) for _ in range(many)]


def test_canonical_text_is_that_of_rfc8785(verifier: Page) -> None:
    texts = [rfc8785.dumps(value).decode() for value in values(500)]
    again = verifier.evaluate(
        "(texts) => texts.map((text) => Earnest.canonical(Earnest.parseCanonical(text)))", texts
    )
    assert again == texts


def test_disclosures_of_rfc_9901(verifier: Page) -> None:
    lines = [written for written, _, _ in RFC_9901]
    digests = verifier.evaluate(
        "(lines) => lines.map((line) => Earnest.b64(Earnest.sha256(Earnest.utf8(line))))", lines
    )
    assert digests == [digest for _, digest, _ in RFC_9901]


def test_the_notes_of_another_implementation_open(verifier: Page) -> None:
    opened = verifier.evaluate(
        """async ([note, vkeys]) => {
          const keys = vkeys.map(Earnest.parseKey);
          const said = [];
          for (const some of [[keys[0]], [keys[1]], keys]) said.push(await Earnest.openNote(note, some));
          const broken = Earnest.openNote(note.replace("answer", "cure"), keys);
          const refused = await broken.then(() => false, (error) => error instanceof Earnest.BadNote);
          return [said, refused];
        }""",
        [PETER_SIGNED + ENOCH_LINE, [PETER, ENOCH]],
    )
    assert opened == [[PETER_TEXT] * 3, True]


def test_cosignatures_of_public_witnesses_verify(verifier: Page) -> None:
    found = verifier.evaluate(
        """async ([note, keys]) => {
          const cosigners = new Map(Object.entries(keys).map(([name, vkey]) => [name, Earnest.parseKey(vkey)]));
          const times = await Earnest.cosignedAt(note, cosigners);
          const refused = await Earnest.cosignedAt(note.replace("532", "533"), cosigners).then(() => false, () => true);
          return [[...times].map(([name, at]) => [name, Number(at)]), refused];
        }""",
        [f"{PUBLIC_HEAD}\n{PUBLIC_LINES}", PUBLIC_KEYS],
    )
    assert found == [[[name, 0x6A122120] for name in PUBLIC_KEYS], True]


def test_every_inclusion_of_pymerkle_holds_up_to_130_leaves(verifier: Page) -> None:
    """8,515 proofs, and each of them with the leaf beside it refused."""
    theirs, tree = InmemoryTree(algorithm="sha256"), merkle.Tree()
    for n in range(LARGEST):
        theirs.append_entry(b"%d" % n)
        tree.append(merkle.leaf_hash(b"%d" % n))

    def b64(data: bytes) -> str:
        return base64.b64encode(data).decode()

    leaves = [b64(theirs.get_leaf(n + 1)) for n in range(LARGEST)]
    roots = [b64(theirs.get_root(size)) for size in range(1, LARGEST + 1)]
    paths = []
    for size in range(1, LARGEST + 1):
        for index in range(size):
            leaf = theirs.get_leaf(index + 1)
            path = [b64(each) for each in theirs.prove_inclusion(index + 1, size).path if each != leaf]
            paths.append([size, index, path])
    held = verifier.evaluate(
        """([leaves, roots, paths]) => {
          const raw = (texts) => texts.map(Earnest.unstd64);
          const [all, tops] = [raw(leaves), raw(roots)];
          let held = 0, refused = 0;
          for (const [size, index, path] of paths) {
            const checkpoint = { size, root: tops[size - 1] };
            Earnest.checkInclusion(index, raw(path), all[index], checkpoint);
            held++;
            const beside = all[(index + 1) % all.length];
            try { Earnest.checkInclusion(index, raw(path), beside, checkpoint); } catch { refused++; }
          }
          return [held, refused];
        }""",
        [leaves, roots, paths],
    )
    assert held == [8515, 8515]
