"""The only door: commands go in, acts come out, in one transaction for everything that waits.

`do` loads the subjects under their locks, lets the core decide command after command, each seeing what the one
before it did, and writes acts, entries, state rows, duties and answers together. A refused command writes
nothing and does not disturb its neighbours. The receipt is signed after the commit.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction

from earnest.book import batch, crash, keys, mode
from earnest.book.loading import Loader
from earnest.book.rows import Loaded
from earnest.book.writing import Writer
from earnest.core.acts import Act
from earnest.core.commands.base import Command, Decision, Ref
from earnest.core.refusals import Refusal, Refused
from earnest.record.receipt import sign_receipt


@dataclass(frozen=True)
class Idempotency:
    """`key` is the client's; its scope is who asks (`actor`) through which `route`."""

    actor: str
    route: str
    key: str
    body_hash: str

    @property
    def slot(self) -> "Slot":
        """What is unique in the book."""
        return (self.actor, self.route, self.key)


@dataclass(frozen=True)
class Request:
    """A command, and the promise that asking again with the same key is asking once."""

    command: Command
    idempotency: Idempotency | None = None


@dataclass(frozen=True)
class Done:
    """It happened: the acts, the last one's `seq`, and the signed receipt of the chain up to there."""

    kind: str
    number: str
    acts: tuple[Act, ...]
    seq: int
    receipt: str
    replayed: bool = False


@dataclass(frozen=True)
class Nothing:
    """There was nothing to do: it was so already."""

    kind: str
    number: str


class Conflict(Refused):
    """An idempotency key was used before, for something else."""


Outcome = Done | Nothing | Refusal
Slot = tuple[str, str, str]
Answer = tuple[str, dict[str, object]]


def do(requests: Sequence[Request], *, receipts: bool = True, bulk: bool = False) -> list[Outcome]:
    """Carry out commands, many in one commit. One outcome each, in order; refusals are values here.

    Where nobody is handed a receipt, none need be signed: it can be derived at any time. `bulk` is for whoever has
    very many: they are committed hundreds at once, and whoever needs the same rows waits as long.
    """
    decided = (_bulk if bulk else _committer).submit(list(requests))
    # Signed by whoever asked, after the commit: a receipt that got lost here can be derived again.
    return [each.sign(receipts) if isinstance(each, _Pending) else each for each in decided]


def do_one(command: Command, idempotency: Idempotency | None = None) -> Done | Nothing:
    """Carry out one command. Raises Refusal."""
    outcome = do([Request(command, idempotency)])[0]
    if isinstance(outcome, Refusal):
        raise outcome
    return outcome


def do_together(commands: Sequence[Command]) -> list[Done | Nothing]:
    """Carry out commands on several subjects in one commit: all of them, or nothing. Raises the first Refusal."""
    decided = _together.submit([tuple(commands)])[0]
    if isinstance(decided, Refusal):
        raise decided
    return [each.sign() if isinstance(each, _Pending) else each for each in decided]


def write(requests: Sequence[Request]) -> "list[Outcome | _Pending]":
    """One batch in one transaction; the committer calls it. Everything or nothing is durable."""
    with transaction.atomic(durable=True):
        loader = Loader([request.command for request in requests])
        loader.load()
        answers = loader.answers([request.idempotency for request in requests if request.idempotency])
        writer = Writer(loader)
        pending: list[Outcome | _Pending] = [
            _decide(request, loader, writer, answers) for request in requests
        ]
        writer.save()
        crash.here("before-commit")
    crash.here("after-commit")
    return pending


def write_together(groups: Sequence[tuple[Command, ...]]) -> "list[Refusal | list[Nothing | _Pending]]":
    """One group in one transaction. A refusal of one command is what came of all of them, and undoes the others."""
    (commands,) = groups
    try:
        with transaction.atomic(durable=True):
            loader = Loader(commands)
            loader.load()
            writer = Writer(loader)
            pending = [_decided(command, loader, writer) for command in commands]
            writer.save()
            crash.here("before-commit")
    except Refusal as refusal:
        return [refusal]
    crash.here("after-commit")
    return [pending]


def _decided(command: Command, loader: Loader, writer: Writer) -> "Nothing | _Pending":
    outcome = _decide(Request(command), loader, writer, {})
    if isinstance(outcome, Refusal):
        raise outcome
    assert not isinstance(outcome, Done)
    return outcome


@dataclass(frozen=True)
class _Pending:
    """Decided and not yet durable: what is needed to sign for it afterwards."""

    kind: str
    number: str
    key: bytes
    acts: tuple[Act, ...]
    seq: int
    head: bytes
    replayed: bool = False

    def sign(self, wanted: bool = True) -> Done:
        """The receipt; Ed25519 signs the same bytes the same way, so a lost one can be derived again."""
        signer = keys.current().receipt_signer if wanted else None
        note = sign_receipt(signer, mode.origin(), self.key, self.seq, self.head) if signer else ""
        return Done(self.kind, self.number, self.acts, self.seq, note, self.replayed)


def _decide(
    request: Request, loader: Loader, writer: Writer, answers: dict[Slot, Answer]
) -> Outcome | _Pending:
    command, idempotency = request.command, request.idempotency
    try:
        if idempotency:
            known = answers.get(idempotency.slot)
            if known:
                return _again(idempotency, known, writer)
        world = loader.world(command)
        decision = command.decide(world)
        loader.check_claims(command, decision)
    except Refusal as refusal:
        return refusal
    ref = command.ref()
    if not decision.acts:
        return Nothing(ref.kind, ref.number)
    last = _apply(decision, command, loader, writer)
    done = _Pending(
        ref.kind, ref.number, last.key, tuple(draft.act for draft in decision.acts), last.n - 1, last.head
    )
    if idempotency:
        answer: dict[str, object] = {"kind": ref.kind, "number": ref.number, "seq": done.seq}
        answers[idempotency.slot] = (idempotency.body_hash, answer)
        writer.answer(idempotency.slot, idempotency.body_hash, answer, world.now)
    return done


def _apply(decision: Decision, command: Command, loader: Loader, writer: Writer) -> Loaded:
    """Link the acts to their chains and let the next command of the batch see what is true now."""
    for draft in decision.acts:
        writer.append(draft)
    loader.accept(command, decision)
    writer.follow(decision)
    return loader.subject(command.ref())


def _again(idempotency: Idempotency, known: Answer, writer: Writer) -> Outcome | _Pending:
    """The answer that was given the first time, or the refusal to take one key for two things."""
    body_hash, answer = known
    if body_hash != idempotency.body_hash:
        return Conflict("idempotency-conflict", "This idempotency key was used for another request.")
    ref, seq = Ref(str(answer["kind"]), str(answer["number"])), int(str(answer["seq"]))
    key, head = writer.head_at(ref, seq)
    return _Pending(ref.kind, ref.number, key, (), seq, head, replayed=True)


_committer = batch.Committer(write)
_bulk = batch.Committer(write, limit=batch.BULK)
_together = batch.Committer(write_together, limit=1)
