"""What the sidecar tells of its work: lines for people on a terminal, one JSON object a line elsewhere.

Fields go beside the sentence: `log.info("delivered", extra={"host": host})`. Private keys, passwords in
addresses and signatures never come out, whoever hands them in.
"""

import datetime as dt
import logging
import re
import sys
import traceback
from typing import Any, TextIO

import msgspec

_OWN = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName"}

_SECRETS = (
    (
        re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.S),
        "[key]",
    ),
    (re.compile(r"(\w://[^\s:/@]*):[^\s/@]+@"), r"\1:[password]@"),
    (re.compile(r"(?i)((?<![\w-])signature=\\?[\"'])[A-Za-z0-9+/=]+"), r"\1[signature]"),
)


def configure(level: str = "INFO", stream: TextIO | None = None) -> None:
    """Send everything that is logged from `level` up to `stream`, by default standard error."""
    out = stream or sys.stderr
    handler = logging.StreamHandler(out)
    handler.setFormatter(Lines() if out.isatty() else Objects())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)


class Objects(logging.Formatter):
    """One JSON object for each record: time (RFC 3339, UTC), level, room, event, then its fields."""

    def format(self, record: logging.LogRecord) -> str:
        fields: dict[str, Any] = {
            "time": _time(record).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "room": record.name,
            "event": record.getMessage(),
            **_fields(record),
        }
        if record.exc_info:
            fields["traceback"] = "".join(traceback.format_exception(*record.exc_info))
        kept = {name: conceal(value) if isinstance(value, str) else value for name, value in fields.items()}
        return msgspec.json.encode(kept).decode()


class Lines(logging.Formatter):
    """`12:01:07 delivered  host=a.example`"""

    def format(self, record: logging.LogRecord) -> str:
        mark = "" if record.levelno < logging.WARNING else f"{record.levelname.lower()}: "
        fields = "".join(f"  {name}={value}" for name, value in _fields(record).items())
        line = f"{_time(record).astimezone():%H:%M:%S} {mark}{record.getMessage()}{fields}"
        # who sends us something must not paint on the owner's terminal, nor begin a line of its own
        line = "".join(letter if letter.isprintable() else "�" for letter in line)
        if record.exc_info:
            line += "\n" + "".join(traceback.format_exception(*record.exc_info)).rstrip()
        return conceal(line)


def conceal(text: str) -> str:
    """`text` without private keys, passwords and signatures."""
    for pattern, mark in _SECRETS:
        text = pattern.sub(mark, text)
    return text


def _fields(record: logging.LogRecord) -> dict[str, Any]:
    plain = (str, int, float, bool, type(None))
    return {
        name: value if isinstance(value, plain) else str(value)
        for name, value in record.__dict__.items()
        if name not in _OWN
    }


def _time(record: logging.LogRecord) -> dt.datetime:
    return dt.datetime.fromtimestamp(record.created, dt.UTC)
