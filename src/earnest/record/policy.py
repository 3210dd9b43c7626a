"""Whom a reader believes, as a file (C2SP tlog-policy)."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from earnest.record.notes import Verifier


class BadPolicy(ValueError):
    """The text is no policy."""


@dataclass(frozen=True)
class Policy:
    """Placeholder shape until the parser lands."""

    logs: tuple[Verifier, ...] = ()
    witnesses: Mapping[str, Verifier] = field(default_factory=dict)
    receipts: tuple[Verifier, ...] = ()
    auditors: tuple[str, ...] = ()
    max_age_seconds: int | None = None
    max_merge_delay_seconds: int | None = None
    tsas: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def parse(cls, text: str) -> "Policy":
        """Not yet."""
        raise BadPolicy("policies are not read yet")

    def satisfied(self, names: set[str]) -> bool:
        """Not yet."""
        return True

    def quorum_times(self, times: Mapping[str, int]) -> tuple[int, int] | None:
        """Not yet."""
        return (min(times.values()), max(times.values())) if times else None
