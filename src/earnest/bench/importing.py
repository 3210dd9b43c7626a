"""What it costs to book a large statement: a camt.053, taken in by `./earnest bank import` in a process of its own.

Every second entry names a reservation and pays its deposit; the others name nobody and are kept for a person.
"""

import json
import resource
import subprocess
import sys
from collections.abc import Iterator, Sequence
from io import StringIO
from pathlib import Path
from typing import Any, Final

ACCOUNT: Final = "FR7630006000011234567890189"
DAY: Final = "2026-03-01"
_HEAD: Final = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><GrpHdr><MsgId>BENCH</MsgId>'
    f"<CreDtTm>{DAY}T18:00:00</CreDtTm></GrpHdr><Stmt><Id>BENCH</Id><Acct><Id><IBAN>{ACCOUNT}</IBAN></Id></Acct>\n"
)
_ENTRY: Final = (
    '<Ntry><Amt Ccy="EUR">%d.%02d</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>'
    f"<BookgDt><Dt>{DAY}</Dt></BookgDt><ValDt><Dt>{DAY}</Dt></ValDt><AcctSvcrRef>B%d</AcctSvcrRef>"
    "<BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>RCDT</Cd><SubFmlyCd>ESCT</SubFmlyCd></Fmly></Domn></BkTxCd>"
    "<NtryDtls><TxDtls><Refs><EndToEndId>E%d</EndToEndId></Refs><RltdPties><Dbtr><Pty><Nm>Payer %d</Nm></Pty></Dbtr>"
    "<DbtrAcct><Id><IBAN>DE89370400440532013000</IBAN></Id></DbtrAcct></RltdPties>"
    "<RmtInf><Ustrd>%s</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>\n"
)


def write(file: Path, numbers: Sequence[str], minor: int) -> None:
    """A statement with twice as many entries as numbers, each of `minor` units."""
    with file.open("w", encoding="utf-8") as out:
        out.write(_HEAD)
        out.writelines(_entries(numbers, minor))
        out.write("</Stmt></BkToCstmrStmt></Document>\n")


def _entries(numbers: Sequence[str], minor: int) -> Iterator[str]:
    for n, number in enumerate(numbers):
        for place, words in ((2 * n, f"Deposit {number}, thank you"), (2 * n + 1, f"Invoice {n} of March")):
            yield _ENTRY % (*divmod(minor, 100), place, place, place, words)


def taken_in(file: Path) -> dict[str, Any]:
    """Seconds, peak megabytes, and how many entries came to what, by a process that imports the file."""
    command = [sys.executable, "-P", "-m", "earnest.bench.importing", str(file)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def main(file: str) -> None:
    """The child."""
    import time

    import django

    began = time.perf_counter()
    django.setup()
    from django.core.management import call_command

    from earnest.bench.record import START
    from earnest.book import clock, keys, mode

    clock.use(clock.ManualClock(START))
    keys.use(keys.from_seed(mode.origin(), "bench"))
    said = StringIO()
    call_command("bank", "import", file, "--json", stdout=said)
    seconds = time.perf_counter() - began
    unit = 1 if sys.platform == "darwin" else 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6
    print(
        json.dumps({"seconds": seconds, "peak": peak, "said": json.loads(said.getvalue().splitlines()[-1])})
    )


if __name__ == "__main__":
    main(sys.argv[1])
