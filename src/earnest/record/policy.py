"""Whom a reader believes, as a file: logs, witnesses, and how many of them it takes (C2SP tlog-policy).

Comment lines that begin with `# earnest` are ours, and other tools pass over them:

    # earnest receipts VKEY              a key whose receipts are believed
    # earnest auditor NAME …             which of the witnesses replay the whole log before they sign
    # earnest max-age 7d                 how old the newest seal may be        (s, m, h, d)
    # earnest max-merge-delay 24h        how long an act may wait for a seal
    # earnest tsa NAME SHA256            a certificate of a time stamping authority, or of its issuer
"""

import re
from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from typing import Final

from earnest.record.notes import COSIGNATURE, ED25519, BadNote, Verifier
from earnest.record.receipt import RECEIPTS_SUFFIX

_LIMIT: Final = 64
_ALLOWED: Final = re.compile(r"[\t\x20-\x7e\x80-\U0010ffff]*")
_UNITS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_DURATION: Final = re.compile(r"([1-9][0-9]{0,6})([smhd])", re.ASCII)
#: No other white space separates: names are opaque, whatever letters they have.
_SPACE: Final = re.compile(r"[ \t]+")
_OURS: Final = re.compile(r"#[ \t]*earnest[ \t]+(.*)")


class BadPolicy(ValueError):
    """The text is no policy; says in which line and why."""


@dataclass(frozen=True)
class Group:
    """Met if at least `least` of its members are: witnesses or groups defined before it."""

    least: int
    members: tuple[str, ...]


@dataclass(frozen=True)
class Policy:
    """A policy that was read. Without witnesses and with `quorum none` the log's own signature is enough."""

    logs: tuple[Verifier, ...] = ()
    witnesses: Mapping[str, Verifier] = field(default_factory=dict)
    groups: Mapping[str, Group] = field(default_factory=dict)
    quorum: str = "none"
    receipts: tuple[Verifier, ...] = ()
    auditors: frozenset[str] = frozenset()
    max_age_seconds: int | None = None
    max_merge_delay_seconds: int | None = None
    tsas: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def parse(cls, text: str) -> "Policy":
        """The policy of a file. Raises BadPolicy."""
        reader = _Reader()
        for number, line in enumerate(text.split("\n"), 1):
            try:
                reader.line(line.strip(" \t"))
            except (BadPolicy, BadNote) as error:
                raise BadPolicy(f"line {number}: {error}") from None
        return reader.policy()

    def satisfied(self, names: Set[str]) -> bool:
        """Whether cosignatures of these witnesses make the quorum."""
        return self.quorum == "none" or self._met(self.quorum, names)

    def quorum_times(self, times: Mapping[str, int]) -> tuple[int, int] | None:
        """From when on a quorum had signed, and up to when one signed again: of cosignatures with these times.

        None where there is no quorum, or none is asked for.
        """
        if self.quorum == "none" or not self.satisfied(set(times)):
            return None
        ordered = sorted(set(times.values()))
        first = next(t for t in ordered if self.satisfied({name for name, at in times.items() if at <= t}))
        last = next(
            t for t in reversed(ordered) if self.satisfied({name for name, at in times.items() if at >= t})
        )
        return first, last

    def _met(self, name: str, names: Set[str]) -> bool:
        if name in self.witnesses:
            return name in names
        group = self.groups[name]
        return sum(self._met(member, names) for member in group.members) >= group.least


