"""What the verifier found, as data and as one screen of text in English or French."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

SCREEN_LINES: Final = 40


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


@dataclass
class Report:
    """The outcome of verifying one story. `acts` were found, `of` is how many its signer says there are."""

    version: str = ""
    number: str = ""
    origin: str = ""
    key_hash: str = ""
    acts: int = 0
    of: int = 0
    as_of: str = ""
    age_seconds: int = 0
    key_pinned: bool = False
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
            # Version 0 is signed by the maker and sealed by nobody.
            "sealed": 0,
            "tail": self.acts,
            "key_pinned": self.key_pinned,
            "witnesses": [],
            "audited": False,
            "withheld": self.withheld,
            "erased": self.erased,
            "receipts": 0,
            "warnings": self.warnings,
            "errors": [vars(problem) for problem in self.errors],
        }

    def text(self, language: str = "en") -> str:
        """One screen."""
        say = _WORDS["fr" if language == "fr" else "en"]
        lines = [self._headline(say), ""]
        if self.errors:
            lines += [say["fails"]]
            for problem in self.errors[:10]:
                where = say["act"].format(n=problem.seq + 1) if problem.seq is not None else say["file"]
                lines.append(f"  {where}: {problem.why} [{problem.code}]")
            if len(self.errors) > 10:
                lines.append(say["more"].format(n=len(self.errors) - 10))
            return "\n".join(lines) + "\n"
        lines.append(say["acts"].format(n=self.acts, of=self.of))
        lines.append(say["as_of"].format(at=self.as_of, age=_age(self.age_seconds, say)))
        lines.append(say["signed"])
        lines.append(self._hidden("withheld", self.withheld, say))
        if self.erased:
            lines.append(self._hidden("erased", self.erased, say))
        for currency, received, sent, owed in self.money:
            values = [_major(minor, currency) for minor in (received, sent, owed)]
            lines.append(
                say["money"].format(currency=currency, received=values[0], sent=values[1], owed=values[2])
            )
        lines += [f"{say['warning']}: {_warning(warning, say)}" for warning in self.warnings]
        lines += ["", *self._list(), "", say["limit"]]
        return "\n".join(lines) + "\n"

    def _headline(self, say: dict[str, str]) -> str:
        if self.errors:
            first = say["refused"].format(number=self.number or "?")
        elif self.key_pinned:
            first = say["pinned"].format(origin=self.origin, hash=self.key_hash)
        else:
            first = say["unpinned"].format(origin=self.origin, hash=self.key_hash)
        if self.origin.startswith("demo."):
            first += "\n" + say["demo"]
        return first

    def _hidden(self, kind: str, names: list[str], say: dict[str, str]) -> str:
        if not names:
            return say["none"]
        shown = ", ".join(dict.fromkeys(names))
        return say[kind].format(n=len(names), names=shown)

    def _list(self) -> list[str]:
        lines = [f"{each.seq + 1:>4}  {each.at}  {each.by:<9} {each.type}" for each in self.headers]
        room = SCREEN_LINES - 16
        if len(lines) <= room:
            return lines
        half = room // 2
        return [*lines[:half], f"      … {len(lines) - 2 * half} …", *lines[-half:]]


def _warning(warning: str, say: dict[str, str]) -> str:
    return say.get(f"w:{warning}", warning)


def _age(seconds: int, say: dict[str, str]) -> str:
    for unit, size in (("days", 86_400), ("hours", 3_600), ("minutes", 60)):
        if seconds >= 2 * size:
            return f"{seconds // size} {say[unit]}"
    return f"{seconds} {say['seconds']}"


def _major(minor: int, currency: str) -> str:
    """Grouped decimal text; currencies without hundredths as ISO 4217 has them."""
    digits = 0 if currency in _NO_CENTS else 3 if currency in _THOUSANDTHS else 2
    whole, rest = divmod(minor, 10**digits)
    return f"{whole:,}.{rest:0{digits}d}" if digits else f"{whole:,}"


_NO_CENTS = set("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split())
_THOUSANDTHS = set("BHD IQD JOD KWD LYD OMR TND".split())


def age_seconds(as_of: datetime, now: datetime) -> int:
    """How old the signature is; not below zero, whatever clocks say."""
    return max(0, int((now - as_of).total_seconds()))


_WORDS: Final = {
    "en": {
        "unpinned": "Consistent under a key that the file itself names: {origin} {hash}, not checked",
        "pinned": "Verified under {origin} {hash}, the key that you gave",
        "refused": "DOES NOT HOLD: the story of {number} is not what its maker signed",
        "demo": "demonstration keys, proves nothing",
        "fails": "What does not hold:",
        "act": "act {n}",
        "file": "the file",
        "more": "  … and {n} more",
        "acts": "{n} of {of} acts, none left out, altered, moved or doubled",
        "as_of": "as of {at} ({age} old)",
        "signed": "signed by the maker, not sealed: no witness, no auditor",
        "withheld": "{n} fields withheld: {names}",
        "erased": "{n} fields erased: {names}",
        "none": "no field withheld",
        "money": "money in {currency}: received {received}, paid back {sent}, still owed or held {owed}",
        "warning": "warning",
        "limit": "A record cannot show what was never written into it: a call, or a letter that nobody logged.",
        "days": "days",
        "hours": "hours",
        "minutes": "minutes",
        "seconds": "seconds",
    },
    "fr": {
        "unpinned": "Cohérent selon une clé que le fichier lui-même désigne : {origin} {hash}, non vérifiée",
        "pinned": "Vérifié avec {origin} {hash}, la clé que vous avez donnée",
        "refused": "NE TIENT PAS : l'histoire de {number} n'est pas ce que son fabricant a signé",
        "demo": "clés de démonstration, ne prouve rien",
        "fails": "Ce qui ne tient pas :",
        "act": "acte {n}",
        "file": "le fichier",
        "more": "  … et {n} autres",
        "acts": "{n} actes sur {of}, aucun omis, modifié, déplacé ni doublé",
        "as_of": "au {at} (il y a {age})",
        "signed": "signé par le fabricant, non scellé : ni témoin, ni auditeur",
        "withheld": "{n} champs masqués : {names}",
        "erased": "{n} champs effacés : {names}",
        "none": "aucun champ masqué",
        "money": "argent en {currency} : reçu {received}, rendu {sent}, encore dû ou détenu {owed}",
        "warning": "attention",
        "limit": "Un registre ne montre pas ce qui n'y fut jamais écrit : un appel, une lettre que nul n'a notée.",
        "days": "jours",
        "hours": "heures",
        "minutes": "minutes",
        "seconds": "secondes",
        "w:the key was named by the file itself and not checked": (
            "la clé a été désignée par le fichier lui-même et n'a pas été vérifiée"
        ),
        "w:some entries are withheld, so the money was not added up": (
            "des écritures sont masquées, l'argent n'a donc pas été additionné"
        ),
    },
}
