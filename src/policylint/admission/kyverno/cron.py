"""Schedules as cleanup policies are admitted with them: github.com/robfig/cron v1 `ParseStandard`, parser.go."""

from typing import NamedTuple

from policylint.engine.durations import parse_duration
from policylint.regex import regex

_NUMBER = regex(r"\+?[0-9]{1,18}\Z")
_DESCRIPTORS = ("@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly")
_EVERY = "@every "
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")


class _Field(NamedTuple):
    name: str
    low: int
    high: int
    names: tuple[str, ...] = ()

    def value(self, text: str) -> int:
        """Raises ValueError."""
        if text.lower() in self.names:
            return self.low + self.names.index(text.lower())
        return _number(text, self.name)


_FIELDS = (
    _Field("minute", 0, 59),
    _Field("hour", 0, 23),
    _Field("day of month", 1, 31),
    _Field("month", 1, 12, _MONTHS),
    _Field("day of week", 0, 6, _DAYS),
)


def schedule_defect(schedule: str) -> str:
    """Why `schedule` is not a schedule: five fields, or a descriptor such as `@daily`. Empty when it is one."""
    try:
        _check(schedule)
    except ValueError as error:
        return str(error)
    return ""


def _check(schedule: str) -> None:
    if not schedule:
        raise ValueError("it is empty")
    if schedule.startswith("@"):
        _check_descriptor(schedule)
        return
    fields = schedule.split()
    if len(fields) != len(_FIELDS):
        raise ValueError(f"it has {len(fields)} field{'' if len(fields) == 1 else 's'}, not {len(_FIELDS)}")
    for text, field in zip(fields, _FIELDS, strict=True):
        for item in text.split(","):
            if item:
                _check_range(item, field)


def _check_descriptor(schedule: str) -> None:
    if schedule in _DESCRIPTORS:
        return
    if not schedule.startswith(_EVERY):
        raise ValueError(f"{schedule} is none of {', '.join(_DESCRIPTORS)} and @every with a duration")
    parse_duration(schedule.removeprefix(_EVERY))


def _check_range(item: str, field: _Field) -> None:
    span, *steps = item.split("/")
    ends = span.split("-")
    if ends[0] in ("*", "?"):
        start, end = field.low, field.high
    else:
        if len(ends) > 2:
            raise ValueError(f"{item} has too many hyphens")
        start = field.value(ends[0])
        end = field.value(ends[1]) if len(ends) == 2 else start
    if len(steps) > 1:
        raise ValueError(f"{item} has too many slashes")
    if steps:
        if _number(steps[0], "step") == 0:
            raise ValueError(f"the step of {item} is 0")
        end = field.high if len(ends) == 1 else end
    if start < field.low or end > field.high:
        wrong = start if start < field.low else end
        raise ValueError(f"{wrong} is no {field.name}, which is {field.low} to {field.high}")
    if start > end:
        raise ValueError(f"{item} ends before it begins")


def _number(text: str, what: str) -> int:
    if not _NUMBER.match(text):
        raise ValueError(f'"{text}" is no {what}')
    return int(text)
