"""The schedule of a DeletingPolicy: github.com/aptible/supercronic/cronexpr `Parse`."""

from policylint.regex import regex

_FIELDS: tuple[tuple[str, int, int], ...] = (
    ("minute", 0, 59),
    ("hour", 0, 23),
    ("day of the month", 1, 31),
    ("month", 1, 12),
    ("day of the week", 0, 7),
)
_ALLOWED = regex(r"[0-9A-Za-z*?,/#-]+\Z")
_NUMBER = regex(r"[0-9]+")
_MACROS = ("@annually", "@yearly", "@monthly", "@weekly", "@daily", "@midnight", "@hourly")


def schedule_defect(schedule: str) -> str:
    """Why `schedule` cannot be read as five cron fields (six and seven add seconds or years); empty when it can be.

    Says nothing of what the parsers of this world disagree about: names, `L`, `W`, `#`, and steps.
    """
    fields = schedule.split()
    if len(fields) == 1 and fields[0].startswith("@"):
        return "" if fields[0].lower() in _MACROS else f"{fields[0]} is not one of {', '.join(_MACROS)}"
    if len(fields) < len(_FIELDS):
        return f"it has {len(fields)} of five fields"
    for field in fields:
        if not _ALLOWED.match(field):
            return f"{field} is no cron field"
    if len(fields) == len(_FIELDS):
        for text, (name, low, high) in zip(fields, _FIELDS, strict=True):
            for number in _values(text):
                if not low <= number <= high:
                    return f"{number} is no {name}, which is {low} to {high}"
    return ""


def _values(field: str) -> list[int]:
    """The plain numbers of a field: `0` and `30` of `0-30/5`."""
    found: list[int] = []
    for item in field.split(","):
        ends = item.partition("/")[0].partition("#")[0].split("-")
        found += [int(end) for end in ends if len(end) < 9 and _NUMBER.fullmatch(end)]
    return found
