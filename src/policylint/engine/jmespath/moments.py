"""Go's time values: instants with an offset, RFC 3339, durations as text."""

from typing import NamedTuple

SECOND = 1_000_000_000
_DAY = 86_400
_MAX, _MIN = 2**63 - 1, -(2**63)
# 1 January of the year 1, from which Time.Truncate counts, in seconds since 1970
_YEAR_ONE = -62_135_596_800


class Civil(NamedTuple):
    """A date and a time of day, as a clock shows them."""

    year: int
    month: int
    day: int
    hour: int = 0
    minute: int = 0
    second: int = 0


class Moment(NamedTuple):
    """An instant in nanoseconds since 1970, shown by clocks that are `offset` seconds east of UTC."""

    nanoseconds: int
    offset: int = 0

    @classmethod
    def of(cls, civil: Civil, nanosecond: int = 0, offset: int = 0) -> "Moment":
        """The instant at which a clock at `offset` shows `civil`."""
        seconds = days_before(civil.year, civil.month, civil.day) * _DAY
        seconds += civil.hour * 3600 + civil.minute * 60 + civil.second - offset
        return cls(seconds * SECOND + nanosecond, offset)

    @property
    def civil(self) -> Civil:
        days, rest = divmod(self.nanoseconds // SECOND + self.offset, _DAY)
        return Civil(*_date(days), rest // 3600, rest // 60 % 60, rest % 60)

    @property
    def weekday(self) -> int:
        """The day of the week, Sunday being 0."""
        return ((self.nanoseconds // SECOND + self.offset) // _DAY + 4) % 7

    def since(self, start: "Moment") -> int:
        """The nanoseconds from `start`, as Time.Sub: at most what an int64 holds."""
        return max(_MIN, min(_MAX, self.nanoseconds - start.nanoseconds))

    def truncated(self, duration: int) -> "Moment":
        """Rounded down to a multiple of `duration` since the year 1; unchanged when it is not positive."""
        if duration <= 0:
            return self
        past = (self.nanoseconds - _YEAR_ONE * SECOND) % duration
        return Moment(self.nanoseconds - past, self.offset)

    def __str__(self) -> str:
        """RFC 3339 without fractions of a second."""
        year, month, day, hour, minute, second = self.civil
        sign = "-" if year < 0 else ""
        zone = "Z"
        if self.offset:
            minutes = int(self.offset / 60)
            zone = f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"
        return f"{sign}{abs(year):04d}-{month:02d}-{day:02d}T{hour:02d}:{minute:02d}:{second:02d}{zone}"


def days_before(year: int, month: int, day: int) -> int:
    """The days from 1 January 1970 to a date of the Gregorian calendar, which reaches back without end."""
    year -= month <= 2
    era, year_of_era = divmod(year, 400)
    day_of_year = (153 * ((month + 9) % 12) + 2) // 5 + day - 1
    return era * 146_097 + year_of_era * 365 + year_of_era // 4 - year_of_era // 100 + day_of_year - 719_468


def _date(days: int) -> tuple[int, int, int]:
    era, day_of_era = divmod(days + 719_468, 146_097)
    year_of_era = (day_of_era - day_of_era // 1460 + day_of_era // 36_524 - day_of_era // 146_096) // 365
    day_of_year = day_of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    shifted = (5 * day_of_year + 2) // 153
    month = shifted + 3 if shifted < 10 else shifted - 9
    return year_of_era + era * 400 + (month <= 2), month, day_of_year - (153 * shifted + 2) // 5 + 1


def days_in(year: int, month: int) -> int:
    """How many days the month has."""
    return days_before(year + month // 12, month % 12 + 1, 1) - days_before(year, month, 1)


def format_duration(nanoseconds: int) -> str:
    """Go's Duration.String: `1h15m30.918s`, `1.5ms`, `0s`."""
    sign = "-" if nanoseconds < 0 else ""
    rest = abs(nanoseconds)
    if rest == 0:
        return "0s"
    for unit, size in (("ns", 1), ("µs", 1_000), ("ms", 1_000_000)):
        if rest < size * 1000:
            return f"{sign}{_fraction(rest, size)}{unit}"
    seconds, fraction = divmod(rest, SECOND)
    text = f"{_fraction(seconds % 60 * SECOND + fraction, SECOND)}s"
    if seconds >= 60:
        text = f"{seconds // 60 % 60}m{text}"
    if seconds >= 3600:
        text = f"{seconds // 3600}h{text}"
    return sign + text


def _fraction(amount: int, size: int) -> str:
    whole, rest = divmod(amount, size)
    return f"{whole}.{rest:0{len(str(size)) - 1}d}".rstrip("0") if rest else str(whole)
