"""Go's time layouts: `2006-01-02T15:04:05Z07:00` and what else time.Parse reads (package time, format.go).

A zone that is only a name (`MST`) counts as UTC, except `UTC` itself and `GMT+3`: upstream knows more names only when
they are its own machine's zone.
"""

from collections.abc import Callable
from functools import lru_cache

from policylint.engine.jmespath.moments import Civil, Moment, days_before, days_in
from policylint.regex import regex

RFC3339 = "2006-01-02T15:04:05Z07:00"

_ELEMENT = regex(
    r"January|Jan(?![a-z])|Monday|Mon(?![a-z])|MST|002|0[1-6]|15|1|2006|2|__2|_2(?!006)|[345]|PM|pm"
    r"|[Z-]07(?::00:00|0000|:00|00|)|[.,](?:0+|9+)(?![0-9])"
)
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_DAYS = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
_ZONE_NAME = regex(r"ChST|MeST|[A-Z]{4}T(?![A-Z])|(?:[A-Z]{3}T|WITA)(?![A-Z])|[A-Z]{3}(?![A-Z])")
_SIGNED_HOUR = regex(r"[+-]([0-9]+)")
_DIGITS = regex(r"[0-9]*")
_FRACTION = regex(r"[.,][0-9]+")
_LONGEST = 1000

# what a number is called, and between what it must be
_RANGES = {
    "month": ("month", 1, 12),
    "hour": ("hour", 0, 23),
    "hour of half": ("hour", 0, 12),
    "minute": ("minute", 0, 59),
    "second": ("second", 0, 59),
}

Chunk = tuple[str, str]


def parse_time(layout: str, text: str) -> Moment:
    """The instant that `text` is when read by `layout`. Raises ValueError that says which part does not fit."""
    if max(len(layout), len(text)) > _LONGEST:
        raise ValueError("parsing time: the layout or the text is too long")
    chunks, tail = _chunks(layout)
    reading = _Reading(text)
    for index, (literal, element) in enumerate(chunks):
        following = chunks[index + 1][1] if index + 1 < len(chunks) else ""
        if not (reading.skip(literal) and reading.read(element, following)):
            raise ValueError(f"parsing time {text!r} as {layout!r}: cannot parse {reading.rest!r} as {element!r}")
    if not reading.skip(tail):
        raise ValueError(f"parsing time {text!r} as {layout!r}: cannot parse {reading.rest!r} as {tail!r}")
    if reading.rest:
        raise ValueError(f"parsing time {text!r}: extra text: {reading.rest!r}")
    try:
        return reading.moment()
    except ValueError as error:
        raise ValueError(f"parsing time {text!r}: {error}") from None


@lru_cache(maxsize=256)
def _chunks(layout: str) -> tuple[tuple[Chunk, ...], str]:
    """The elements of `layout`, each with the literal text before it, and the text after the last."""
    chunks, end = [], 0
    for match in _ELEMENT.finditer(layout):
        chunks.append((layout[end : match.start()], match[0]))
        end = match.end()
    return tuple(chunks), layout[end:]


