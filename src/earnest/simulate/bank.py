"""A bank that tells of the same credits again and again: in overlapping files, in two formats, in any order."""

import random
from dataclasses import dataclass, field
from datetime import date

from earnest.core import creditor_reference

ACCOUNT = "DE89370400440532013000"


@dataclass(frozen=True)
class Credit:
    """Money that somebody sent; `number` is the reservation that its words name, or nothing."""

    reference: str
    minor: int
    words: str
    on: date
    number: str


@dataclass
class Bank:
    """Everything that came to our account, in its order."""

    dice: random.Random
    credits: list[Credit] = field(default_factory=list)

    def comes(self, minor: int, number: str, on: date) -> None:
        """Somebody sends money: with the reference, the number in some spelling, nearly the number, or nothing."""
        plain = number.replace("-", "")
        words, names = self.dice.choice(
            (
                (creditor_reference.grouped(creditor_reference.of(number)), True),
                (f"deposit {number.lower()}", True),
                (f"{plain[:3]} {plain[3:7]}.{plain[7:]}", True),
                (f"{plain[:-1]}", False),
                ("for the thing", False),
            )
        )
        reference = f"B{len(self.credits)}"
        self.credits.append(Credit(reference, minor, words, on, number if names else ""))

    def file(self) -> tuple[bytes, list[Credit]]:
        """Some of what came, newer credits more often, and the file that tells it."""
        start = int(len(self.credits) * self.dice.random())
        told = self.credits[start : start + self.dice.randint(1, 12)]
        if self.dice.random() < 0.3:
            self.dice.shuffle(told)
        return (_camt(told) if self.dice.random() < 0.7 else _mt940(told)), told


def _camt(told: list[Credit]) -> bytes:
    entries = "".join(
        f'<Ntry><Amt Ccy="EUR">{each.minor // 100}.{each.minor % 100:02d}</Amt><CdtDbtInd>CRDT</CdtDbtInd>'
        f"<Sts><Cd>BOOK</Cd></Sts><ValDt><Dt>{each.on}</Dt></ValDt><AcctSvcrRef>{each.reference}</AcctSvcrRef>"
        f"<NtryDtls><TxDtls><RmtInf><Ustrd>{each.words}</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>"
        for each in told
    )
    return (
        "<Document><BkToCstmrStmt><GrpHdr><MsgId>M</MsgId></GrpHdr><Stmt><Id>S</Id>"
        f"<Acct><Id><IBAN>{ACCOUNT}</IBAN></Id></Acct>{entries}</Stmt></BkToCstmrStmt></Document>"
    ).encode()


def _mt940(told: list[Credit]) -> bytes:
    lines = [":20:S", ":25:37040044/0532013000", ":28C:1/1", ":60F:C190101EUR0,00"]
    for each in told:
        amount = f"{each.minor // 100},{each.minor % 100:02d}"
        lines += [f":61:{each.on:%y%m%d}C{amount}NTRFNONREF//{each.reference}", f":86:SVWZ+{each.words}"]
    total = sum(each.minor for each in told)
    lines += [f":62F:C190101EUR{total // 100},{total % 100:02d}", "-", ""]
    return "\r\n".join(lines).encode()
