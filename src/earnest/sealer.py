"""The sealer at work: seals when it is time, publishes, and asks witnesses, auditors and time stamping authorities.

Everything after the seal can be done again: what is missing at the newest checkpoint is asked for at every turn.
"""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Event
from typing import Final

from django.conf import settings
from django.db import close_old_connections

from earnest.book import clock, crash, keys, log, publish, reserves, sealing, slices
from earnest.book.tallying import tally
from earnest.config import Tsa
from earnest.core.refusals import Refusal
from earnest.rails import tsa, witnesses
from earnest.record import merkle
from earnest.record.chain import instant
from earnest.record.notes import Verifier

logger = logging.getLogger(__name__)

#: However quiet it is: a log that says nothing could be one that hides something.
HEARTBEAT: Final = timedelta(hours=1)
STAMP_EVERY: Final = timedelta(hours=1)


@dataclass(frozen=True)
class Cosigner:
    """Somebody who signs beside the log, and where to ask."""

    key: Verifier
    url: str


def cosigners() -> list[Cosigner]:
    """Witnesses first, then auditors, who need longer: they replay every act."""
    config = settings.EARNEST
    return [Cosigner(Verifier.parse(vkey), url) for vkey, url in (*config.witnesses, *config.auditors)]


def due(now: datetime) -> bool:
    """Whether it is time: enough acts wait, one waits long enough, or nothing was said for an hour."""
    last = log.latest()
    count, oldest = sealing.waiting()
    config = settings.EARNEST
    if last is None or now - last.at >= HEARTBEAT or count >= config.seal_acts:
        return True
    # An act from before the clock was set back waits no longer than others.
    return oldest is not None and not timedelta(0) <= now - oldest < timedelta(seconds=config.seal_seconds)


def turn(holder: str, *, force: bool = False) -> log.Point | None:
    """One turn: seal if it is time, publish, ask whoever has not signed yet. The checkpoint that was made, if any.

    Raises Held, LostLease, and Behind where somebody has seen more of this log than there is here.
    """
    now = clock.now()
    lease = sealing.acquire(holder, now)
    check_not_behind()
    made = None
    if force or due(now):
        tally()
        before = log.latest()
        made = sealing.seal(lease, now)
        publish.publish(made, before.size if before else 0)
        if slices.due(now):
            slices.close(now)
    newest = log.latest()
    if newest is not None:
        ask_all(newest)
    if made:
        # Last: in a large book it takes long, and no witness shall wait for it.
        _state_reserves(now)
    return made


def _state_reserves(now: datetime) -> None:
    """At the seal that was just made, where the settings ask for it; what cannot be stated now is tried at the next."""
    if not reserves.due(now, settings.EARNEST.reserves_days):
        return
    try:
        reserves.state({"by": "system", "via": "seal"})
    except Refusal as refusal:
        logger.warning("the reserves are not stated: %s", refusal)


def check_not_behind() -> None:
    """Raises Behind where this book is older than what was published or witnessed: it was restored from a backup."""
    newest = log.latest()
    size = newest.size if newest else 0
    seen = {"the published checkpoint": publish.published_size()}
    for each in cosigners():
        if each.key.vkey not in _asked:
            there = witnesses.seen(each.url, keys.current().origin)
            if there is not None:
                seen[each.key.name] = there
                _asked.add(each.key.vkey)
    for who, there in seen.items():
        if there > size:
            raise sealing.Behind(
                f"{who} has seen {there} leaves of this log, and this book has {size}: it was restored from an old "
                "backup. Nothing is sealed. `./earnest record recover` takes the missing acts from a mirror."
            )


#: Who was asked since this process started what they have seen.
_asked: set[str] = set()


def ask_all(point: log.Point) -> log.Point:
    """Ask everybody who has not signed this checkpoint; who cannot be reached is asked again next time."""
    before = len(point.lines) + len(point.stamps)
    for each in cosigners():
        if not any(line.startswith(f"\u2014 {each.key.name} ") for line in point.lines):
            point = _cosigned(point, each)
    crash.here("after-cosignatures")
    for authority in settings.EARNEST.tsas:
        point = _stamped(point, authority)
    if len(point.lines) + len(point.stamps) > before:
        publish.publish(point, point.size)
    return point


def _cosigned(point: log.Point, cosigner: Cosigner) -> log.Point:
    tiles = log.Tiles()
    old = min(log.cosigned_size(cosigner.key.name), point.size)
    for _ in range(2):
        proof = merkle.consistency(old, point.size, tiles.node)
        answer = witnesses.ask(cosigner.url, old, proof, point.signed, cosigner.key)
        match answer:
            case str():
                _said.pop(cosigner.key.name, None)
                return sealing.cosigned(point, cosigner.key.name, answer, clock.now())
            case witnesses.Conflict(size) if size <= point.size and size != old:
                old = size
            case witnesses.Conflict(size) if size > point.size:
                raise sealing.Behind(
                    f"{cosigner.key.name} has seen {size} leaves, and this book has {point.size}."
                )
            case _:
                _say(cosigner.key.name, f"has not signed: {_words(answer)}")
                return point
    return point


def _stamped(point: log.Point, authority: Tsa) -> log.Point:
    """One stamp an hour is enough: what was sealed before it stands under it too."""
    newest = log.last_stamp(authority.name)
    if newest is not None and clock.now() - newest < STAMP_EVERY:
        return point
    answer = tsa.ask(authority.name, authority.url, authority.sha256, point.body.encode())
    if isinstance(answer, tsa.Stamped):
        _said.pop(authority.name, None)
        return sealing.stamped(point, authority.name, answer.token, instant(answer.gen_time))
    _say(
        authority.name, f"has not stamped: {answer.reason if isinstance(answer, tsa.Refused) else answer.why}"
    )
    return point


#: What was said last of each who has not signed: they are asked every few seconds, and it is said once.
_said: dict[str, str] = {}


def _say(name: str, why: str) -> None:
    if _said.get(name) != why:
        _said[name] = why
        logger.warning("%s %s; it is asked again until it does", name, why)


def _words(answer: witnesses.Conflict | witnesses.Declined | witnesses.Unreachable) -> str:
    match answer:
        case witnesses.Conflict(size):
            return f"it has seen {size} leaves of this log"
        case witnesses.Declined(status, said):
            return f"it answered {status}, {said.strip() or 'and nothing more'}"
        case witnesses.Unreachable(why):
            return f"it cannot be reached, {why}"


def leave(holder: str) -> None:
    """Let another sealer have its turn at once."""
    sealing.give_up(holder)


def loop(stop: Event, holder: str, idle_seconds: float = 5.0) -> None:
    """Turn after turn until told to stop. A book that is behind is said once a minute, and never sealed."""
    publish.catch_up()
    while not stop.is_set():
        close_old_connections()
        pause = idle_seconds
        try:
            turn(holder)
        except sealing.Held:
            pass
        except sealing.LostLease as error:
            logger.warning("%s", error)
        except sealing.Behind as error:
            logger.error("%s", error)
            pause = 60.0
        except Exception:
            logger.exception("the seal failed; trying again")
        stop.wait(pause)
    leave(holder)
