"""What a careful person with a squared notebook would expect: places, queue, and every cent. It shares no code with
the core and knows nothing of acts, entries or states; it is told what was asked and whether it was granted.
"""

from dataclasses import dataclass, field


@dataclass
class Line:
    """One reservation in the notebook. `left` is what of each payment has not been promised back.

    `passed`: payments of somebody who passed it on, and not both said that they may go back there, or who has died.
    """

    queue: int
    living: int
    held: int
    first_minor: int
    plan_minor: int
    confirmed: bool = False
    over: bool = False
    left: dict[str, int] = field(default_factory=dict)
    paid: dict[str, int] = field(default_factory=dict)
    back: dict[str, int] = field(default_factory=dict)
    sent: dict[str, int] = field(default_factory=dict)
    waiting: list[tuple[int, bool, dict[str, int]]] = field(default_factory=list)
    passed: set[str] = field(default_factory=set)
    #: Whoever holds it is said to have died: how often its refunds had been asked for by then; nothing more is.
    asked_at_death: int | None = None


class Notebook:
    """All reservations of one offer with so many places."""

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self.lines: dict[str, Line] = {}
        #: What came to the bank and names nobody, in cents.
        self.unmatched = 0

    def free(self) -> int:
        """Places that nobody holds."""
        return self.capacity - sum(line.held for line in self.lines.values())

    def placed(self, number: str, quantity: int, first_minor: int, plan_minor: int) -> None:
        """A new line at the end of the queue."""
        self.lines[number] = Line(len(self.lines) + 1, quantity, quantity, first_minor, plan_minor)

    def paid(self, number: str, reference: str, minor: int) -> None:
        """Money came: it counts, or what is too much goes straight back."""
        line = self.lines[number]
        line.paid[reference] = line.left[reference] = minor
        most = 0 if line.over else line.plan_minor * line.living
        too_much = min(minor, max(0, sum(line.left.values()) - most))
        self._promise(line, {reference: too_much})
        if line.over and line.waiting:
            line.waiting[-1][2][reference] = too_much
        if not line.over and sum(line.left.values()) >= line.first_minor * line.living:
            line.confirmed = True

    def given_back(self, number: str, reference: str) -> None:
        """All that is left of a payment that came twice."""
        line = self.lines[number]
        self._promise(line, {reference: line.left[reference]})

    def cancelled(self, number: str, quantity: int) -> None:
        """So many places end; their share of each payment goes back, a broken cent to the customer."""
        line = self.lines[number]
        share = {ref: -(-minor * quantity // line.living) for ref, minor in line.left.items()}
        line.living -= quantity
        line.over = line.living == 0
        self._promise(line, share)
        given_back = any(share.values())
        line.held -= 0 if given_back else quantity
        line.waiting.append((quantity, given_back, {ref: minor for ref, minor in share.items() if minor}))

    def lapsed(self, number: str) -> None:
        """The place is given back at once, and so is what was paid."""
        line = self.lines[number]
        share = dict(line.left)
        self._promise(line, share)
        line.over, line.held = True, 0
        line.waiting = [(count, False, promised) for count, _, promised in line.waiting]
        line.waiting.append((0, False, {ref: minor for ref, minor in share.items() if minor}))

    def taken_back(self, number: str) -> None:
        """The last ending is undone; what had been promised back because of it counts again."""
        line = self.lines[number]
        quantity, still_held, share = line.waiting.pop()
        for reference, minor in share.items():
            line.left[reference] += minor
            line.back[reference] -= minor
        line.living += quantity
        if not still_held:
            line.held = line.living
        line.over, line.confirmed = False, True
        for reference in reversed(list(line.left)):
            too_much = sum(line.left.values()) - line.plan_minor * line.living
            self._promise(line, {reference: max(0, min(line.left[reference], too_much))})

    def released(self, number: str, quantity: int) -> None:
        """Cancelled places that were kept are free again."""
        line = self.lines[number]
        line.held -= quantity
        line.waiting = [
            (count, False if kept and count == quantity else kept, share)
            for count, kept, share in line.waiting
        ]

    def sent(self, number: str, reference: str, minor: int) -> None:
        """The provider moved money out (or, below zero, it came back)."""
        line = self.lines[number]
        line.sent[reference] = line.sent.get(reference, 0) + minor

    def _promise(self, line: Line, share: dict[str, int]) -> None:
        for reference, minor in share.items():
            line.left[reference] -= minor
            line.back[reference] = line.back.get(reference, 0) + minor
