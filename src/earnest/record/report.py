"""What the verifier found, as data and as one screen of text in English or French."""

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from earnest.record.words import WARNINGS, WORDS

SCREEN_LINES: Final = 40
#: So many lines of one kind, and names in one line, are shown; `--json` has them all.
MOST_ERRORS: Final = 10
MOST_LINES: Final = 5
MOST_NAMES: Final = 40
#: Where no line of a page may end; a terminal breaks none, and not every one of them shows these.
JOINED: Final = str.maketrans("\u00a0\u202f", "  ")
#: Controls, formats (bidirectional marks among them), lone surrogates, separators of lines.
_OBEYED: Final = ("Cc", "Cf", "Cs", "Zl", "Zp")
UNCHECKED: Final = "the key was named by the file itself and not checked"


@dataclass(frozen=True)
class Problem:
    """Something that does not hold: a stable code, the act it is about (or None), and a sentence."""

    code: str
    seq: int | None
    why: str


@dataclass(frozen=True)
class Header:
    """What is known of an act from its leaf alone."""

    seq: int
    at: str
    type: str
    by: str


@dataclass(frozen=True)
class Bounds:
    """When an act was sealed: not before and not after; `by` whom, the maker alone where it is empty."""

    seq: int
    not_before: str
    not_after: str
    by: str


@dataclass
class Report:
    """The outcome of verifying one story. `acts` were found, `of` is how many there must be.

    `sealed` of them stand under a seal of the log, the others (`tail`) are bound by a signature alone.
    """

    version: str = ""
    number: str = ""
    origin: str = ""
    key_hash: str = ""
    #: The key of this log that was given, where `key_hash` follows from it by changes that both keys signed.
    given_hash: str = ""
    acts: int = 0
    of: int = 0
    as_of: str = ""
    age_seconds: int = 0
    sealed: int = 0
    tail: int = 0
    seal_no: int = 0
    log_size: int = 0
    key_pinned: bool = False
    witnesses: list[str] = field(default_factory=list)
    auditors: list[str] = field(default_factory=list)
    receipts: int = 0
    unchecked_stamps: int = 0
    bounds: list[Bounds] = field(default_factory=list)
    linked: list[tuple[str, int]] = field(default_factory=list)
    withheld: list[str] = field(default_factory=list)
    erased: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    errors: list[Problem] = field(default_factory=list)
    headers: list[Header] = field(default_factory=list)
    money: list[tuple[str, int, int, int]] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether everything holds."""
        return not self.errors

    def as_json(self) -> dict[str, Any]:
        """The members that `verify --json` prints; they are part of the contract."""
        return {
            "ok": self.ok,
            "version": self.version,
            "number": self.number,
            "acts": self.acts,
            "of": self.of,
            "as_of": self.as_of,
            "age_seconds": self.age_seconds,
            "sealed": self.sealed,
            "tail": self.tail,
            "key_pinned": self.key_pinned,
            "witnesses": self.witnesses,
            "audited": bool(self.auditors),
            "withheld": self.withheld,
            "erased": self.erased,
            "receipts": self.receipts,
            "times": [
                {
                    "act": each.seq + 1,
                    "not_before": each.not_before,
                    "not_after": each.not_after,
                    "by": each.by,
                }
                for each in self.bounds
            ],
            "linked": [{"number": number, "acts": acts} for number, acts in self.linked],
            "warnings": self.warnings,
            "errors": [vars(problem) for problem in self.errors],
        }

    def text(self, language: str = "en") -> str:
        """One screen, whatever is in the file: lists are cut, and nothing moves the cursor or turns letters round."""
        say = WORDS["fr" if language == "fr" else "en"]
        found = self._problems(say) if self.errors else self._findings(say)
        lines = [*self._headline(say), "", *found]
        return "".join(f"{plain(line.translate(JOINED))}\n" for line in lines)

    def _problems(self, say: dict[str, str]) -> list[str]:
        told = []
        for problem in self.errors:
            where = say["act"].format(n=problem.seq + 1) if problem.seq is not None else say["file"]
            why = say.get("c:" + problem.code, problem.why)
            told.append(f"  {where}{say['colon']}{why} [{problem.code}]")
        return [say["fails"], *some(told, say, MOST_ERRORS)]

    def _findings(self, say: dict[str, str]) -> list[str]:
        lines = [self._count(say)]
        if self.as_of:
            lines.append(say["as_of"].format(at=self.as_of, age=age(self.age_seconds, say)))
        lines += self._seal(say)
        lines.append(self._hidden("withheld", self.withheld, say))
        if self.erased:
            lines.append(self._hidden("erased", self.erased, say))
        moved = []
        for currency, received, sent, owed in self.money:
            values = [grouped(minor, currency, say) for minor in (received, sent, owed)]
            moved.append(
                say["money"].format(currency=currency, received=values[0], sent=values[1], owed=values[2])
            )
        lines += some(moved, say)
        warned = [f"{say['warning']}{say['colon']}{warning(each, say)}" for each in self.warnings]
        lines += some(warned, say)
        return [*lines, "", *self._list(len(lines)), "", say["limit"]]

    def _count(self, say: dict[str, str]) -> str:
        # What is signed for by a receipt alone says nothing of how many acts there are by now.
        if self.tail and (self.sealed or not self.as_of):
            return say["acts_tail"].format(n=self.sealed, tail=self.tail)
        return _counted(say, "acts", self.acts).format(n=self.acts, of=self.of)

    def _seal(self, say: dict[str, str]) -> list[str]:
        """Who answers for it beside the maker, and what nobody could see."""
        if not self.sealed:
            return [say["signed"]]
        lines = [say["sealed"].format(no=self.seal_no, size=self.log_size)]
        if self.witnesses:
            lines.append(say["witnesses"].format(names=", ".join(self.witnesses)))
        else:
            lines.append(say["no_witness"])
        lines.append(
            say["audited"].format(names=", ".join(self.auditors)) if self.auditors else say["not_audited"]
        )
        if self.receipts:
            lines.append(_counted(say, "receipts", self.receipts).format(n=self.receipts))
        if self.linked:
            told = ", ".join(f"{number} ({acts})" for number, acts in self.linked)
            lines.append(say["linked"].format(told=told))
        if self.unchecked_stamps:
            lines.append(_counted(say, "stamps", self.unchecked_stamps).format(n=self.unchecked_stamps))
        return lines

    def _headline(self, say: dict[str, str]) -> list[str]:
        if self.errors:
            first = say["refused"].format(number=self.number or "?")
        else:
            first = under(say, self.origin, self.key_hash, self.key_pinned, self.given_hash)
        return [first, say["demo"]] if self.origin.startswith("demo.") else [first]

    def _hidden(self, kind: str, names: list[str], say: dict[str, str]) -> str:
        if not names:
            return say["none"]
        different = list(dict.fromkeys(names))
        shown = [*different[:MOST_NAMES], *["…"][: len(different) > MOST_NAMES]]
        told = [_erased_by(name, say) for name in shown]
        return _counted(say, kind, len(names)).format(n=len(names), names=", ".join(told))

    def _list(self, above: int) -> list[str]:
        bounds = {each.seq: each for each in self.bounds}
        lines = []
        for each in self.headers:
            line = f"{each.seq + 1:>4}  {each.at}  {each.by:<9} {each.type}"
            sealed = bounds.get(each.seq)
            if sealed:
                line = f"{line:<66} {sealed.not_before[:10] or '…':<10} – {sealed.not_after[:10]}"
            lines.append(line)
        # Headline, empty lines and the last one take six.
        room = max(9, SCREEN_LINES - 6 - above)
        if len(lines) <= room:
            return lines
        half = (room - 1) // 2
        return [*lines[:half], f"      … {len(lines) - 2 * half} …", *lines[-half:]]


def under(say: dict[str, str], origin: str, key: str, pinned: bool, given: str) -> str:
    """Under which key it holds, and who named it: the reader, a key that the reader gave, or the file. Ids of keys."""
    if pinned and given not in ("", key):
        return say["followed"].format(origin=origin, hash=key, given=given)
    return say["pinned" if pinned else "unpinned"].format(origin=origin, hash=key)


def plain(line: str) -> str:
    """A line without characters that a terminal obeys or that turn letters round; U+FFFD stands for each."""
    if line.isprintable():
        return line
    return "".join("\ufffd" if unicodedata.category(char) in _OBEYED else char for char in line)


def _counted(say: dict[str, str], kind: str, n: int) -> str:
    """The sentence for one of them, or for several."""
    return say[f"{kind}_one"] if n == 1 else say[kind]


def _erased_by(name: str, say: dict[str, str]) -> str:
    """`iban (act 9)`, in the reader's language."""
    found = re.fullmatch(r"(.+) \(act (\d+)\)", name)
    return f"{found[1]} ({say['act'].format(n=found[2])})" if found else name