class _Reader:
    """Line by line; names are known from the line on that defines them."""

    def __init__(self) -> None:
        self.logs: list[Verifier] = []
        self.witnesses: dict[str, Verifier] = {}
        self.groups: dict[str, Group] = {}
        self.quorum: str | None = None
        self.receipts: list[Verifier] = []
        self.auditors: set[str] = set()
        self.durations: dict[str, int] = {}
        self.tsas: dict[str, str] = {}
        self.members: set[str] = set()

    def line(self, line: str) -> None:
        """One line without the white space around it. Raises BadPolicy or BadNote."""
        if not _ALLOWED.fullmatch(line):
            raise BadPolicy("there are control characters in it")
        ours = _OURS.fullmatch(line)
        if ours:
            self._ours(_SPACE.split(ours[1]))
        if not line or line.startswith("#"):
            return
        word, *rest = _SPACE.split(line)
        known = {"log": self._log, "witness": self._witness, "group": self._group, "quorum": self._quorum}
        if word not in known:
            raise BadPolicy(f"“{word[:40]}” is not log, witness, group or quorum")
        known[word](rest)

    def policy(self) -> Policy:
        """What was read. Raises BadPolicy."""
        if self.quorum is None:
            raise BadPolicy("there is no line that says the quorum")
        if not self.auditors <= set(self.witnesses):
            raise BadPolicy("an auditor is not one of the witnesses")
        return Policy(
            tuple(self.logs),
            self.witnesses,
            self.groups,
            self.quorum,
            tuple(self.receipts),
            frozenset(self.auditors),
            self.durations.get("max-age"),
            self.durations.get("max-merge-delay"),
            self.tsas,
        )

    def _log(self, rest: list[str]) -> None:
        if len(rest) not in (1, 2):
            raise BadPolicy("a log is its verifier key and perhaps an address")
        key = Verifier.parse(rest[0])
        if key.type != ED25519:
            raise BadPolicy("a log's key signs checkpoints, and this one cosigns them")
        self._once(key, self.logs)
        self.logs.append(key)

    def _witness(self, rest: list[str]) -> None:
        if len(rest) not in (2, 3):
            raise BadPolicy("a witness is a name, its verifier key and perhaps an address")
        key = Verifier.parse(rest[1])
        if key.type != COSIGNATURE:
            raise BadPolicy("a witness's key is one for cosignatures")
        self._name(rest[0])
        self._once(key, list(self.witnesses.values()))
        self.witnesses[rest[0]] = key

    def _group(self, rest: list[str]) -> None:
        if len(rest) < 3:
            raise BadPolicy("a group is a name, a number, all or any, and its members")
        name, least, *members = rest
        self._name(name)
        for member in members:
            if member not in self.witnesses and member not in self.groups:
                raise BadPolicy(f"“{member[:40]}” is not defined before it")
            if member in self.members:
                raise BadPolicy(f"“{member[:40]}” is a member twice")
            self.members.add(member)
        count = {"all": len(members), "any": 1}.get(least)
        if count is None:
            whole = least.isascii() and least.isdecimal() and len(least) <= 3 and not least.startswith("0")
            count = int(least) if whole else 0
        if not 1 <= count <= len(members):
            raise BadPolicy(f"“{least[:20]}” is not from 1 to the number of members, all or any")
        self.groups[name] = Group(count, tuple(members))

    def _quorum(self, rest: list[str]) -> None:
        if len(rest) != 1 or self.quorum is not None:
            raise BadPolicy("there is one quorum, and it is one name")
        if rest[0] != "none" and rest[0] not in self.witnesses and rest[0] not in self.groups:
            raise BadPolicy(f"“{rest[0][:40]}” is not defined before it")
        self.quorum = rest[0]

    def _ours(self, words: list[str]) -> None:
        match words:
            case ["receipts", vkey]:
                key = Verifier.parse(vkey)
                if not key.name.endswith(RECEIPTS_SUFFIX) or key.type != ED25519:
                    raise BadPolicy("that is no key of receipts")
                self.receipts.append(key)
            case ["auditor", *names] if names:
                self.auditors.update(names)
            case [("max-age" | "max-merge-delay") as name, text] if name not in self.durations:
                found = _DURATION.fullmatch(text)
                if not found:
                    raise BadPolicy(f"“{text[:20]}” is no duration such as 7d, 24h, 30m or 90s")
                self.durations[name] = int(found[1]) * _UNITS[found[2]]
            case ["tsa", name, digest] if name not in self.tsas:
                if not re.fullmatch(r"[0-9a-f]{64}", digest):
                    raise BadPolicy("a certificate is named by its SHA-256, 64 small hexadecimal digits")
                self.tsas[name] = digest
            case _:
                raise BadPolicy(f"“# earnest {' '.join(words)[:60]}” is not understood")

    def _name(self, name: str) -> None:
        if name == "none" or name in self.witnesses or name in self.groups:
            raise BadPolicy(f"the name “{name[:40]}” is taken")
        if len(self.witnesses) + len(self.groups) >= 2 * _LIMIT:
            raise BadPolicy("there are more witnesses and groups than anybody can follow")

    def _once(self, key: Verifier, known: list[Verifier]) -> None:
        if any(each.public == key.public for each in known):
            raise BadPolicy("the same key stands twice")
