"""`./earnest record status|rotate|succeed|recover`: where the log stands, and what changes it."""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser
from django.db import connection

from earnest import sealer, serving
from earnest.book import clock, export, log, mode, models, publish, recovery, rotation, sealing, signed_then
from earnest.core import refusals
from earnest.core.commands.succeed import KINDS
from earnest.core.instants import text
from earnest.management.base import BadUsage, DoesNotHold, Refused
from earnest.management.base import Command as Base


class Command(Base):
    help = "Where log, seals, witnesses and stamps stand; a new key; another maker; lost acts from a mirror."
    reports = True

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("what", choices=("status", "rotate", "succeed", "recover"))
        parser.add_argument(
            "--why", default="rotated", choices=("rotated", "lost", "stolen"), help="rotate: why"
        )
        parser.add_argument("--name", help="succeed: the maker's new name")
        parser.add_argument(
            "--kind", choices=KINDS, help="succeed: renamed, or taken over by another company"
        )
        parser.add_argument("--mirror", type=Path, metavar="DIR", help="recover: an auditor's folder")
        parser.add_argument(
            "--checkpoint",
            type=Path,
            metavar="FILE",
            help="recover: up to this one (default: the published one)",
        )
        parser.add_argument(
            "--story",
            type=Path,
            action="append",
            default=[],
            metavar="FILE",
            help="recover: stories with values",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        mode.current()
        if options["what"] == "status":
            self._status(options)
            return
        try:
            with self._alone():
                self._change(options)
        except serving.Held:
            raise Refused("On SQLite one process writes: stop `./earnest up` first.") from None
        except sealing.Held as error:
            raise Refused(f"{error}; stop it first.") from None

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """While nobody seals: a key is changed, and a log comes back, by one process. Raises Held of both kinds."""
        if connection.vendor == "sqlite":
            with serving.only_one(settings.EARNEST.data):
                yield
            return
        holder = f"{socket.gethostname()}/{os.getpid()} (record)"
        sealing.acquire(holder, clock.now())
        try:
            yield
        finally:
            sealing.give_up(holder)

    def _change(self, options: dict[str, Any]) -> None:
        if options["what"] == "rotate":
            old, new = rotation.rotate(options["why"])
            said = f"The log's key was {old}\nand is       {new}\nTell your witnesses and auditors, and seal."
            self.answer(options, {"old": old, "new": new}, said)
        elif options["what"] == "succeed":
            if not options["name"] or not options["kind"]:
                raise BadUsage("A succession needs --name and --kind.")
            name = options["name"].strip()
            note = rotation.succeed(name, options["kind"])
            said = f"{name} has the book now; every holder will be told.\n\n{note}"
            self.answer(options, {"name": name, "kind": options["kind"], "note": note}, said)
        else:
            self._recover(options)

    def _recover(self, options: dict[str, Any]) -> None:
        if options["mirror"] is None and not options["story"]:
            raise BadUsage(
                "Lost acts come from --mirror, an auditor's folder; their values from --story files."
            )
        try:
            found = recovery.recover(options["mirror"], options["checkpoint"], options["story"])
        except signed_then.NotReadable as error:
            raise BadUsage(str(error)) from None
        except signed_then.Unusable as error:
            raise DoesNotHold(str(error)) from None
        except OSError as error:
            raise BadUsage(f"It cannot be read: {error}.") from None
        lines = [
            f"{found.acts} acts, {found.seals} seals and {found.stamps} time stamps came back; "
            f"{found.values} values from stories."
        ]
        if found.unnamed:
            lines.append(
                f"Seals that name cosignatures or time stamps which nothing at hand has any more: {found.unnamed}. "
                "Since when their acts can have been sealed is not shown."
            )
        if found.incomplete:
            lines.append(
                f"Without all of their values, and closed until a story brings them: {len(found.incomplete)}"
            )
            lines += [f"  {number}" for number in found.incomplete]
        self.answer(options, found._asdict(), "\n".join(lines))

    def _status(self, options: dict[str, Any]) -> None:
        point, (count, oldest) = log.latest(), sealing.waiting()
        cosigners = []
        for each in sealer.cosigners():
            size = log.cosigned_size(each.key.name)
            cosigners.append(
                {"name": each.key.name, "signed": size, "behind": (point.size if point else 0) - size}
            )
        stamps = []
        for authority in settings.EARNEST.tsas:
            at = log.last_stamp(authority.name)
            stamps.append({"name": authority.name, "at": text(at) if at else ""})
        lease = models.Sealer.objects.filter(id=1).first()
        data: dict[str, Any] = {
            "origin": mode.origin(),
            "key": _key(),
            "seal": point.no if point else None,
            "size": point.size if point else 0,
            "sealed_at": text(point.at) if point else "",
            "age_seconds": int((clock.now() - point.at).total_seconds()) if point else None,
            "waiting": count,
            "oldest_waiting": text(oldest) if oldest else "",
            "published": publish.published_size(),
            "sealer": lease.holder if lease else "",
            "witnesses": cosigners,
            "unset": _unset(point, {str(each["name"]) for each in cosigners}),
            "stamps": stamps,
            "incomplete": recovery.incomplete(),
        }
        self.answer(options, data, _shown(data))


def _key() -> str:
    """The log's verifier key as its acts say it; nothing before there is a log."""
    try:
        return export.vkeys()[0]
    except (refusals.Missing, refusals.Refused, TypeError):
        return ""


def _unset(point: log.Point | None, known: set[str]) -> list[str]:
    """Who signed the newest checkpoint and is not among the settings of this process."""
    names = {line.split(" ")[1] for line in point.lines} if point else set()
    return sorted(names - known)


def _shown(data: dict[str, Any]) -> str:
    lines = [f"Log of {data['origin']}", f"  key {data['key'] or 'none yet'}"]
    if data["seal"] is None:
        lines.append("  nothing is sealed yet")
    else:
        lines.append(f"  seal {data['seal']} at {data['sealed_at']}, {data['age_seconds']} s ago")
        lines.append(f"  {data['size']} leaves")
        lines.append(f"  published: {data['published']} leaves")
    waiting = f", the oldest since {data['oldest_waiting']}" if data["waiting"] else ""
    lines.append(f"  waiting for a seal: {data['waiting']} acts{waiting}")
    lines.append(f"  sealer: {data['sealer'] or 'none at work'}")
    for each in data["witnesses"]:
        lines.append(f"  {each['name']} signed {each['signed']} leaves, {each['behind']} behind")
    for name in data["unset"]:
        lines.append(f"  {name} signed it too, and is not set here (EARNEST_WITNESSES, EARNEST_AUDITORS)")
    if not data["witnesses"] and not data["unset"]:
        lines.append(
            "  no witness is set here (EARNEST_WITNESSES, EARNEST_AUDITORS): two people could be shown two logs"
        )
    for each in data["stamps"]:
        lines.append(f"  {each['name']} stamped {each['at'] or 'nothing yet'}")
    if data["incomplete"]:
        lines.append(f"  recovered without all values: {', '.join(data['incomplete'])}")
    return "\n".join(lines)
