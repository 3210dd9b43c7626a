"""Bank files for tests, written from what they are to hold: camt.053, camt.054 and MT940, of one account in EUR."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from xml.sax.saxutils import escape

ACCOUNT = "DE89370400440532013000"
DAY = date(2026, 3, 2)


@dataclass(frozen=True)
class Line:
    """One entry, or one part of a batch: what the payer wrote, and the references that the bank gives."""

    amount: str
    text: str = ""
    bank: str = ""
    end_to_end: str = ""
    name: str = "Ada Moreau"
    iban: str = "FR1420041010050500013M02606"
    currency: str = "EUR"
    debit: bool = False
    reversal: bool = False
    returned: str = ""
    day: date = DAY
    status: str = "BOOK"

    def on(self, day: date) -> "Line":
        return replace(self, day=day)


def camt(path: Path, *lines: Line | Sequence[Line], kind: str = "053") -> str:
    """A file with one entry for each line; a sequence of lines is one batch with its details. Gives its name."""
    message, statement = {"053": ("BkToCstmrStmt", "Stmt"), "054": ("BkToCstmrDbtCdtNtfctn", "Ntfctn")}[kind]
    body = "\n".join(_entry([each] if isinstance(each, Line) else list(each)) for each in lines)
    path.write_text(
        f'<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.{kind}.001.08"><{message}>\n'
        f"<GrpHdr><MsgId>M</MsgId></GrpHdr><{statement}><Id>S</Id>\n"
        f"<Acct><Id><IBAN>{ACCOUNT}</IBAN></Id></Acct>\n{body}\n</{statement}></{message}></Document>\n"
    )
    return str(path)


def mt940(path: Path, *lines: Line) -> str:
    """The same entries as an MT940, which knows less. Gives its name."""
    total = sum(int(each.amount.replace(".", "")) * (-1 if each.debit else 1) for each in lines)
    said = [":20:STARTUMS", ":25:37040044/0532013000", ":28C:1/1", f":60F:C{DAY:%y%m%d}EUR0,00"]
    for each in lines:
        mark = ("R" if each.reversal else "") + ("D" if each.debit != each.reversal else "C")
        bank = f"//{each.bank}" if each.bank else ""
        said.append(f":61:{each.day:%y%m%d}{mark}{each.amount.replace('.', ',')}NTRFNONREF{bank}")
        said.append(f":86:EREF+{each.end_to_end or 'NOTPROVIDED'} SVWZ+{each.text}")
    sign = "C" if total >= 0 else "D"
    said.append(f":62F:{sign}{DAY:%y%m%d}EUR{abs(total) // 100},{abs(total) % 100:02d}")
    path.write_text("\r\n".join([*said, "-", ""]))
    return str(path)


def _entry(parts: list[Line]) -> str:
    first = parts[0]
    total = sum(int(each.amount.replace(".", "")) for each in parts)
    own = f"<AcctSvcrRef>{escape(first.bank)}</AcctSvcrRef>" if first.bank else ""
    details = "".join(_detail(each, len(parts) > 1) for each in parts)
    return (
        f'<Ntry><Amt Ccy="{first.currency}">{total // 100}.{total % 100:02d}</Amt>'
        f"<CdtDbtInd>{'DBIT' if first.debit else 'CRDT'}</CdtDbtInd>"
        f"{'<RvslInd>true</RvslInd>' if first.reversal else ''}<Sts><Cd>{first.status}</Cd></Sts>"
        f"<ValDt><Dt>{first.day}</Dt></ValDt>{own}<NtryDtls>{details}</NtryDtls></Ntry>"
    )


def _detail(each: Line, of_batch: bool) -> str:
    amount = f'<Amt Ccy="{each.currency}">{each.amount}</Amt>' if of_batch else ""
    role = "Cdtr" if each.debit else "Dbtr"
    back = f"<RtrInf><Rsn><Cd>{each.returned}</Cd></Rsn></RtrInf>" if each.returned else ""
    return (
        f"<TxDtls><Refs><EndToEndId>{escape(each.end_to_end) or 'NOTPROVIDED'}</EndToEndId></Refs>{amount}"
        f"<RltdPties><{role}><Pty><Nm>{escape(each.name)}</Nm></Pty></{role}>"
        f"<{role}Acct><Id><IBAN>{each.iban}</IBAN></Id></{role}Acct></RltdPties>"
        f"<RmtInf><Ustrd>{escape(each.text)}</Ustrd></RmtInf>{back}</TxDtls>"
    )
