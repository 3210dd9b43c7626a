"""Log lines: one JSON object a line on standard error, so that a person and a program can both read them."""

import json
import logging
from datetime import UTC, datetime
from typing import Any

STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class Line(logging.Formatter):
    """{"at": …, "level": …, "logger": …, "message": …} and what was given as `extra`."""

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        line: dict[str, Any] = {
            "at": at,
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        # `request` is Django's own extra: an object with the person's address and cookies in it.
        extra = {
            k: v for k, v in vars(record).items() if k not in STANDARD and k not in ("request", "server_time")
        }
        line.update(extra)
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)
