"""What checking a proof of reserves found, as data and as one screen of text in English or French."""

from dataclasses import dataclass, field
from typing import Any, Final

from earnest.record.canonical import b64
from earnest.record.report import JOINED, Problem, age, grouped, plain, some, under, warning
from earnest.record.reserves import GROUPS, HELD, OWED, Statement
from earnest.record.words import WORDS
from earnest.record.words_reserves import RESERVES

#: So many currencies, of those in which something is owed to the holder, are told; `--json` has them all.
MOST_CURRENCIES: Final = 3
#: A chart has fifteen accounts; a file may name more.
MOST_ACCOUNTS: Final = 20


@dataclass
class ReservesReport:
    """The outcome of checking one proof. `yours` is what the reservation is owed, in minor units a currency.

    `logged` is the size of the checkpoint under which act `act` made the statement; 0 where the file does not say.
    """

    number: str = ""
    origin: str = ""
    key_hash: str = ""
    #: As in a story's report, where the key of the log was given and not that of receipts.
    given_hash: str = ""
    age_seconds: int = 0
    key_pinned: bool = False
    statement: Statement | None = None
    yours: dict[str, int] = field(default_factory=dict)
    logged: int = 0
    act: int = 0
    witnesses: list[str] = field(default_factory=list)
    auditors: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    errors: list[Problem] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether everything holds."""
        return not self.errors

    def as_json(self) -> dict[str, Any]:
        """The members that `verify --reserves --json` prints; they are part of the contract."""
        made = self.statement
        return {
            "ok": self.ok,
            "number": self.number,
            "origin": self.origin,
            "as_of": made.at if made else "",
            "age_seconds": self.age_seconds,
            "seal": made.seal if made else None,
            "size": made.size if made else None,
            "tree": b64(made.tree) if made else "",
            "yours": self.yours,
            "owed": {each: made.total(each, OWED) for each in made.currencies} if made else {},
            "held": {each: made.total(each, HELD) for each in made.currencies} if made else {},
            "accounts": made.sums if made else {},
            "key_pinned": self.key_pinned,
            "logged": self.logged,
            "witnesses": self.witnesses,
            "audited": bool(self.auditors),
            "warnings": self.warnings,
            "errors": [vars(problem) for problem in self.errors],
        }

    def text(self, language: str = "en") -> str:
        """One screen, whatever is in the file."""
        language = "fr" if language == "fr" else "en"
        say = WORDS[language] | RESERVES[language]
        found = self._problems(say) if self.errors else self._findings(say)
        return "".join(f"{plain(line.translate(JOINED))}\n" for line in [*self._headline(say), "", *found])

    def _headline(self, say: dict[str, str]) -> list[str]:
        if self.errors:
            first = say["r:refused"].format(number=self.number or "?")
        else:
            first = under(say, self.origin, self.key_hash, self.key_pinned, self.given_hash)
        return [first, say["demo"]] if self.origin.startswith("demo.") else [first]

    def _problems(self, say: dict[str, str]) -> list[str]:
        told = [f"  {say.get('c:' + p.code, p.why)} [{p.code}]" for p in self.errors]
        return [say["fails"], *told]

    def _findings(self, say: dict[str, str]) -> list[str]:
        made = self.statement
        assert made is not None
        lines: list[str] = []
        theirs = [currency for currency in made.currencies if self.yours[currency]] or made.currencies
        for currency in theirs[:MOST_CURRENCIES]:
            lines += [*self._currency(made, currency, say), ""]
        lines.append(say["r:as_of"].format(at=made.at, age=age(self.age_seconds, say), seal=made.seal))
        lines += self._log(say)
        lines.append(say["r:compare"].format(tree=b64(made.tree)))
        lines += some([f"{say['warning']}{say['colon']}{warning(each, say)}" for each in self.warnings], say)
        return [*lines, "", say["r:limit_held"], say["r:limit_others"]]

    def _currency(self, made: Statement, currency: str, say: dict[str, str]) -> list[str]:
        """Yours among all, and the difference account by account."""

        def line(name: str, minor: int) -> str:
            return f"  {name:<28}{grouped(minor, currency, say):>24}"

        yours = say["r:yours"].format(
            yours=f"{grouped(self.yours[currency], currency, say)} {currency}",
            number=self.number,
            owed=f"{grouped(made.total(currency, OWED), currency, say)} {currency}",
            origin=self.origin,
        )
        held = say["r:held_all"].format(
            held=f"{grouped(made.total(currency, HELD), currency, say)} {currency}"
        )
        accounts = [
            line(say["r:line"].format(group=say[f"r:{group}"], account=name), minor)
            for group in GROUPS
            for name, minor in made.sums[currency][group].items()
            if minor
        ]
        lines = [yours, held, *some(accounts, say, MOST_ACCOUNTS)]
        difference = made.total(currency, HELD) - made.total(currency, OWED)
        return [*lines, line(say["r:difference"], difference)]

    def _log(self, say: dict[str, str]) -> list[str]:
        if not self.logged:
            return [say["r:not_logged"]]
        lines = [say["r:logged"].format(act=self.act, size=self.logged)]
        if self.witnesses:
            lines.append(say["witnesses"].format(names=", ".join(self.witnesses)))
        else:
            lines.append(say["no_witness"])
        return [*lines, say["audited"].format(names=", ".join(self.auditors))] if self.auditors else lines
