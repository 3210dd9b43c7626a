"""What our bank says of a file of ours: pain.002, customer payment status report (ISO 20022), .001.03 to .001.14.

A status is said of the whole file, of its batch or of one transfer; the nearest one counts. A file that is only
partly accepted (PART) lists what was refused, so what is not listed is not decided yet. Codes: ISO 20022 external
code sets, payment group, payment information and payment transaction status.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from earnest.rails.bank.statement import Unreadable, minor_units
from earnest.rails.bank.xml import Node, Reader

MESSAGE: Final = "CstmrPmtStsRpt"
SENT, ARRIVED, REFUSED, PENDING = "sent", "arrived", "refused", "pending"
_OUTCOMES: Final = {
    **dict.fromkeys(("ACSC",), SENT),
    **dict.fromkeys(("ACCC",), ARRIVED),
    **dict.fromkeys(("RJCT", "CANC"), REFUSED),
    **dict.fromkeys(
        "ACTC ACCP ACFC ACFW ACSP ACPD ACWC ACWP ACIS RCVD PDNG PART PATC PRES BLCK".split(), PENDING
    ),
    # Verification of payee: it has been made, and the bank waits for our word or goes on.
    **dict.fromkeys("RCVC RVCM RVNC RVMC RVNM RVNA".split(), PENDING),
}
#: A file, batch or transfer is refused because the bank has it already: what it has is under way.
_TWICE: Final = frozenset(("DUPL", "AM05", "DU01", "DU02", "DU03", "DU04", "DU05"))
#: What verification of payee found, of one transfer (EPC218-23; Regulation (EU) 2024/886, art. 5c).
VERIFIED: Final = {"RCVC": "match", "RVMC": "close-match", "RVNM": "no-match", "RVNA": "not-available"}
_HANDED: Final = frozenset(("TxInfAndSts", "OrgnlPmtInfAndSts", "OrgnlGrpInfAndSts", MESSAGE, "Document"))
ANSWERS_MAX: Final = 100_000


@dataclass(frozen=True)
class Answer:
    """One status: of the transfer `end_to_end`, or of all that have none of their own where that is empty.

    `code` is the bank's; `outcome` what it means for us; `why` the bank's reason code (AC04 …). `amount_minor` is 0
    where the bank does not repeat it.
    """

    line: int
    end_to_end: str
    code: str
    outcome: str
    why: str = ""
    words: str = ""
    amount_minor: int = 0
    currency: str = ""


@dataclass(frozen=True)
class Report:
    """A whole answer: the bank's name for it, and the file of ours that it is about."""

    name: str
    message: str
    order: str
    answers: tuple[Answer, ...]

    @property
    def whole(self) -> Answer | None:
        """What is said of all that is not named: of the batch, or of the file."""
        general = [each for each in self.answers if not each.end_to_end]
        return general[-1] if general else None


class _Reading:
    def __init__(self, name: str) -> None:
        self.name = name
        self.message = self.order = ""
        self.answers: list[Answer] = []
        self.seen = False

    def take(self, node: Node, parents: list[Node]) -> bool:
        """An element has ended. True keeps it on its parent."""
        if node.name == "TxInfAndSts":
            self._one(node)
        elif node.name in ("OrgnlGrpInfAndSts", "OrgnlPmtInfAndSts"):
            self._whole(node)
        elif node.name == MESSAGE:
            self.seen = True
            self.message = node.get("GrpHdr/MsgId")
        elif node.name == "Document" and not parents:
            if not self.seen or not self.order:
                raise Unreadable("it says of no file what it answers (OrgnlMsgId)", node.line)
        else:
            return True
        return False

    def _one(self, node: Node) -> None:
        end_to_end = node.get("OrgnlEndToEndId")
        if not end_to_end:
            raise Unreadable("a transaction is answered without its end-to-end id", node.line)
        if len(self.answers) >= ANSWERS_MAX:
            raise Unreadable(f"it has more than {ANSWERS_MAX} answers", node.line)
        amount = node.find("OrgnlTxRef/Amt/InstdAmt")
        currency = amount.attributes.get("Ccy", "") if amount else ""
        minor = minor_units(amount.text.strip(), ".", currency, amount.line) if amount and currency else 0
        self._add(node, end_to_end, node.get("TxSts"), minor, currency)

    def _whole(self, node: Node) -> None:
        if node.name == "OrgnlGrpInfAndSts":
            self.order = node.get("OrgnlMsgId")
        self._add(node, "", node.get("GrpSts") or node.get("PmtInfSts"), 0, "")

    def _add(self, node: Node, end_to_end: str, code: str, minor: int, currency: str) -> None:
        if not code:
            return
        if code not in _OUTCOMES:
            raise Unreadable(f"“{code[:10]}” is no status of a payment", node.line)
        why = node.get("StsRsnInf/Rsn/Cd") or node.get("StsRsnInf/Rsn/Prtry")
        words = node.get("StsRsnInf/AddtlInf")
        outcome = PENDING if _OUTCOMES[code] == REFUSED and why in _TWICE else _OUTCOMES[code]
        self.answers.append(
            Answer(node.line, end_to_end, code, outcome, why[:35], words[:200], minor, currency)
        )


def read(name: str, chunks: Iterable[bytes]) -> Report:
    """Read one answer. Raises Unreadable: then nothing of it is used."""
    reading = _Reading(name)
    Reader("Document", _HANDED, reading.take).feed(chunks)
    return Report(name, reading.message, reading.order, tuple(reading.answers))


def is_one(start: bytes) -> bool:
    """Whether a file that begins like this is such an answer, and no statement."""
    return re.search(rf"<(?:\w+:)?{MESSAGE}[\s>]".encode(), start) is not None
