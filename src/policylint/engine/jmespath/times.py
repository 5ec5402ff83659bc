"""Kyverno's time functions (pkg/engine/jmespath/time.go). Times are RFC 3339 unless a layout is given.

`time_now` is in UTC, as in Kyverno's own containers, whatever zone the machine is in.
"""

from policylint.engine.durations import parse_duration
from policylint.engine.jmespath.layouts import RFC3339, parse_time
from policylint.engine.jmespath.moments import SECOND, Moment, format_duration
from policylint.engine.jmespath.signature import STRING, Environment, Function
from policylint.regex import regex

_INTEGER = regex(r"[+-]?[0-9]+\Z")
_LIMIT = 1 << 63


def _moment(text: str) -> Moment:
    return parse_time(RFC3339, text)


def _add(time: str, duration: str) -> str:
    start = _moment(time)
    return str(Moment(start.nanoseconds + parse_duration(duration), start.offset))


def _after(time: str, other: str) -> bool:
    return _moment(time).nanoseconds > _moment(other).nanoseconds


def _before(time: str, other: str) -> bool:
    return _moment(time).nanoseconds < _moment(other).nanoseconds


def _between(time: str, start: str, end: str) -> bool:
    return _moment(start).nanoseconds < _moment(time).nanoseconds < _moment(end).nanoseconds


def _diff(start: str, end: str) -> str:
    return format_duration(_moment(end).since(_moment(start)))


def _now(environment: Environment, *_: object) -> str:
    return str(Moment(environment.clock()))


def _parse(layout: str, text: str) -> str:
    if _integer(layout) is None:
        return str(parse_time(layout, text))
    seconds = _integer(text)
    if seconds is None:
        raise ValueError(f"parsing {text!r}: invalid syntax for seconds since 1970")
    return str(Moment(seconds * SECOND))


def _integer(text: str) -> int | None:
    """What strconv.ParseInt makes of `text`."""
    if len(text) > 40 or not _INTEGER.match(text):
        return None
    number = int(text)
    return number if -_LIMIT <= number < _LIMIT else None


def _since(environment: Environment, layout: str, start: str, end: str) -> str:
    first = parse_time(layout or RFC3339, start)
    last = parse_time(layout or RFC3339, end) if end else Moment(environment.clock())
    return format_duration(last.since(first))


def _to_cron(time: str) -> str:
    moment = _moment(time)
    civil = moment.civil
    return f"{civil.minute} {civil.hour} {civil.day} {civil.month} {moment.weekday}"


def _truncate(time: str, duration: str) -> str:
    return str(_moment(time).truncated(parse_duration(duration)))


def _utc(time: str) -> str:
    return str(Moment(_moment(time).nanoseconds))


FUNCTIONS = (
    Function("time_add", (STRING, STRING), _add),
    Function("time_after", (STRING, STRING), _after),
    Function("time_before", (STRING, STRING), _before),
    Function("time_between", (STRING, STRING, STRING), _between),
    Function("time_diff", (STRING, STRING), _diff),
    Function("time_now", (), _now, asks=True),
    Function("time_now_utc", (), _now, asks=True),
    Function("time_parse", (STRING, STRING), _parse),
    Function("time_since", (STRING, STRING, STRING), _since, asks=True),
    Function("time_to_cron", (STRING,), _to_cron),
    Function("time_truncate", (STRING, STRING), _truncate),
    Function("time_utc", (STRING,), _utc),
)
