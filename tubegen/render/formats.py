"""How pages and machines are told durations, dates and sizes."""

import datetime as dt
import json


def clock(seconds: float) -> str:
    """`1:23`, `1:02:03`."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def iso_duration(seconds: float) -> str:
    """ISO 8601: `PT1M23S`."""
    minutes, rest = divmod(max(1, round(seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    parts = ((hours, "H"), (minutes, "M"), (rest, "S"))
    return "PT" + "".join(f"{value}{unit}" for value, unit in parts if value)


def iso_date(moment: dt.date) -> str:
    """RFC 3339."""
    return moment.isoformat()


def rfc3339(moment: dt.datetime) -> str:
    """In UTC and to the second: `2026-03-31T16:00:00Z`."""
    return moment.astimezone(dt.UTC).replace(microsecond=0).isoformat().replace("+00:00", "Z")


def file_size(size: int) -> str:
    """`4.2 MB`, in the thousands that file managers count in."""
    amount, units = float(size), ["B", "kB", "MB", "GB", "TB"]
    while amount >= 1000 and len(units) > 1:
        amount /= 1000
        units.pop(0)
    return f"{amount:.0f} {units[0]}" if amount >= 10 or units[0] == "B" else f"{amount:.1f} {units[0]}"


def for_script(value: object) -> str:
    """JSON that may stand inside a script element."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