def some(lines: list[str], say: dict[str, str], most: int = MOST_LINES) -> list[str]:
    """The first of them, and how many more there are."""
    return [*lines[:most], say["more"].format(n=len(lines) - most)] if len(lines) > most else lines


def warning(said: str, say: dict[str, str]) -> str:
    """A warning in the reader's language: its template is found by its English form."""
    for template, theirs in WARNINGS.items():
        found = re.fullmatch(re.sub(r"\\{(\w+)\\}", r"(?P<\1>.+)", re.escape(template)), said)
        if found and say["warning"] != WORDS["en"]["warning"]:
            return theirs.format(**found.groupdict())
    return said


def age(seconds: int, say: dict[str, str]) -> str:
    """A time in the largest unit of which there are at least two."""
    for unit, size in (("days", 86_400), ("hours", 3_600), ("minutes", 60)):
        if seconds >= 2 * size:
            return f"{seconds // size} {say[unit]}"
    return f"{seconds} {say['seconds']}"


def grouped(minor: int, currency: str, say: dict[str, str]) -> str:
    """Grouped decimal text as the language writes it; currencies without hundredths as ISO 4217 has them."""
    digits = 0 if currency in _NO_CENTS else 3 if currency in _THOUSANDTHS else 2
    whole, rest = divmod(abs(minor), 10**digits)
    written = f"{whole:,}".replace(",", say["group"])
    written = f"{written}{say['point']}{rest:0{digits}d}" if digits else written
    return f"-{written}" if minor < 0 else written


_NO_CENTS = set("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split())
_THOUSANDTHS = set("BHD IQD JOD KWD LYD OMR TND".split())


def age_seconds(as_of: datetime, now: datetime) -> int:
    """How old the signature is; not below zero, whatever clocks say."""
    return max(0, int((now - as_of).total_seconds()))
