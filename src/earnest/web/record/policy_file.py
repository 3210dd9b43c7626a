"""The policy that a book proposes to its readers; they should get it elsewhere than from the maker, or change it."""

from django.conf import settings

from earnest.book import export
from earnest.record.notes import Verifier


def policy_text() -> str:
    """C2SP tlog-policy with our own lines: the log, receipts, witnesses, auditors, and how long an act may wait."""
    config = settings.EARNEST
    log_key, receipt_keys, _ = export.vkeys()
    lines = [
        f"log {log_key} {config.base_url}/record",
        *(f"# earnest receipts {vkey}" for vkey in receipt_keys),
    ]
    names, auditors = [], []
    for vkey, url in (*config.witnesses, *config.auditors):
        name = Verifier.parse(vkey).name
        names.append(name)
        if (vkey, url) in config.auditors:
            auditors.append(name)
        lines.append(f"witness {name} {vkey} {url}")
    if names:
        lines.append(f"group all-of-them {len(names) // 2 + 1} {' '.join(names)}")
    lines.append("quorum all-of-them" if names else "quorum none")
    if auditors:
        lines.append(f"# earnest auditor {' '.join(auditors)}")
    lines += [f"# earnest tsa {each.name} {each.sha256}" for each in config.tsas]
    lines.append("# earnest max-merge-delay 24h")
    return "\n".join(lines) + "\n"
