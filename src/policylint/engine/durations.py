"""Go durations such as `1h15m`, `300ms` or `-1.5h`."""

from policylint.regex import regex

_UNITS = {
    "ns": 1,
    "us": 1_000,
    "µs": 1_000,  # U+00B5, the micro sign
    "μs": 1_000,  # U+03BC, the Greek letter
    "ms": 1_000_000,
    "s": 1_000_000_000,
    "m": 60 * 1_000_000_000,
    "h": 3600 * 1_000_000_000,
}
_PART = regex(r"([0-9]*)(?:\.([0-9]*))?([^0-9.]+)")
_LIMIT = 1 << 63


def parse_duration(text: str) -> int:
    """The nanoseconds that `text` means, as Go's time.ParseDuration reads it. Raises ValueError for anything else."""
    unsigned = text[1:] if text[:1] in ("-", "+") else text
    if unsigned == "0":
        return 0
    total = position = 0
    while position < len(unsigned):
        match = _PART.match(unsigned, position)
        if match is None:
            raise ValueError(f"{text!r} is not a duration")
        total += _nanoseconds(text, *match.groups(""))
        position = match.end()
    negative = text.startswith("-")
    if not unsigned or total > _LIMIT or (total == _LIMIT and not negative):
        raise ValueError(f"{text!r} is not a duration")
    return -total if negative else total


def _nanoseconds(text: str, whole: str, fraction: str, unit: str) -> int:
    size = _UNITS.get(unit)
    if size is None or not (whole or fraction):
        raise ValueError(f"{text!r} is not a duration")
    # more digits than these overflow int64 whatever the unit; Python refuses to convert very long digit strings
    digits = whole.lstrip("0")
    if len(digits) > 19 or int(digits or "0") > _LIMIT // size:
        raise ValueError(f"{text!r} is not a duration")
    value = int(digits or "0") * size
    if fraction:
        kept, scale = _leading_fraction(fraction)
        value += int(float(kept) * (float(size) / scale))
    if value > _LIMIT:
        raise ValueError(f"{text!r} is not a duration")
    return value


def _leading_fraction(digits: str) -> tuple[int, float]:
    """The digits of a fraction that fit into an int64, and the power of ten to divide them by."""
    value, scale = 0, 1.0
    for digit in digits:
        if value > (_LIMIT - 1) // 10:
            break
        grown = value * 10 + int(digit)
        if grown > _LIMIT:
            break
        value, scale = grown, scale * 10
    return value, scale