class _Reading:
    """What has been read of a text so far, and the rest."""

    def __init__(self, text: str) -> None:
        self.rest = text
        self._fields: dict[str, int] = {}

    def skip(self, literal: str) -> bool:
        """Goes past `literal`; a run of spaces in it fits any number of spaces, also none at the end of the text."""
        while literal:
            if literal[0] == " ":
                if self.rest and self.rest[0] != " ":
                    return False
                literal, self.rest = literal.lstrip(" "), self.rest.lstrip(" ")
            elif self.rest[:1] == literal[0]:
                literal, self.rest = literal[1:], self.rest[1:]
            else:
                return False
        return True

    def read(self, element: str, following: str) -> bool:
        """Reads one element; False when the text does not fit."""
        reader = _READERS.get(element)
        if reader is not None:
            return reader(self) and (element not in ("5", "05") or self._unasked_fraction(following))
        return self._zone(element) if element[0] in "-Z" else self._fraction(element)

    def number(self, name: str, *, padded: bool, spaces: int = 0, width: int = 2) -> bool:
        """A number of at most `width` digits, exactly that many when `padded`."""
        for _ in range(spaces):
            self.rest = self.rest.removeprefix(" ")
        found = _DIGITS.match(self.rest)
        digits = found[0][:width] if found else ""
        if not digits or (padded and len(digits) < width):
            return False
        return self._take(name, digits)

    def year(self, width: int) -> bool:
        digits = self.rest[:width]
        if len(digits) < width or not (digits.isascii() and digits.isdigit()):
            return False
        self._take("year", digits)
        if width == 2:
            self._fields["year"] += 1900 if self._fields["year"] >= 69 else 2000
        return True

    def word(self, name: str, words: tuple[str, ...], length: int | None = None) -> bool:
        """One of `words` in any case, or of their first `length` letters."""
        for index, word in enumerate(words):
            part = word[:length]
            if self.rest[: len(part)].lower() == part.lower():
                self._fields[name] = index + 1
                self.rest = self.rest[len(part) :]
                return True
        return False

    def half(self, upper: bool) -> bool:
        mark, self.rest = self.rest[:2], self.rest[2:]
        self._fields[mark.lower()] = 1
        return mark in (("AM", "PM") if upper else ("am", "pm"))

    def zone_name(self) -> bool:
        if self.rest.startswith("UTC"):
            self.rest = self.rest[3:]
            self._fields["utc"] = 1
            return True
        name = "GMT" if self.rest.startswith("GMT") else ""
        signed = _SIGNED_HOUR.match(self.rest, len(name))
        if signed is not None and len(signed[1]) < 10 and int(signed[1]) <= 23:
            if name:
                self._fields["named offset"] = int(signed[0]) * 3600
            self.rest = self.rest[signed.end() :]
            return True
        named = _ZONE_NAME.match(self.rest)
        if named is None and not name:
            return False
        self.rest = self.rest[len(name or (named[0] if named else "")) :]
        return True

    def _take(self, name: str, digits: str) -> bool:
        number = int(digits)
        name, least, most = _RANGES.get(name, (name, 0, number))
        if not least <= number <= most:
            raise ValueError(f"{name} out of range")
        self._fields[name] = number
        self.rest = self.rest[len(digits) :]
        return True

    def _unasked_fraction(self, following: str) -> bool:
        """Seconds may have a fraction that the layout does not mention."""
        found = _FRACTION.match(self.rest)
        if found is not None and following[:1] not in (".", ","):
            self._nanoseconds(found[0])
        return True

    def _fraction(self, element: str) -> bool:
        found = _FRACTION.match(self.rest)
        if element[1] == "9":
            if found is not None:
                self._nanoseconds(found[0])
            return True
        if found is None or len(found[0]) < len(element):
            return False
        self._nanoseconds(found[0][: len(element)])
        return True

    def _nanoseconds(self, fraction: str) -> None:
        self._fields["nanosecond"] = int(fraction[1:10].ljust(9, "0"))
        self.rest = self.rest[len(fraction) :]

    def _zone(self, element: str) -> bool:
        if element[0] == "Z" and self.rest.startswith("Z"):
            self.rest = self.rest[1:]
            self._fields["utc"] = 1
            return True
        shape = element.replace("Z", "-")
        part, self.rest = self.rest[: len(shape)], self.rest[len(shape) :]
        if len(part) < len(shape) or part[0] not in "+-":
            return False
        if any(a != b if b == ":" else not ("0" <= a <= "9") for a, b in zip(part[1:], shape[1:], strict=True)):
            return False
        digits = part[1:].replace(":", "").ljust(6, "0")
        hour, minute, second = int(digits[:2]), int(digits[2:4]), int(digits[4:])
        if hour > 24 or minute > 60 or second > 60:
            raise ValueError("time zone offset out of range")
        seconds = hour * 3600 + minute * 60 + second
        self._fields["offset"] = -seconds if part[0] == "-" else seconds
        return True

    def moment(self) -> Moment:
        """The instant that was read; what the layout does not mention is the start of the year 0."""
        fields = self._fields
        year = fields.get("year", 0)
        month, day = self._date(year)
        hour = fields.get("hour", 0)
        if "pm" in fields and hour < 12:
            hour += 12
        elif "am" in fields and hour == 12:
            hour = 0
        civil = Civil(year, month, day, hour, fields.get("minute", 0), fields.get("second", 0))
        offset = 0 if "utc" in fields else fields.get("offset")
        if offset is not None:
            return Moment.of(civil, fields.get("nanosecond", 0), offset)
        # as upstream: the hours of `GMT+3` change how the instant is shown, not which one it is
        return Moment.of(civil, fields.get("nanosecond", 0))._replace(offset=fields.get("named offset", 0))

    def _date(self, year: int) -> tuple[int, int]:
        fields = self._fields
        month, day = fields.get("month", 0), fields.get("day")
        if "year day" in fields:
            month, day = _of_year(year, fields["year day"], month, day)
        month, day = month or 1, 1 if day is None else day
        if not 1 <= day <= days_in(year, month):
            raise ValueError("day out of range")
        return month, day


def _of_year(year: int, number: int, month: int, day: int | None) -> tuple[int, int]:
    """The month and day of the day with this number in its year, which must agree with what else was read."""
    start = days_before(year, 1, 1)
    found = next((m for m in range(12, 0, -1) if days_before(year, m, 1) - start < number), 0)
    if found == 0 or start + number > days_before(year + 1, 1, 1):
        raise ValueError("day-of-year out of range")
    found_day = number - (days_before(year, found, 1) - start)
    if month not in (0, found) or day not in (None, found_day):
        raise ValueError("day-of-year does not match the date")
    return found, found_day


_READERS: dict[str, Callable[[_Reading], bool]] = {
    "January": lambda r: r.word("month", _MONTHS),
    "Jan": lambda r: r.word("month", _MONTHS, 3),
    "Monday": lambda r: r.word("weekday", _DAYS),
    "Mon": lambda r: r.word("weekday", _DAYS, 3),
    "MST": _Reading.zone_name,
    "2006": lambda r: r.year(4),
    "06": lambda r: r.year(2),
    "1": lambda r: r.number("month", padded=False),
    "01": lambda r: r.number("month", padded=True),
    "2": lambda r: r.number("day", padded=False),
    "_2": lambda r: r.number("day", padded=False, spaces=1),
    "02": lambda r: r.number("day", padded=True),
    "__2": lambda r: r.number("year day", padded=False, spaces=2, width=3),
    "002": lambda r: r.number("year day", padded=True, width=3),
    "15": lambda r: r.number("hour", padded=False),
    "3": lambda r: r.number("hour of half", padded=False),
    "03": lambda r: r.number("hour of half", padded=True),
    "4": lambda r: r.number("minute", padded=False),
    "04": lambda r: r.number("minute", padded=True),
    "5": lambda r: r.number("second", padded=False),
    "05": lambda r: r.number("second", padded=True),
    "PM": lambda r: r.half(True),
    "pm": lambda r: r.half(False),
}
