"""What every version of a story has in common: the chain of acts, the values that were opened, the money."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, NoReturn

from earnest.record import chain, disclosure
from earnest.record.canonical import NotCanonical, b64, decimal
from earnest.record.money import MoneyCheck
from earnest.record.report import Header, Problem, Report


class Unreadable(Exception):
    """The bytes are not what they should be at all: missing, not UTF-8, not JSON, truncated, too large."""


class Failed(Exception):
    """Something does not hold, and what follows from it cannot be looked at."""


class Checker:
    """One subject's acts being checked. `heads[n]` is the head after act n."""

    def __init__(self, report: Report, subject: bytes) -> None:
        self.report, self.subject = report, subject
        self.heads: list[bytes] = []
        self.hashes: list[bytes] = []
        self.leaves: list[chain.Leaf] = []
        self.opened: list[dict[str, Any]] = []
        self._open: list[dict[str, str]] = []

    def fail(self, code: str, seq: int | None, why: str) -> None:
        """Something does not hold, and checking goes on."""
        self.report.errors.append(Problem(code, seq, why))

    def stop(self, code: str, seq: int | None, why: str) -> NoReturn:
        """Something does not hold. Raises Failed."""
        self.fail(code, seq, why)
        raise Failed

    def link(self, acts: Sequence[Any]) -> None:
        """Every leaf names the head before it; may be called again with the acts that follow. Raises Failed."""
        for act in acts:
            self._append(len(self.leaves), act)
        self.report.acts = len(self.leaves)

    def _append(self, seq: int, act: Any) -> None:
        if not isinstance(act, dict) or set(act) != {"leaf", "open"} or not isinstance(act["open"], dict):
            self.stop("act-members", seq, "an act has other members than leaf and open")
        raw = act["leaf"].encode()
        try:
            leaf = chain.read_leaf(raw)
        except chain.BadLeaf as error:
            self.stop("leaf", seq, str(error))
        if leaf.subject != self.subject:
            self.stop("foreign-act", seq, "this act belongs to another reservation")
        before = self.heads[-1] if self.heads else chain.genesis(self.subject)
        if leaf.seq != seq or leaf.prev != before:
            why = "this act does not follow the one before it: one is missing, moved or altered"
            self.stop("chain", seq, why)
        self.hashes.append(chain.leaf_hash(raw))
        self.heads.append(chain.next_head(before, self.hashes[-1]))
        self.leaves.append(leaf)
        self._open.append(act["open"])
        self.report.headers.append(Header(seq, leaf.at, leaf.type, leaf.by))

    def values(self) -> None:
        """An opened value is the one that was committed to; the others are withheld, or erased by an act."""
        self.opened = [
            self._opened(leaf, written) for leaf, written in zip(self.leaves, self._open, strict=True)
        ]
        erased = self._erased()
        for leaf, values in zip(self.leaves, self.opened, strict=True):
            for name in leaf.sd:
                by = erased.get((leaf.seq, name))
                if name in values:
                    if by is not None:
                        self.report.warnings.append(
                            f"act {by + 1} says that {name} of act {leaf.seq + 1} was erased, and the file has it"
                        )
                elif by is None:
                    self.report.withheld.append(name)
                else:
                    self.report.erased.append(f"{name} (act {by + 1})")
        self._money()
        self._order()

    def _opened(self, leaf: chain.Leaf, written: dict[str, str]) -> dict[str, Any]:
        values = {}
        for name, line in written.items():
            if name not in leaf.sd:
                self.fail("unknown-field", leaf.seq, f"the act has no field {name}")
                continue
            try:
                _, said, value = disclosure.read_disclosure(line)
            except NotCanonical as error:
                self.fail("disclosure", leaf.seq, f"the value of {name} is not well formed: {error}")
                continue
            if said != name or disclosure.digest(line) != leaf.sd[name]:
                self.fail("value", leaf.seq, f"the value of {name} is not the one recorded")
                continue
            values[name] = value
        return values

    def _erased(self) -> dict[tuple[int, str], int]:
        """(act, field) -> the act that erased it. An erasure reaches back, never forward, and only to fields."""
        found: dict[tuple[int, str], int] = {}
        for leaf, values in zip(self.leaves, self.opened, strict=True):
            if leaf.type != "erasure.done" or "erased" not in values:
                continue
            said = values["erased"]
            for written, names in said.items() if isinstance(said, dict) else ():
                seq = decimal(written) if written else None
                if seq is None or seq >= leaf.seq or not _all_in(names, self.leaves[seq].sd):
                    self.fail("erasure", leaf.seq, "it erases what was never there")
                    break
                found.update({(seq, name): leaf.seq for name in names})
        return found

    def _money(self) -> None:
        moving = [
            (leaf.seq, values.get("entries"))
            for leaf, values in zip(self.leaves, self.opened, strict=True)
            if "entries" in leaf.sd
        ]
        if any(entries is None for _, entries in moving):
            self.report.warnings.append("some entries are withheld, so the money was not added up")
            return
        money = MoneyCheck()
        for seq, entries in moving:
            why = money.add(b64(self.subject), entries)
            if why:
                self.fail("money", seq, why)
                return
        self.report.money = money.totals()

    def _order(self) -> None:
        for before, after in pairwise(self.leaves):
            if after.at < before.at:
                self.report.warnings.append(f"act {after.seq + 1} is dated before the one it follows")


def _all_in(names: Any, fields: Mapping[str, str]) -> bool:
    return isinstance(names, list) and all(isinstance(name, str) and name in fields for name in names)
