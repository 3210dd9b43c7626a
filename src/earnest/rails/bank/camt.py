"""camt.052, camt.053 and camt.054 (ISO 20022, bank to customer cash management), versions .001.02 to .001.13.

Elements go by their local names, so a version, a prefix or a bank's own namespace makes no difference. What a
version moved is looked for in both places: `Sts` and `Sts/Cd` (since .08), `Dbtr/Nm` and `Dbtr/Pty/Nm` (since
.08), charges flat or in `Rcrd` (since .04). Source: ISO 20022 message definition reports.
"""

from collections.abc import Iterable
from datetime import date
from typing import Final

from earnest.rails.bank import amounts
from earnest.rails.bank.statement import (
    BOOKED,
    INFORMATION,
    PENDING,
    Balance,
    BankFile,
    Party,
    References,
    Summary,
    Transaction,
    Unreadable,
    Whole,
    kept_lines,
    known,
)
from earnest.rails.bank.xml import Node, Reader

#: The message inside `Document`, what it calls a statement, and its usual name.
_MESSAGES: Final = {
    "BkToCstmrAcctRpt": ("Rpt", "camt.052"),
    "BkToCstmrStmt": ("Stmt", "camt.053"),
    "BkToCstmrDbtCdtNtfctn": ("Ntfctn", "camt.054"),
}
_STATEMENTS: Final = frozenset(name for name, _ in _MESSAGES.values())
_HANDED: Final = _STATEMENTS | {"Ntry", "TxDtls", "Document", *_MESSAGES}

#: Entry status (external code set): FUTR is a booking of a day to come.
_STATUS: Final = {"BOOK": BOOKED, "PDNG": PENDING, "INFO": INFORMATION, "FUTR": PENDING}

ENTRIES_MAX: Final = 1_000_000


