"""The story of one reservation as a file that anybody can check offline."""

from collections.abc import Set

from earnest.book import clock, keys, mode, reads
from earnest.core.instants import text
from earnest.core.numbers import parse
from earnest.core.refusals import Invalid, Missing
from earnest.record.story import build_story_v0


def story(number: str, keep: str | Set[str] = "all") -> bytes:
    """All acts of a reservation, signed now. Raises Missing.

    `keep` says which values are open: `all`, `none`, or the names of fields. It hides values, never an act.
    """
    wanted = parse(number)
    if wanted is None:
        raise Missing("no-reservation", "There is no reservation of that number.")
    acts = [(read.leaf, _kept(read.openings, keep)) for read in reads.acts("reservation", wanted)]
    return build_story_v0(wanted, acts, mode.origin(), keys.current().receipt_signer, text(clock.now()))


def kept_from(words: str) -> str | Set[str]:
    """`all`, `none`, or names of fields separated by commas, as people write it. Raises Invalid."""
    if words in ("all", "none"):
        return words
    names = frozenset(name.strip() for name in words.split(",") if name.strip())
    if not names or not all(name.replace("_", "").isalnum() for name in names):
        raise Invalid("open", "Say all, none, or names of fields separated by commas.")
    return names


def _kept(openings: object, keep: str | Set[str]) -> dict[str, str]:
    assert isinstance(openings, dict)
    if keep == "all":
        return openings
    return {name: line for name, line in openings.items() if keep != "none" and name in keep}