class _Reading:
    """Collects one file while it streams by."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.kind = ""
        self.transactions: list[Transaction] = []
        self.statements: list[Summary] = []
        self._details: list[Node] = []
        self._entries = 0
        self._booked_minor = 0
        self._in_statement = 0

    def take(self, node: Node, parents: list[Node]) -> bool:
        """An element has ended. True keeps it on its parent."""
        names = [parent.name for parent in parents]
        if node.name == "Document" and not names:
            self._end_of_document(node)
        elif node.name == "TxDtls" and names[-2:] == ["Ntry", "NtryDtls"]:
            self._details.append(node)
        elif node.name == "Ntry" and names[-1:] and names[-1] in _STATEMENTS:
            self._entry(node, parents[-1])
        elif node.name in _STATEMENTS and names and names[-1] in _MESSAGES:
            self._statement(node)
        elif node.name in _MESSAGES and names == ["Document"]:
            self.kind = _MESSAGES[node.name][1]
        else:
            return True
        return False

    def _end_of_document(self, node: Node) -> None:
        if not self.kind:
            inside = ", ".join(child.name for child in node.children[:3]) or "nothing"
            raise Unreadable(f"it holds {inside}, and no camt.052, camt.053 or camt.054", node.line)
        if not self.statements:
            raise Unreadable("it holds no statement", node.line)

    def _entry(self, node: Node, statement: Node) -> None:
        details, self._details = self._details, []
        self._entries += 1
        self._in_statement += 1
        if self._entries > ENTRIES_MAX or len(self.transactions) > ENTRIES_MAX:
            raise Unreadable(f"it has more than {ENTRIES_MAX} entries", node.line)
        currency, amount_minor = amounts.of_entry(node)
        status = _status(node, statement)
        if status == BOOKED:
            self._booked_minor += amount_minor
        parts = amounts.parts(node, amount_minor, currency, details)
        own, account = known(node.get("AcctSvcrRef")), account_of(statement)
        for place, (detail, minor, notes) in enumerate(parts):
            inner = detail or amounts.NO_DETAIL
            self.transactions.append(
                Transaction(
                    file=self.name,
                    line=inner.line if detail else node.line,
                    entry=len(self.transactions) + 1,
                    statement=len(self.statements) + 1,
                    account=account,
                    status=status,
                    amount_minor=minor,
                    currency=currency,
                    reversal=node.get("RvslInd") in ("true", "1"),
                    value_date=_day(node, "ValDt"),
                    booking_date=_day(node, "BookgDt"),
                    references=_references(inner, own if len(parts) == 1 else ""),
                    party=_party(inner, credit=minor >= 0, own=account),
                    lines=_lines(node, inner),
                    whole=Whole(self._entries, amount_minor, own, place, len(parts)),
                    returned=inner.find("RtrInf") is not None,
                    return_code=(inner.get("RtrInf/Rsn/Cd") or inner.get("RtrInf/Rsn/Prtry"))[:35],
                    batch=_batch(node, inner),
                    notes=notes,
                )
            )

    def _statement(self, node: Node) -> None:
        balances = {
            each.get("Tp/CdOrPrtry/Cd") or each.get("Tp/Cd"): each for each in reversed(node.all("Bal"))
        }
        self.statements.append(
            Summary(
                n=len(self.statements) + 1,
                kind=self.kind,
                id=node.get("Id"),
                account=account_of(node),
                opening=_balance(balances.get("OPBD") or balances.get("PRCD")),
                closing=_balance(balances.get("CLBD")),
                booked_minor=self._booked_minor,
                entries=self._in_statement,
            )
        )
        self._booked_minor = self._in_statement = 0


def read(name: str, chunks: Iterable[bytes]) -> BankFile:
    """Read one file. Raises Unreadable: then nothing of it is used."""
    reading = _Reading(name)
    Reader("Document", _HANDED, reading.take).feed(chunks)
    return BankFile(name, reading.kind, tuple(reading.transactions), tuple(reading.statements))


def account_of(statement: Node) -> str:
    """The account that a statement is of: its IBAN, or the number that the bank gives it."""
    return (statement.get("Acct/Id/IBAN") or statement.get("Acct/Id/Othr/Id")).replace(" ", "").upper()


def _status(entry: Node, statement: Node) -> str:
    """Booked, pending or information. A camt.053 holds booked entries, so there a missing status is that."""
    written = entry.get("Sts/Cd") or entry.get("Sts")
    if not written and statement.name == "Stmt":
        return BOOKED
    if written not in _STATUS:
        raise Unreadable(f"the entry's status (Sts) is {written or 'missing'}", entry.line)
    return _STATUS[written]


def _references(detail: Node, bank: str) -> References:
    refs = detail.find("Refs") or amounts.NO_DETAIL
    structured = (each.get("CdtrRefInf/Ref") for each in _remittance(detail, "Strd"))
    return References(
        bank=known(refs.get("AcctSvcrRef")) or bank,
        transaction=known(refs.get("UETR")) or known(refs.get("TxId")),
        end_to_end=known(refs.get("EndToEndId")),
        mandate=known(refs.get("MndtId")),
        creditor=" ".join(filter(None, structured)),
    )


def _batch(entry: Node, detail: Node) -> str:
    """Of an entry that is a whole file or batch of ours: its id as we gave it."""
    places = ("NtryDtls/Btch/PmtInfId", "NtryDtls/Btch/MsgId")
    found = [detail.get("Refs/PmtInfId"), detail.get("Refs/MsgId"), *(entry.get(each) for each in places)]
    return next((known(each) for each in found if known(each)), "")


def _party(detail: Node, *, credit: bool, own: str) -> Party:
    """The other side. In what came back to us we are still the payer, so our own account is never taken for it."""
    parties = detail.find("RltdPties") or amounts.NO_DETAIL
    for role in ("Dbtr", "Cdtr") if credit else ("Cdtr", "Dbtr"):
        iban = parties.get(f"{role}Acct/Id/IBAN").replace(" ", "").upper()
        name = parties.get(f"{role}/Nm") or parties.get(f"{role}/Pty/Nm")
        if (iban or name) and not (iban and iban == own):
            return Party(name, iban)
    return Party()


def _remittance(detail: Node, name: str) -> list[Node]:
    return [each for info in detail.all("RmtInf") for each in info.all(name)]


def _lines(entry: Node, detail: Node) -> tuple[str, ...]:
    """Free text of the payer, then the bank's own words about the transaction and the entry."""
    lines = [each.text.strip("\r\n\t") for each in _remittance(detail, "Ustrd")]
    for each in _remittance(detail, "Strd"):
        lines += [extra.text for extra in each.all("AddtlRmtInf")]
    lines += [detail.get("AddtlTxInf"), entry.get("AddtlNtryInf")]
    return kept_lines(lines)


def _day(entry: Node, name: str) -> date | None:
    written = entry.get(f"{name}/Dt") or entry.get(f"{name}/DtTm")
    if not written:
        return None
    try:
        return date.fromisoformat(written[:10])
    except ValueError:
        raise Unreadable(f"“{written[:40]}” is not a date", entry.line) from None


def _balance(node: Node | None) -> Balance | None:
    if node is None:
        return None
    currency, minor = amounts.of_entry(node)
    return Balance(minor, currency, _day(node, "Dt") or _plain_day(node))


def _plain_day(node: Node) -> date | None:
    try:
        return date.fromisoformat(node.get("Dt")[:10])
    except ValueError:
        return None
